package main

import (
	"context"
	"time"

	v1 "mortise/plugin/v1"

	"github.com/containerd/ttrpc"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// method makes a typed function one that ttrpc can register.
func method[Request, Reply any](
	body func(context.Context, *Request) (*Reply, error),
) ttrpc.Method {
	return func(ctx context.Context, unmarshal func(interface{}) error) (interface{}, error) {
		var request Request
		if err := unmarshal(&request); err != nil {
			return nil, refusal(codes.InvalidArgument, "MalformedRequest", "the message can't be read: %v", err)
		}
		if carrier, carries := any(&request).(interface{ GetCall() *v1.CallContext }); carries {
			// The envelope's timeout is in ctx already; the earlier of the two counts.
			if deadline := carrier.GetCall().GetDeadlineUnixMs(); deadline != 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, time.UnixMilli(deadline))
				defer cancel()
			}
		}
		reply, err := body(ctx, &request)
		if err != nil {
			return nil, err
		}
		return reply, nil
	}
}

// refusal is an error with the stable reason that programs branch on.
func refusal(code codes.Code, reason, format string, arguments ...interface{}) error {
	detailed, err := status.Newf(code, format, arguments...).WithDetails(
		&errdetails.ErrorInfo{Reason: reason, Domain: "mortise"})
	if err != nil {
		// Only OK takes no details, and nothing is refused with OK.
		panic(err)
	}
	return detailed.Err()
}
