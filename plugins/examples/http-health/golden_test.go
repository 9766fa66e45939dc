package main

import (
	"bytes"
	"encoding/hex"
	"io"
	_ "mortise/plugin/v1"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/containerd/ttrpc"
	"github.com/gogo/protobuf/proto"
	"google.golang.org/grpc/codes"
)

const golden = "../../../proto/golden"

func readGolden(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(golden, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every message of the plugin's protocol, as protobuf's own runtime encodes it.
func TestGoldenMessages(t *testing.T) {
	seen := 0
	for _, line := range strings.Split(strings.TrimSpace(readGolden(t, "messages.txt")), "\n") {
		parts := strings.Fields(line)
		name, variant, digits := parts[0], parts[1], parts[2]
		if !strings.HasPrefix(name, "mortise.plugin.v1.") {
			continue
		}
		kind := proto.MessageType(name)
		if kind == nil {
			t.Errorf("no Go type for %s", name)
			continue
		}
		wanted, err := hex.DecodeString(strings.TrimPrefix(digits, "-"))
		if err != nil {
			t.Fatal(err)
		}
		message := reflect.New(kind.Elem()).Interface().(proto.Message)
		if err := proto.Unmarshal(wanted, message); err != nil {
			t.Errorf("%s %s: %v", name, variant, err)
			continue
		}
		got, err := proto.Marshal(message)
		if err != nil || !bytes.Equal(got, wanted) {
			t.Errorf("%s %s: %x, %v; wanted %x", name, variant, got, err, wanted)
		}
		seen++
	}
	if seen < 50 {
		t.Errorf("only %d messages in messages.txt", seen)
	}
}

// conversation is a file of proto/golden: what the client sends, and what the server answers.
type conversation struct{ client, server []byte }

func readConversation(t *testing.T, name string) conversation {
	t.Helper()
	var c conversation
	var to *[]byte
	for _, line := range strings.Split(readGolden(t, name), "\n") {
		switch {
		case strings.HasPrefix(line, ">"):
			to = &c.client
		case strings.HasPrefix(line, "<"):
			to = &c.server
		default:
			code, _, _ := strings.Cut(line, "#")
			bytes, err := hex.DecodeString(strings.Join(strings.Fields(code), ""))
			if err != nil {
				t.Fatalf("%s: %q: %v", name, line, err)
			}
			if len(bytes) > 0 {
				*to = append(*to, bytes...)
			}
		}
	}
	return c
}

// answer is what this plugin answers to the client's bytes, as long as what is wanted.
func answer(t *testing.T, said []byte, length int) []byte {
	t.Helper()
	conn, err := net.Dial("unix", startServer(t, newPlugin("plugin-1")))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(said); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, length)
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestGoldenConversations(t *testing.T) {
	for _, name := range []string{"handshake.hex", "error.hex"} {
		wanted := readConversation(t, name)
		if got := answer(t, wanted.client, len(wanted.server)); !bytes.Equal(got, wanted.server) {
			t.Errorf("%s: answered\n%s; wanted\n%s", name, hex.Dump(got), hex.Dump(wanted.server))
		}
	}
}

// ttrpc's own refusals: stream and code are the protocol's, the words are the library's.
func TestGoldenRefusals(t *testing.T) {
	for name, code := range map[string]codes.Code{
		"even-stream.hex": codes.InvalidArgument, "unknown-method.hex": codes.Unimplemented,
	} {
		wanted := readConversation(t, name)
		conn, err := net.Dial("unix", startServer(t, newPlugin("plugin-1")))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(wanted.client); err != nil {
			t.Fatal(err)
		}
		header := make([]byte, 10)
		if _, err := io.ReadFull(conn, header); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(header[4:], wanted.server[4:10]) {
			t.Errorf("%s: stream, type and flags are %x, wanted %x", name, header[4:], wanted.server[4:10])
		}
		body := make([]byte, int(header[2])<<8|int(header[3]))
		if _, err := io.ReadFull(conn, body); err != nil {
			t.Fatal(err)
		}
		var response ttrpc.Response
		if err := proto.Unmarshal(body, &response); err != nil {
			t.Fatal(err)
		}
		if got := codes.Code(response.Status.GetCode()); got != code {
			t.Errorf("%s: code %s, wanted %s", name, got, code)
		}
		conn.Close()
	}
}
