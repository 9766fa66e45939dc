// A Mortise plugin in Go on containerd's stock ttrpc library: the task type http-healthy waits
// until an HTTP endpoint has answered as expected several times in a row.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	socket := flag.String("socket", "", "listen at this path instead of MORTISE_LISTEN_FD, to try the plugin without a host")
	flag.Parse()
	if err := serveHost(*socket); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", pluginName, err)
		os.Exit(1)
	}
}

// serveHost serves until the host asks for the end, is gone, or SIGTERM or SIGINT arrives.
func serveHost(socket string) error {
	listener, err := listen(socket)
	if err != nil {
		return err
	}
	server := newServer(newPlugin(fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano())))
	if number, err := descriptor("MORTISE_LIVENESS_FD"); err == nil {
		go func() {
			// The pipe never holds a byte: reading it returns when the host is gone.
			io.Copy(io.Discard, os.NewFile(number, "liveness"))
			server.plugin.log.info("the host is gone", nil)
			os.Exit(0)
		}()
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		server.stop(defaultGrace)
	}()
	return server.serve(context.Background(), listener)
}

func listen(socket string) (net.Listener, error) {
	if socket != "" {
		return net.Listen("unix", socket)
	}
	number, err := descriptor("MORTISE_LISTEN_FD")
	if err != nil {
		return nil, fmt.Errorf("%w: this plugin is started by a Mortise host; to try it alone: --socket PATH", err)
	}
	file := os.NewFile(number, "listener")
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("MORTISE_LISTEN_FD=%d: %w", number, err)
	}
	return listener, nil
}

func descriptor(variable string) (uintptr, error) {
	text, found := os.LookupEnv(variable)
	if !found {
		return 0, fmt.Errorf("%s is not set", variable)
	}
	number, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%s=%q is no descriptor's number", variable, text)
	}
	return uintptr(number), nil
}
