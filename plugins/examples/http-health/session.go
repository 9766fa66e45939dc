package main

import (
	"context"
	"sync"
	"time"

	v1 "mortise/plugin/v1"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
)

const protocolMajor = 1

// plugin is what all connections share.
type plugin struct {
	instance string
	runs     *runs
	log      *logger
	// Ends the process once the answer that is being made has left.
	stop func(grace time.Duration)

	mu           sync.Mutex
	highestEpoch uint64
}

func newPlugin(instance string) *plugin {
	return &plugin{
		instance: instance, runs: newRuns(uint64(time.Now().UnixMicro())), log: newLogger(),
	}
}

// checkEpoch refuses a host that another one has replaced.
func (p *plugin) checkEpoch(epoch uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if epoch < p.highestEpoch {
		return refusal(codes.FailedPrecondition, "StaleHostEpoch",
			"host epoch %d was replaced by %d; this host must stop", epoch, p.highestEpoch)
	}
	p.highestEpoch = epoch
	return nil
}

// session is a connection: the first call on it must be Handshake.
type session struct {
	plugin *plugin

	mu      sync.Mutex
	greeted bool
	epoch   uint64
}

// admit is what every call but Handshake begins with.
func (s *session) admit(call *v1.CallContext) error {
	s.mu.Lock()
	greeted, epoch := s.greeted, s.epoch
	s.mu.Unlock()
	if !greeted {
		return refusal(codes.FailedPrecondition, "HandshakeRequired", "Handshake comes first")
	}
	if named := call.GetHostEpoch(); named != 0 {
		epoch = named
	}
	return s.plugin.checkEpoch(epoch)
}

func (s *session) pluginMethods() map[string]ttrpc.Method {
	return map[string]ttrpc.Method{
		"Handshake": method(s.handshake),
		"Describe":  method(s.describe),
		"Configure": method(s.configure),
		"Health":    method(s.health),
		"Updates":   method(s.updates),
		"Shutdown":  method(s.shutdown),
	}
}

func (s *session) handshake(_ context.Context, r *v1.HandshakeRequest) (*v1.HandshakeReply, error) {
	common := false
	for _, major := range r.ProtocolMajors {
		common = common || major == protocolMajor
	}
	if !common {
		return nil, refusal(codes.FailedPrecondition, "NoCommonProtocol",
			"this plugin speaks major %d of mortise.plugin, the host %v", protocolMajor, r.ProtocolMajors)
	}
	if err := s.plugin.checkEpoch(r.HostEpoch); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.greeted, s.epoch = true, r.HostEpoch
	s.mu.Unlock()
	return &v1.HandshakeReply{
		ProtocolMajor: protocolMajor, PluginInstance: s.plugin.instance, Nonce: r.Nonce,
	}, nil
}

func (s *session) health(_ context.Context, r *v1.HealthRequest) (*v1.HealthReply, error) {
	return &v1.HealthReply{Status: v1.HealthStatus_HEALTH_STATUS_SERVING}, s.admit(r.Call)
}

func (s *session) updates(ctx context.Context, r *v1.UpdatesRequest) (*v1.UpdatesReply, error) {
	if err := s.admit(r.Call); err != nil {
		return nil, err
	}
	return s.plugin.runs.wait(ctx, r.Cursor, time.Duration(r.WaitMs)*time.Millisecond), nil
}

func (s *session) shutdown(_ context.Context, r *v1.ShutdownRequest) (*v1.ShutdownReply, error) {
	if err := s.admit(r.Call); err != nil {
		return nil, err
	}
	go s.plugin.stop(time.Duration(r.GraceMs) * time.Millisecond)
	return &v1.ShutdownReply{}, nil
}

func (s *session) cancel(_ context.Context, r *v1.CancelRequest) (*v1.CancelReply, error) {
	if err := s.admit(r.Call); err != nil {
		return nil, err
	}
	s.plugin.runs.cancel(runKey{r.TaskId, r.Attempt})
	return &v1.CancelReply{}, nil
}

func (s *session) forget(_ context.Context, r *v1.ForgetRequest) (*v1.ForgetReply, error) {
	if err := s.admit(r.Call); err != nil {
		return nil, err
	}
	s.plugin.runs.forget(r.TaskIds)
	return &v1.ForgetReply{}, nil
}
