// Stock containerd/ttrpc, as the echo peer that EchoCommand.swift describes.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"github.com/gogo/protobuf/proto"
)

// Message is mortise.host.v1.Manifest, as in mortise-echo. Its encoding is written out, as gogo's generator
// does it: reflection would measure something else.
type Message struct {
	Source  string `protobuf:"bytes,1,opt,name=source,proto3"`
	Content []byte `protobuf:"bytes,2,opt,name=content,proto3"`
}

func (m *Message) Reset()         { *m = Message{} }
func (m *Message) String() string { return proto.CompactTextString(m) }
func (*Message) ProtoMessage()    {}

func appendHeader(to []byte, tag byte, length int) []byte {
	to = append(to, tag)
	rest := uint64(length)
	for rest >= 0x80 {
		to = append(to, byte(rest)|0x80)
		rest >>= 7
	}
	return append(to, byte(rest))
}

// Marshal is what proto.Marshal calls where it is there.
func (m *Message) Marshal() ([]byte, error) {
	bytes := make([]byte, 0, len(m.Source)+len(m.Content)+12)
	bytes = append(appendHeader(bytes, 0x0a, len(m.Source)), m.Source...)
	return append(appendHeader(bytes, 0x12, len(m.Content)), m.Content...), nil
}

// Unmarshal is what proto.Unmarshal calls where it is there.
func (m *Message) Unmarshal(bytes []byte) error {
	for len(bytes) > 0 {
		tag := bytes[0]
		length, count := proto.DecodeVarint(bytes[1:])
		if count == 0 || uint64(len(bytes)-1-count) < length {
			return io.ErrUnexpectedEOF
		}
		value := bytes[1+count : 1+count+int(length)]
		switch tag {
		case 0x0a:
			m.Source = string(value)
		case 0x12:
			m.Content = append([]byte(nil), value...)
		default:
			return fmt.Errorf("unknown tag %d", tag)
		}
		bytes = bytes[1+count+int(length):]
	}
	return nil
}

func serve(path string) error {
	server, err := ttrpc.NewServer()
	if err != nil {
		return err
	}
	server.Register("test.Echo", map[string]ttrpc.Method{
		"Echo": func(_ context.Context, unmarshal func(interface{}) error) (interface{}, error) {
			var request Message
			err := unmarshal(&request)
			return &request, err
		},
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

func lanes(client *ttrpc.Client, request *Message, calls, inFlight int) ([]time.Duration, error) {
	share := calls / inFlight
	if share == 0 {
		share = 1
	}
	all := make([][]time.Duration, inFlight)
	failures := make([]error, inFlight)
	var group sync.WaitGroup
	for lane := 0; lane < inFlight; lane++ {
		group.Add(1)
		go func(lane int) {
			defer group.Done()
			latencies := make([]time.Duration, 0, share)
			for i := 0; i < share; i++ {
				var reply Message
				start := time.Now()
				err := client.Call(context.Background(), "test.Echo", "Echo", request, &reply)
				if err != nil || len(reply.Content) != len(request.Content) {
					failures[lane] = fmt.Errorf("call %d: %d bytes, %v", i, len(reply.Content), err)
					return
				}
				latencies = append(latencies, time.Since(start))
			}
			all[lane] = latencies
		}(lane)
	}
	group.Wait()
	var latencies []time.Duration
	for lane := range all {
		if failures[lane] != nil {
			return nil, failures[lane]
		}
		latencies = append(latencies, all[lane]...)
	}
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	return latencies, nil
}

func call(path string, numbers []string) error {
	var load [3]int
	for i, text := range numbers {
		value, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		load[i] = value
	}
	calls, bytes, inFlight := load[0], load[1], load[2]
	connection, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	client := ttrpc.NewClient(connection)
	defer client.Close()
	request := &Message{Source: "k", Content: []byte(strings.Repeat("x", bytes))}
	if _, err := lanes(client, request, calls/10, inFlight); err != nil {
		return err
	}
	fmt.Println("warm")
	input := bufio.NewReader(os.Stdin)
	if _, err := input.ReadString('\n'); err != nil {
		return nil
	}
	start := time.Now()
	latencies, err := lanes(client, request, calls, inFlight)
	if err != nil {
		return err
	}
	elapsed := time.Since(start)
	count := len(latencies)
	fmt.Println(latencies[count/2].Nanoseconds(), latencies[count*99/100].Nanoseconds(),
		latencies[0].Nanoseconds(), elapsed.Nanoseconds())
	_, err = io.Copy(io.Discard, input)
	return err
}

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "serve":
		err = serve(os.Args[2])
	case len(os.Args) == 6 && os.Args[1] == "call":
		err = call(os.Args[2], os.Args[3:])
	default:
		fmt.Fprintln(os.Stderr, "usage: ttrpc-go serve SOCKET | call SOCKET CALLS BYTES IN_FLIGHT")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ttrpc-go:", err)
		os.Exit(1)
	}
}
