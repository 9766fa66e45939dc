// A stock containerd/ttrpc program: the other end in the interoperation tests.
//
//	peer serve SOCKET   serves test.Echo until its standard input ends
//	peer call SOCKET    calls every method of a test.Echo at SOCKET and prints what it saw
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/gogo/protobuf/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Message is ttrpc.KeyValue, which the Swift side uses for its echo as well.
type Message struct {
	Key   string `protobuf:"bytes,1,opt,name=key,proto3"`
	Value string `protobuf:"bytes,2,opt,name=value,proto3"`
}

func (m *Message) Reset()         { *m = Message{} }
func (m *Message) String() string { return proto.CompactTextString(m) }
func (*Message) ProtoMessage()    {}

const service = "test.Echo"

func method(body func(context.Context, *Message) (*Message, error)) ttrpc.Method {
	return func(ctx context.Context, unmarshal func(interface{}) error) (interface{}, error) {
		var request Message
		if err := unmarshal(&request); err != nil {
			return nil, err
		}
		return body(ctx, &request)
	}
}

func serve(path string) error {
	server, err := ttrpc.NewServer()
	if err != nil {
		return err
	}
	server.Register(service, map[string]ttrpc.Method{
		"Echo": method(func(_ context.Context, m *Message) (*Message, error) { return m, nil }),
		"Fail": method(func(_ context.Context, m *Message) (*Message, error) {
			return nil, status.Error(codes.FailedPrecondition, m.Value)
		}),
		"Hang": method(func(ctx context.Context, m *Message) (*Message, error) {
			if _, hasDeadline := ctx.Deadline(); !hasDeadline {
				return nil, status.Error(codes.Internal, "the caller's timeout did not arrive")
			}
			<-ctx.Done()
			return nil, status.Error(codes.DeadlineExceeded, "the handler saw the deadline")
		}),
	})
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	go server.Serve(context.Background(), listener)
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func call(path string) error {
	connection, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	client := ttrpc.NewClient(connection)
	defer client.Close()
	do := func(name string, request *Message, timeout time.Duration) (*Message, error) {
		ctx := context.Background()
		if timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		var reply Message
		err := client.Call(ctx, service, name, request, &reply)
		return &reply, err
	}

	for _, size := range []int{0, 100, 64 << 10, 4<<20 - 100} {
		request := &Message{Key: "k", Value: strings.Repeat("x", size)}
		reply, err := do("Echo", request, time.Minute)
		if err != nil {
			return fmt.Errorf("echo of %d bytes: %w", size, err)
		}
		fmt.Println("echo", size, *reply == *request)
	}
	_, err = do("Echo", &Message{Value: strings.Repeat("x", 4<<20)}, time.Minute)
	fmt.Println("too large", status.Code(err))
	_, err = do("Fail", &Message{Key: "NotYet", Value: "wait for it"}, 0)
	fmt.Println("fail", status.Code(err), status.Convert(err).Message())
	_, err = do("Missing", &Message{}, 0)
	fmt.Println("missing", status.Code(err))
	_, err = do("Hang", &Message{}, 50*time.Millisecond)
	fmt.Println("hang", errors.Is(err, context.DeadlineExceeded) || status.Code(err) == codes.DeadlineExceeded)
	reply, err := do("Echo", &Message{Key: "still", Value: "alive"}, time.Minute)
	if err != nil {
		return err
	}
	fmt.Println("at last", reply.Key, reply.Value)
	return nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: peer serve|call SOCKET")
		os.Exit(2)
	}
	command := map[string]func(string) error{"serve": serve, "call": call}[os.Args[1]]
	if command == nil {
		fmt.Fprintf(os.Stderr, "peer: no command %q\n", os.Args[1])
		os.Exit(2)
	}
	if err := command(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}
