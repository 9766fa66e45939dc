package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestGoodAnswersCountInARow(t *testing.T) {
	g := &gate{params: params{Successes: 2}}
	bad := observation{problem: "no"}
	for index, step := range []struct {
		seen observation
		open bool
	}{{observation{}, false}, {bad, false}, {observation{}, false}, {observation{}, true}} {
		if open := g.observe(step.seen); open != step.open {
			t.Errorf("answer %d: open is %t", index, open)
		}
	}
	g.observe(bad)
	if text := g.progress().Message; text != "0 of 2 good answers in a row; last: no" {
		t.Error(text)
	}
}

func TestWhatIsSeen(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/hangs":
			<-r.Context().Done()
		case "/late":
			// What is wanted comes after what is read.
			w.Write([]byte(strings.Repeat("x", bodyBytesMax) + "well"))
		default:
			w.Write([]byte("all is well"))
		}
	}))
	defer server.Close()
	for _, row := range []struct {
		path    string
		change  func(*params)
		problem string
	}{
		{"/", nil, ""},
		{"/", func(p *params) { p.Body = "is well" }, ""},
		{"/", func(p *params) { p.Body = "is ill" }, `does not hold "is ill"`},
		{"/late", func(p *params) { p.Body = "well" }, "does not hold"},
		{"/moved", nil, "status 302 instead of 200"},
		{"/moved", func(p *params) { p.Status = 302 }, ""},
		{"/hangs", func(p *params) { p.RequestTimeoutMilliseconds = 20 }, "deadline exceeded"},
	} {
		p, problems := parseParams([]byte(`{"url": "` + server.URL + row.path + `"}`))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if row.change != nil {
			row.change(&p)
		}
		seen := ask(context.Background(), p)
		if (row.problem == "") != (seen.problem == "") || !strings.Contains(seen.problem, row.problem) {
			t.Errorf("%s %+v: %q, wanted %q", row.path, p, seen.problem, row.problem)
		}
	}
	server.Close()
	p, _ := parseParams([]byte(`{"url": "` + server.URL + `"}`))
	if seen := ask(context.Background(), p); !strings.Contains(seen.problem, "refused") {
		t.Errorf("%q", seen.problem)
	}
}
