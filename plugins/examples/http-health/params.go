package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

const (
	taskType        = "http-healthy"
	taskTypeVersion = "1.0.0"
)

// The host checks params against this before they are sent, but fills in no defaults.
const paramsSchema = `{
  "type": "object",
  "required": ["url"],
  "properties": {
    "url": {"type": "string", "pattern": "^https?://"},
    "status": {"type": "integer", "minimum": 100, "maximum": 599},
    "body": {"type": "string"},
    "successes": {"type": "integer", "minimum": 1, "maximum": 1000},
    "periodMilliseconds": {"type": "integer", "minimum": 10, "maximum": 3600000},
    "requestTimeoutMilliseconds": {"type": "integer", "minimum": 1, "maximum": 600000},
    "timeoutMilliseconds": {"type": "integer", "minimum": 1, "maximum": 86400000}
  }
}`

const outputsSchema = `{
  "type": "object",
  "required": ["url", "status", "requests", "elapsedMilliseconds"],
  "properties": {
    "url": {"type": "string"},
    "status": {"type": "integer"},
    "requests": {"type": "integer"},
    "elapsedMilliseconds": {"type": "integer"}
  }
}`

// params is what a blueprint writes.
type params struct {
	URL string `json:"url"`
	// The answer's code. Redirects are not followed: 302 is an answer like any other.
	Status int `json:"status"`
	// Text that the answer's first 64 KiB have to hold; empty = any will do.
	Body string `json:"body"`
	// Good answers in a row.
	Successes int `json:"successes"`
	// From the end of one request to the beginning of the next.
	PeriodMilliseconds         int `json:"periodMilliseconds"`
	RequestTimeoutMilliseconds int `json:"requestTimeoutMilliseconds"`
	// Of the gate as a whole; then the attempt fails, and another may be made.
	TimeoutMilliseconds int `json:"timeoutMilliseconds"`
}

func (p params) period() time.Duration  { return milliseconds(p.PeriodMilliseconds) }
func (p params) timeout() time.Duration { return milliseconds(p.TimeoutMilliseconds) }
func (p params) requestTimeout() time.Duration {
	return milliseconds(p.RequestTimeoutMilliseconds)
}

func milliseconds(count int) time.Duration { return time.Duration(count) * time.Millisecond }

// parseParams fills in the defaults and tells all that is wrong, by path.
func parseParams(encoded []byte) (params, []string) {
	p := params{
		Status: 200, Successes: 3, PeriodMilliseconds: 1000, RequestTimeoutMilliseconds: 5000,
		TimeoutMilliseconds: 60000,
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return p, []string{"params: " + err.Error()}
	}
	var problems []string
	target, err := url.Parse(p.URL)
	switch {
	case err != nil:
		problems = append(problems, "params.url: "+err.Error())
	case target.Scheme != "http" && target.Scheme != "https":
		problems = append(problems, fmt.Sprintf("params.url: %q must begin with http:// or https://", p.URL))
	case target.Host == "":
		problems = append(problems, fmt.Sprintf("params.url: %q names no host", p.URL))
	}
	for _, number := range []struct {
		name          string
		value, lowest int
	}{
		{"status", p.Status, 100}, {"successes", p.Successes, 1},
		{"periodMilliseconds", p.PeriodMilliseconds, 10},
		{"requestTimeoutMilliseconds", p.RequestTimeoutMilliseconds, 1},
		{"timeoutMilliseconds", p.TimeoutMilliseconds, 1},
	} {
		if number.value < number.lowest {
			problems = append(problems, fmt.Sprintf("params.%s: must be at least %d", number.name, number.lowest))
		}
	}
	return p, problems
}
