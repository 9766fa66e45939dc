package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v1 "mortise/plugin/v1"

	"github.com/containerd/ttrpc"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Nothing here waits that long unless it is broken.
const patience = 60 * time.Second

// startServer serves the plugin at a socket, which it returns, until the test ends.
func startServer(t *testing.T, p *plugin) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(p)
	done := make(chan error, 1)
	go func() { done <- s.serve(context.Background(), listener) }()
	t.Cleanup(func() {
		s.stop(0)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return path
}

// host is the calling side.
type host struct {
	t      *testing.T
	client *ttrpc.Client
	epoch  uint64
	cursor uint64
}

func connect(t *testing.T, path string) *host {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, client: ttrpc.NewClient(conn), epoch: 1}
	t.Cleanup(func() { h.client.Close() })
	return h
}

// introduced connects and shakes hands.
func introduced(t *testing.T, path string) *host {
	t.Helper()
	h := connect(t, path)
	var reply v1.HandshakeReply
	h.must(h.call("Plugin", "Handshake", &v1.HandshakeRequest{
		ProtocolMajors: []uint32{1}, HostEpoch: 1, Nonce: "n",
	}, &reply))
	if reply.Nonce != "n" || reply.ProtocolMajor != 1 {
		t.Fatalf("handshake: %v", &reply)
	}
	return h
}

func (h *host) call(service, name string, request, reply interface{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return h.client.Call(ctx, "mortise.plugin.v1."+service, name, request, reply)
}

func (h *host) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) context() *v1.CallContext { return &v1.CallContext{HostEpoch: h.epoch} }

func (h *host) execute(task string, attempt uint32, params string) (*v1.TaskReply, error) {
	var reply v1.TaskReply
	err := h.call("Tasks", "Execute", &v1.ExecuteRequest{
		Call: h.context(), TaskId: task, Attempt: attempt, Step: 1, Type: taskType,
		Params: []byte(params),
	}, &reply)
	return &reply, err
}

func (h *host) recover(task string, params string, held *v1.Running) *v1.RecoverReply {
	var reply v1.RecoverReply
	h.t.Helper()
	h.must(h.call("Tasks", "Recover", &v1.RecoverRequest{
		Call: h.context(), TaskId: task, Attempt: 1, Step: 1, Type: taskType,
		Params: []byte(params), Handle: held.GetHandle(), HandleVersion: held.GetHandleVersion(),
	}, &reply))
	return &reply
}

// end waits, by Updates, for the end of a task.
func (h *host) end(task string) *v1.TaskReply {
	h.t.Helper()
	for {
		var reply v1.UpdatesReply
		h.must(h.call("Plugin", "Updates", &v1.UpdatesRequest{
			Call: h.context(), Cursor: h.cursor, WaitMs: uint32(patience.Milliseconds()),
		}, &reply))
		h.cursor = reply.Cursor
		if len(reply.Tasks) == 0 {
			h.t.Fatalf("no news of %s", task)
		}
		for _, update := range reply.Tasks {
			if update.TaskId == task && update.Reply.GetRunning() == nil {
				return update.Reply
			}
		}
	}
}

func wantRefusal(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	got := status.Convert(err)
	found := ""
	for _, detail := range got.Details() {
		if info, isInfo := detail.(*errdetails.ErrorInfo); isInfo {
			found = info.Reason
		}
	}
	if got.Code() != code || found != reason {
		t.Errorf("%s %q (%v), wanted %s %q", got.Code(), found, err, code, reason)
	}
}

