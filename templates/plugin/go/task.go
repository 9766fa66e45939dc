package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"time"

	v1 "mortise/plugin/v1"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
)

const (
	pluginName    = "@name@"
	pluginVersion = "1.0.0"
	taskType      = "@name@-greet"
)

const paramsSchema = `{
  "type": "object",
  "required": ["file", "name"],
  "properties": {
    "file": {"type": "string", "pattern": "^/"},
    "name": {"type": "string", "minLength": 1},
    "seconds": {"type": "integer", "minimum": 0}
  }
}`

const outputsSchema = `{
  "type": "object",
  "required": ["greeting"],
  "properties": {"greeting": {"type": "string"}}
}`

// params is what a blueprint writes.
type params struct {
	File string `json:"file"`
	Name string `json:"name"`
	// How long to wait before the greeting is written.
	Seconds int `json:"seconds"`
}

// parseParams tells all that is wrong, by path.
func parseParams(encoded []byte) (params, []string) {
	var p params
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return p, []string{"params: " + err.Error()}
	}
	var problems []string
	if p.File == "" {
		problems = append(problems, "params.file is missing")
	}
	if p.Name == "" {
		problems = append(problems, "params.name is missing")
	}
	return p, problems
}

// greet does the work. The same file with the same content, however often: the type is idempotent.
func greet(ctx context.Context, p params) *v1.TaskReply {
	select {
	case <-time.After(time.Duration(p.Seconds) * time.Second):
	case <-ctx.Done():
		return failed("Cancelled", "the greeting was cancelled", false)
	}
	greeting := "Hello, " + p.Name + "!"
	if err := os.WriteFile(p.File, []byte(greeting), 0o644); err != nil {
		return failed("WriteFailed", err.Error(), true)
	}
	outputs, err := json.Marshal(map[string]string{"greeting": greeting})
	if err != nil {
		return failed("UnhandledError", err.Error(), false)
	}
	return &v1.TaskReply{Outcome: &v1.TaskReply_Complete{Complete: &v1.Complete{Outputs: outputs}}}
}

// What is not here is answered with UNIMPLEMENTED.
func (s *session) taskMethods() map[string]ttrpc.Method {
	return map[string]ttrpc.Method{
		"Validate": method(s.validate),
		"Execute":  method(s.execute),
		"Cancel":   method(s.cancel),
		"Recover":  method(s.recover),
		"Forget":   method(s.forget),
	}
}

func (s *session) describe(_ context.Context, r *v1.DescribeRequest) (*v1.DescribeReply, error) {
	if err := s.admit(r.Call); err != nil {
		return nil, err
	}
	return &v1.DescribeReply{
		Name: pluginName, Version: pluginVersion,
		TaskTypes: []*v1.TaskTypeDescription{{
			Type: taskType, Version: "1.0.0",
			ParamsSchema: []byte(paramsSchema), OutputsSchema: []byte(outputsSchema),
			Acts: v1.Acts_ACTS_EXTERNALLY, Idempotent: true, Capabilities: []string{"cancel"},
		}},
	}, nil
}

// configure takes no settings and keeps no files.
func (s *session) configure(_ context.Context, r *v1.ConfigureRequest) (*v1.ConfigureReply, error) {
	return &v1.ConfigureReply{}, s.admit(r.Call)
}

func (s *session) admitType(call *v1.CallContext, name string) error {
	if err := s.admit(call); err != nil {
		return err
	}
	if name != taskType {
		return refusal(codes.Unimplemented, "UnknownTaskType", "this plugin has no task type %q", name)
	}
	return nil
}

func (s *session) validate(_ context.Context, r *v1.ValidateRequest) (*v1.ValidateReply, error) {
	if err := s.admitType(r.Call, r.Type); err != nil {
		return nil, err
	}
	_, problems := parseParams(r.Params)
	return &v1.ValidateReply{Problems: problems}, nil
}

func (s *session) execute(_ context.Context, r *v1.ExecuteRequest) (*v1.TaskReply, error) {
	if err := s.admitType(r.Call, r.Type); err != nil {
		return nil, err
	}
	if r.DryRun {
		return nil, refusal(codes.Unimplemented, "NoDryRun", "%s can't show what it would do", taskType)
	}
	if r.TaskId == "" || r.Attempt == 0 {
		return nil, refusal(codes.InvalidArgument, "MissingField", "task_id and attempt must be set")
	}
	p, problems := parseParams(r.Params)
	if len(problems) > 0 {
		return nil, refusal(codes.InvalidArgument, "InvalidParams", "%s: %s", taskType, problems[0])
	}
	return s.plugin.runs.start(
		runKey{r.TaskId, r.Attempt}, &v1.Running{},
		func(ctx context.Context, _ func(*v1.Progress)) *v1.TaskReply { return greet(ctx, p) })
}

// recover knows the runs of this process. Of an earlier one's it can't tell: the host executes an
// idempotent type again.
func (s *session) recover(_ context.Context, r *v1.RecoverRequest) (*v1.RecoverReply, error) {
	if err := s.admitType(r.Call, r.Type); err != nil {
		return nil, err
	}
	if reply, found := s.plugin.runs.find(runKey{r.TaskId, r.Attempt}); found {
		return recovered(reply), nil
	}
	return &v1.RecoverReply{State: v1.RecoveredState_RECOVERED_STATE_UNKNOWN}, nil
}
