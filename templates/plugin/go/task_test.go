package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestGreet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "greeting")
	reply := greet(context.Background(), params{File: file, Name: "World"})
	if reply.GetComplete() == nil {
		t.Fatalf("the task led to %v", reply)
	}
	if written, _ := os.ReadFile(file); string(written) != "Hello, World!" {
		t.Errorf("%q was written", written)
	}
}

func TestACancelledGreetingIsNotWritten(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	reply := greet(ctx, params{File: "/nonexistent/greeting", Name: "World", Seconds: 3600})
	if reply.GetFailed().GetReason() != "Cancelled" {
		t.Errorf("the task led to %v", reply)
	}
}

func TestParamsThatAreMissingAreNamed(t *testing.T) {
	if _, problems := parseParams([]byte(`{"name": "World"}`)); len(problems) != 1 {
		t.Errorf("the problems are %q", problems)
	}
}
