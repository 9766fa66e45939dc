package main

import (
	"context"
	"sync"
	"time"

	v1 "mortise/plugin/v1"

	"google.golang.org/grpc/codes"
)

const (
	// Gates at once; a gate is a goroutine and one request at a time.
	runsMax = 256
	// Ends that are kept until the host forgets them; beyond it the oldest go, and Recover looks anew.
	endsMax = 4096
)

// runKey is the protocol's idempotency key.
type runKey struct {
	task    string
	attempt uint32
}

// run is a gate that was begun in this process: its reply is Running until it has ended.
type run struct {
	reply  *v1.TaskReply
	cancel context.CancelFunc
	// The cursor of its last change.
	changed uint64
}

func (r *run) ended() bool { return r.reply.GetRunning() == nil }

// runs holds the gates of this process and tells the host what became of them. News are not queued:
// a reader gets the present state of whatever changed after its cursor, so nothing overflows.
type runs struct {
	mu       sync.Mutex
	byKey    map[runKey]*run
	first    uint64
	last     uint64
	changed  chan struct{}
	stopping bool
}

// newRuns takes a first cursor that is higher than any of an earlier process.
func newRuns(first uint64) *runs {
	return &runs{byKey: map[runKey]*run{}, first: first, last: first, changed: make(chan struct{})}
}

// start begins the work, or joins what has that key already.
func (rs *runs) start(
	key runKey, running *v1.Running,
	work func(ctx context.Context, report func(*v1.Progress)) *v1.TaskReply,
) (*v1.TaskReply, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if known, found := rs.byKey[key]; found {
		return known.reply, nil
	}
	if rs.stopping {
		return nil, refusal(codes.Unavailable, "ShuttingDown", "nothing was begun: the plugin is shutting down")
	}
	live := 0
	for _, other := range rs.byKey {
		if !other.ended() {
			live++
		}
	}
	if live >= runsMax {
		return nil, refusal(codes.ResourceExhausted, "TooManyGates", "nothing was begun: %d gates run already", live)
	}
	ctx, cancel := context.WithCancel(context.Background())
	begun := &run{cancel: cancel, reply: &v1.TaskReply{Outcome: &v1.TaskReply_Running{Running: running}}}
	rs.byKey[key] = begun
	go func() {
		defer cancel()
		end := work(ctx, func(progress *v1.Progress) {
			rs.set(key, begun, &v1.TaskReply{Outcome: &v1.TaskReply_Running{Running: &v1.Running{
				Handle: running.Handle, HandleVersion: running.HandleVersion, Progress: progress,
			}}})
		})
		rs.set(key, begun, end)
	}()
	return begun.reply, nil
}

// set changes a run and wakes whoever waits for news, unless it was forgotten or handed over.
func (rs *runs) set(key runKey, of *run, reply *v1.TaskReply) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.byKey[key] != of || rs.stopping {
		return
	}
	rs.last++
	of.reply, of.changed = reply, rs.last
	if of.ended() {
		rs.dropOldestEnd()
	}
	close(rs.changed)
	rs.changed = make(chan struct{})
}

func (rs *runs) dropOldestEnd() {
	ends := 0
	var oldest runKey
	var cursor uint64
	for key, other := range rs.byKey {
		if !other.ended() {
			continue
		}
		ends++
		if cursor == 0 || other.changed < cursor {
			oldest, cursor = key, other.changed
		}
	}
	if ends > endsMax {
		delete(rs.byKey, oldest)
	}
}

func (rs *runs) find(key runKey) (*v1.TaskReply, bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	known, found := rs.byKey[key]
	if !found {
		return nil, false
	}
	return known.reply, true
}

// cancel asks a gate to end; its end is told like any other.
func (rs *runs) cancel(key runKey) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if known, found := rs.byKey[key]; found {
		known.cancel()
	}
}

func (rs *runs) forget(tasks []string) {
	gone := map[string]bool{}
	for _, task := range tasks {
		gone[task] = true
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for key, known := range rs.byKey {
		if gone[key.task] {
			known.cancel()
			delete(rs.byKey, key)
		}
	}
}

// stop ends the gates without a word: the host asks the next process, and hands it their handles.
func (rs *runs) stop() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.stopping = true
	for _, known := range rs.byKey {
		known.cancel()
	}
	close(rs.changed)
	rs.changed = make(chan struct{})
}

// wait answers as soon as something changed after the cursor, else when the time is over.
func (rs *runs) wait(ctx context.Context, cursor uint64, patience time.Duration) *v1.UpdatesReply {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		reply, changed, stopping := rs.news(cursor)
		if reply.Reset_ || len(reply.Tasks) > 0 || stopping {
			return reply
		}
		select {
		case <-changed:
		case <-timer.C:
			return reply
		case <-ctx.Done():
			return reply
		}
	}
}

func (rs *runs) news(cursor uint64) (*v1.UpdatesReply, <-chan struct{}, bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	isForeign := cursor != 0 && (cursor < rs.first || cursor > rs.last)
	if isForeign {
		cursor = 0
	}
	reply := &v1.UpdatesReply{Cursor: rs.last, Reset_: isForeign}
	for key, known := range rs.byKey {
		if known.changed > cursor {
			reply.Tasks = append(reply.Tasks, &v1.TaskUpdate{
				TaskId: key.task, Attempt: key.attempt, Reply: known.reply,
			})
		}
	}
	return reply, rs.changed, rs.stopping
}

func recovered(reply *v1.TaskReply) *v1.RecoverReply {
	state := v1.RecoveredState_RECOVERED_STATE_FINISHED
	if reply.GetRunning() != nil {
		state = v1.RecoveredState_RECOVERED_STATE_RUNNING
	}
	return &v1.RecoverReply{State: state, Reply: reply}
}

func failed(reason, message string, transient bool) *v1.TaskReply {
	return &v1.TaskReply{Outcome: &v1.TaskReply_Failed{
		Failed: &v1.Failed{Reason: reason, Message: message, Transient: transient},
	}}
}