// endpoint answers 503 until it was asked that many times, then 200 "all is well".
func endpoint(t *testing.T, badAnswers int64) (string, *int64) {
	t.Helper()
	asked := new(int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if atomic.AddInt64(asked, 1) <= badAnswers {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("all is well"))
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func quick(url string, more string) string {
	return `{"url": "` + url + `", "periodMilliseconds": 10` + more + `}`
}

func TestHandshakeComesFirst(t *testing.T) {
	path := startServer(t, newPlugin("p"))
	h := connect(t, path)
	_, err := h.execute("a", 1, `{}`)
	wantRefusal(t, err, codes.FailedPrecondition, "HandshakeRequired")
	err = h.call("Plugin", "Handshake", &v1.HandshakeRequest{ProtocolMajors: []uint32{2, 3}}, &v1.HandshakeReply{})
	wantRefusal(t, err, codes.FailedPrecondition, "NoCommonProtocol")
	introduced(t, path)
	// The other connection's handshake is not this one's.
	err = h.call("Plugin", "Describe", &v1.DescribeRequest{}, &v1.DescribeReply{})
	wantRefusal(t, err, codes.FailedPrecondition, "HandshakeRequired")
}

func TestReplacedHostIsRefused(t *testing.T) {
	path := startServer(t, newPlugin("p"))
	old := introduced(t, path)
	connected := connect(t, path)
	connected.must(connected.call("Plugin", "Handshake", &v1.HandshakeRequest{
		ProtocolMajors: []uint32{1}, HostEpoch: 2,
	}, &v1.HandshakeReply{}))
	_, err := old.execute("a", 1, `{"url": "http://localhost"}`)
	wantRefusal(t, err, codes.FailedPrecondition, "StaleHostEpoch")
}

func TestDescription(t *testing.T) {
	h := introduced(t, startServer(t, newPlugin("p")))
	var reply v1.DescribeReply
	h.must(h.call("Plugin", "Describe", &v1.DescribeRequest{Call: h.context()}, &reply))
	if reply.Name != "http-health" || len(reply.TaskTypes) != 1 {
		t.Fatalf("%v", &reply)
	}
	for _, schema := range [][]byte{reply.TaskTypes[0].ParamsSchema, reply.TaskTypes[0].OutputsSchema} {
		if !json.Valid(schema) {
			t.Errorf("no JSON: %s", schema)
		}
	}
}

func TestGateOpensAndTellsSo(t *testing.T) {
	url, asked := endpoint(t, 2)
	h := introduced(t, startServer(t, newPlugin("p")))
	params := quick(url, `, "successes": 2, "body": "well"`)
	reply, err := h.execute("a", 1, params)
	h.must(err)
	if reply.GetRunning() == nil {
		t.Fatalf("Execute answered %v", reply)
	}
	var outputs struct{ Status, Requests int }
	complete := h.end("a").GetComplete()
	h.must(json.Unmarshal(complete.GetOutputs(), &outputs))
	if outputs.Status != 200 || outputs.Requests != 4 || atomic.LoadInt64(asked) != 4 {
		t.Errorf("%s after %d requests", complete.GetOutputs(), atomic.LoadInt64(asked))
	}
	var news v1.UpdatesReply
	h.must(h.call("Plugin", "Updates", &v1.UpdatesRequest{Call: h.context(), Cursor: h.cursor}, &news))
	if len(news.Tasks) > 0 {
		t.Errorf("told again: %v", &news)
	}
	// The same delivery again is joined, not run again.
	again, err := h.execute("a", 1, params)
	h.must(err)
	if again.GetComplete() == nil || h.recover("a", params, nil).State != v1.RecoveredState_RECOVERED_STATE_FINISHED {
		t.Errorf("a second Execute answered %v", again)
	}
	if atomic.LoadInt64(asked) != 4 {
		t.Error("the endpoint was asked again")
	}
}

func TestGateThatStaysShut(t *testing.T) {
	url, _ := endpoint(t, 1<<40)
	h := introduced(t, startServer(t, newPlugin("p")))
	_, err := h.execute("a", 1, quick(url, `, "timeoutMilliseconds": 50`))
	h.must(err)
	failed := h.end("a").GetFailed()
	if failed.GetReason() != "NotHealthy" || !failed.Transient {
		t.Errorf("%v", failed)
	}
}

func TestCancelAndForget(t *testing.T) {
	url, _ := endpoint(t, 1<<40)
	h := introduced(t, startServer(t, newPlugin("p")))
	_, err := h.execute("a", 1, quick(url, ""))
	h.must(err)
	h.must(h.call("Tasks", "Cancel", &v1.CancelRequest{Call: h.context(), TaskId: "a", Attempt: 1}, &v1.CancelReply{}))
	if failed := h.end("a").GetFailed(); failed.GetReason() != "Cancelled" || failed.Transient {
		t.Errorf("%v", failed)
	}
	h.must(h.call("Tasks", "Forget", &v1.ForgetRequest{Call: h.context(), TaskIds: []string{"a"}}, &v1.ForgetReply{}))
	if state := h.recover("a", quick(url, ""), nil).State; state != v1.RecoveredState_RECOVERED_STATE_NOT_STARTED {
		t.Errorf("a forgotten task is %s", state)
	}
}

func TestNextProcessGoesOn(t *testing.T) {
	url, _ := endpoint(t, 3)
	params := quick(url, "")
	first := newPlugin("first")
	h := introduced(t, startServer(t, first))
	reply, err := h.execute("a", 1, params)
	h.must(err)
	held := reply.GetRunning()
	h.must(h.call("Plugin", "Shutdown", &v1.ShutdownRequest{Call: h.context(), GraceMs: 5000}, &v1.ShutdownReply{}))
	// A gate that is handed over has not ended: nobody may be told so.
	if handedOver, _ := first.runs.find(runKey{"a", 1}); handedOver.GetRunning() == nil {
		t.Errorf("Shutdown ended the gate: %v", handedOver)
	}

	second := newPlugin("second")
	next := introduced(t, startServer(t, second))
	next.cursor = h.cursor
	if state := next.recover("a", params, held).State; state != v1.RecoveredState_RECOVERED_STATE_RUNNING {
		t.Fatalf("recovered as %s", state)
	}
	if next.end("a").GetComplete() == nil {
		t.Error("the gate did not open in the second process")
	}
	// Its time began in the first process.
	old, err := json.Marshal(handle{StartedUnixMS: time.Now().Add(-time.Hour).UnixMilli()})
	next.must(err)
	next.recover("b", params, &v1.Running{Handle: old, HandleVersion: handleVersion})
	if next.end("b").GetFailed().GetReason() != "NotHealthy" {
		t.Error("a gate whose time is over still opens")
	}
	unreadable := next.recover("c", params, &v1.Running{Handle: []byte("?"), HandleVersion: 9})
	if unreadable.State != v1.RecoveredState_RECOVERED_STATE_UNKNOWN {
		t.Errorf("an unreadable handle is %s", unreadable.State)
	}
}

func TestGatesAtOnceAreBounded(t *testing.T) {
	rs := newRuns(1)
	defer rs.stop()
	wait := func(ctx context.Context, _ func(*v1.Progress)) *v1.TaskReply {
		<-ctx.Done()
		return failed("Cancelled", "", false)
	}
	for attempt := uint32(1); attempt <= runsMax; attempt++ {
		if _, err := rs.start(runKey{"a", attempt}, &v1.Running{}, wait); err != nil {
			t.Fatal(err)
		}
	}
	_, err := rs.start(runKey{"one too many", 1}, &v1.Running{}, wait)
	wantRefusal(t, err, codes.ResourceExhausted, "TooManyGates")
	rs.forget([]string{"a"})
	if _, err := rs.start(runKey{"one too many", 1}, &v1.Running{}, wait); err != nil {
		t.Error(err)
	}
}

func TestForeignCursorResets(t *testing.T) {
	h := introduced(t, startServer(t, newPlugin("p")))
	var reply v1.UpdatesReply
	h.must(h.call("Plugin", "Updates", &v1.UpdatesRequest{
		Call: h.context(), Cursor: 7, WaitMs: uint32(patience.Milliseconds()),
	}, &reply))
	if !reply.Reset_ || reply.Cursor == 0 {
		t.Errorf("%v", &reply)
	}
	h.must(h.call("Plugin", "Updates", &v1.UpdatesRequest{Call: h.context(), Cursor: reply.Cursor}, &reply))
	if reply.Reset_ || len(reply.Tasks) > 0 {
		t.Errorf("nothing happened, but %v", &reply)
	}
}

func TestBadParams(t *testing.T) {
	h := introduced(t, startServer(t, newPlugin("p")))
	for params, problem := range map[string]string{
		`{"url": "ftp://x"}`:                    "must begin with http",
		`{"url": "http://"}`:                    "names no host",
		`{"url": "http://x", "succeses": 3}`:    "succeses",
		`{"url": "http://x", "successes": 0}`:   "params.successes",
		`{"url": "http://x", "status": "good"}`: "status",
		``:                                      "params",
	} {
		_, err := h.execute("a", 1, params)
		wantRefusal(t, err, codes.InvalidArgument, "InvalidParams")
		var reply v1.ValidateReply
		h.must(h.call("Tasks", "Validate", &v1.ValidateRequest{
			Call: h.context(), Type: taskType, Params: []byte(params),
		}, &reply))
		if len(reply.Problems) != 1 || !strings.Contains(reply.Problems[0], problem) {
			t.Errorf("%s: %q", params, reply.Problems)
		}
	}
	err := h.call("Tasks", "Execute", &v1.ExecuteRequest{Call: h.context(), Type: "other"}, &v1.TaskReply{})
	wantRefusal(t, err, codes.Unimplemented, "UnknownTaskType")
}
