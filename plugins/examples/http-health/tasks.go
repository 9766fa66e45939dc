package main

import (
	"context"
	"encoding/json"
	"time"

	v1 "mortise/plugin/v1"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
)

const (
	pluginName    = "http-health"
	pluginVersion = "1.0.0"
	handleVersion = 1
)

// handle is what the host keeps of a gate that runs, and gives to Recover.
type handle struct {
	StartedUnixMS int64 `json:"startedUnixMS"`
}

// RecoveryComplete, Expand and Revert are not here: ttrpc answers them with UNIMPLEMENTED.
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
			Type: taskType, Version: taskTypeVersion,
			ParamsSchema: []byte(paramsSchema), OutputsSchema: []byte(outputsSchema),
			Acts: v1.Acts_ACTS_EXTERNALLY,
			// It only looks: asking twice does nothing twice.
			Idempotent: true, MaxConcurrent: runsMax, Capabilities: []string{"cancel"},
		}},
	}, nil
}

// configure takes no settings and keeps no files, so there is nothing that could be wrong.
func (s *session) configure(_ context.Context, r *v1.ConfigureRequest) (*v1.ConfigureReply, error) {
	return &v1.ConfigureReply{}, s.admit(r.Call)
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
		return nil, refusal(codes.Unimplemented, "DryRunUnsupported", "%s changes nothing that could be shown", taskType)
	}
	if r.TaskId == "" || r.Attempt == 0 {
		return nil, refusal(codes.InvalidArgument, "MissingField", "task_id and attempt must be set")
	}
	return s.start(r.TaskId, r.Attempt, r.Params, time.Now())
}

// recover finds the gate in this process, or goes on with one of an earlier process, whose handle
// says when its time began.
func (s *session) recover(_ context.Context, r *v1.RecoverRequest) (*v1.RecoverReply, error) {
	if err := s.admitType(r.Call, r.Type); err != nil {
		return nil, err
	}
	if reply, found := s.plugin.runs.find(runKey{r.TaskId, r.Attempt}); found {
		return recovered(reply), nil
	}
	if len(r.Handle) == 0 {
		// No handle reached the host and no gate is here: nothing looks, and nothing was done.
		return &v1.RecoverReply{State: v1.RecoveredState_RECOVERED_STATE_NOT_STARTED}, nil
	}
	var known handle
	if r.HandleVersion != handleVersion || json.Unmarshal(r.Handle, &known) != nil {
		return &v1.RecoverReply{State: v1.RecoveredState_RECOVERED_STATE_UNKNOWN}, nil
	}
	reply, err := s.start(r.TaskId, r.Attempt, r.Params, time.UnixMilli(known.StartedUnixMS))
	if err != nil {
		return nil, err
	}
	return recovered(reply), nil
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

func (s *session) start(id string, attempt uint32, encoded []byte, started time.Time) (*v1.TaskReply, error) {
	params, problems := parseParams(encoded)
	if len(problems) > 0 {
		return nil, refusal(codes.InvalidArgument, "InvalidParams", "%s: %s", taskType, problems[0])
	}
	held, err := json.Marshal(handle{StartedUnixMS: started.UnixMilli()})
	if err != nil {
		return nil, err
	}
	running := &v1.Running{Handle: held, HandleVersion: handleVersion}
	return s.plugin.runs.start(runKey{id, attempt}, running, func(ctx context.Context, report func(*v1.Progress)) *v1.TaskReply {
		return watch(ctx, params, started, report)
	})
}
