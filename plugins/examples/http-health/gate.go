package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	v1 "mortise/plugin/v1"
)

// Of an answer's body, read at most.
const bodyBytesMax = 64 << 10

// observation is what one request found: a problem, or none.
type observation struct {
	problem string
}

// gate counts good answers in a row. It knows no clock and no network.
type gate struct {
	params   params
	requests int
	streak   int
	last     observation
}

// observe takes what a request found and says whether the gate is open.
func (g *gate) observe(seen observation) bool {
	g.requests++
	g.last = seen
	if seen.problem != "" {
		g.streak = 0
		return false
	}
	g.streak++
	return g.streak >= g.params.Successes
}

func (g *gate) progress() *v1.Progress {
	text := fmt.Sprintf("%d of %d good answers in a row", g.streak, g.params.Successes)
	if g.last.problem != "" {
		text += "; last: " + g.last.problem
	}
	return &v1.Progress{Message: text, Percent: uint32(100 * g.streak / g.params.Successes)}
}

// watch asks until the gate is open, its time is over, or it is cancelled.
func watch(ctx context.Context, p params, started time.Time, report func(*v1.Progress)) *v1.TaskReply {
	ctx, cancel := context.WithDeadline(ctx, started.Add(p.timeout()))
	defer cancel()
	g := &gate{params: p}
	told := ""
	for {
		seen := ask(ctx, p)
		if ctx.Err() != nil {
			return unopened(ctx, g)
		}
		if g.observe(seen) {
			return opened(g, time.Since(started))
		}
		// A gate may stay shut for hours with the same answer: only what is new is told.
		if progress := g.progress(); progress.Message != told {
			told = progress.Message
			report(progress)
		}
		select {
		case <-time.After(p.period()):
		case <-ctx.Done():
			return unopened(ctx, g)
		}
	}
}

func opened(g *gate, elapsed time.Duration) *v1.TaskReply {
	outputs, err := json.Marshal(map[string]interface{}{
		"url": g.params.URL, "status": g.params.Status, "requests": g.requests,
		"elapsedMilliseconds": elapsed.Milliseconds(),
	})
	if err != nil {
		panic(err)
	}
	return &v1.TaskReply{Outcome: &v1.TaskReply_Complete{Complete: &v1.Complete{Outputs: outputs}}}
}

func unopened(ctx context.Context, g *gate) *v1.TaskReply {
	if ctx.Err() == context.Canceled {
		return failed("Cancelled", "the gate was cancelled", false)
	}
	last := g.last.problem
	if last == "" {
		last = fmt.Sprintf("%d of %d good answers in a row", g.streak, g.params.Successes)
	}
	return failed("NotHealthy", fmt.Sprintf("%s was not healthy within %s, after %d requests: %s",
		g.params.URL, g.params.timeout(), g.requests, last), true)
}

// Each request has a connection of its own: whether one can be made is part of the question. What
// the environment says of proxies is not asked: the gate looks at the endpoint itself.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func ask(ctx context.Context, p params) observation {
	ctx, cancel := context.WithTimeout(ctx, p.requestTimeout())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL, nil)
	if err != nil {
		return observation{problem: err.Error()}
	}
	request.Header.Set("User-Agent", "mortise-http-health/"+pluginVersion)
	response, err := client.Do(request)
	if err != nil {
		return observation{problem: err.Error()}
	}
	defer response.Body.Close()
	if response.StatusCode != p.Status {
		return observation{problem: fmt.Sprintf("status %d instead of %d", response.StatusCode, p.Status)}
	}
	if p.Body == "" {
		return observation{}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyBytesMax))
	if err != nil {
		return observation{problem: "its body can't be read: " + err.Error()}
	}
	if !bytes.Contains(body, []byte(p.Body)) {
		return observation{problem: fmt.Sprintf("its body does not hold %q", p.Body)}
	}
	return observation{}
}
