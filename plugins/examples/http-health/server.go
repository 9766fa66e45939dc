package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"golang.org/x/sys/unix"
)

const (
	// The host holds one connection, and a second one while it replaces a lost one.
	connectionsMax = 64
	defaultGrace   = 5 * time.Second
)

// server accepts connections and gives each a ttrpc server of its own: the protocol wants a
// handshake on every connection, and ttrpc doesn't tell a handler which connection called.
type server struct {
	plugin *plugin

	mu          sync.Mutex
	listener    net.Listener
	connections map[*ttrpc.Server]struct{}
	stopping    bool
	stopped     chan struct{}
}

func newServer(p *plugin) *server {
	s := &server{
		plugin: p, connections: map[*ttrpc.Server]struct{}{}, stopped: make(chan struct{}),
	}
	p.stop = s.stop
	return s
}

// serve returns when stop is done.
func (s *server) serve(ctx context.Context, listener net.Listener) error {
	s.mu.Lock()
	s.listener = listener
	s.mu.Unlock()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if s.isStopping() {
				<-s.stopped
				return nil
			}
			return fmt.Errorf("accept: %w", err)
		}
		if err := s.serveConnection(ctx, conn); err != nil {
			s.plugin.log.warning("a connection was refused", fields{"error": err.Error()})
			conn.Close()
		}
	}
}

func (s *server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

func (s *server) serveConnection(ctx context.Context, conn net.Conn) error {
	one := &oneConnection{conn: conn}
	rpc, err := ttrpc.NewServer(ttrpc.WithServerHandshaker(one))
	if err != nil {
		return err
	}
	one.onClose = func() {
		s.mu.Lock()
		delete(s.connections, rpc)
		s.mu.Unlock()
	}
	session := &session{plugin: s.plugin}
	rpc.Register("mortise.plugin.v1.Plugin", session.pluginMethods())
	rpc.Register("mortise.plugin.v1.Tasks", session.taskMethods())

	s.mu.Lock()
	if s.stopping || len(s.connections) >= connectionsMax {
		s.mu.Unlock()
		return errors.New("shutting down, or too many connections")
	}
	s.connections[rpc] = struct{}{}
	// Serve calls Handshake on this goroutine, which takes the lock for whom it refuses.
	s.mu.Unlock()
	// Returns when oneConnection has no second one; the connection lives on in its goroutine.
	rpc.Serve(ctx, one)
	return nil
}

// stop takes no more calls, lets those in flight be answered within the grace, and makes serve
// return. Gates go on in the next process: their handles tell it when they began.
func (s *server) stop(grace time.Duration) {
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return
	}
	s.stopping = true
	s.listener.Close()
	var open []*ttrpc.Server
	for rpc := range s.connections {
		open = append(open, rpc)
	}
	s.mu.Unlock()

	s.plugin.runs.stop()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	for _, rpc := range open {
		if rpc.Shutdown(ctx) != nil {
			rpc.Close()
		}
	}
	close(s.stopped)
}

// oneConnection is a listener that accepts one connection, and the handshaker of that one: it
// checks who called, and tells when the connection is closed.
type oneConnection struct {
	conn    net.Conn
	onClose func()
}

var errNoMore = errors.New("one connection is all there is")

func (l *oneConnection) Accept() (net.Conn, error) {
	if l.conn == nil {
		return nil, errNoMore
	}
	conn := l.conn
	l.conn = nil
	return conn, nil
}

func (l *oneConnection) Close() error   { return nil }
func (l *oneConnection) Addr() net.Addr { return &net.UnixAddr{Net: "unix"} }

// Handshake serves this user and root, and hangs up on others.
func (l *oneConnection) Handshake(ctx context.Context, conn net.Conn) (net.Conn, interface{}, error) {
	check := ttrpc.UnixCredentialsFunc(func(peer *unix.Ucred) error {
		if peer.Uid != 0 && int(peer.Uid) != os.Geteuid() {
			return fmt.Errorf("user %d is not served", peer.Uid)
		}
		return nil
	})
	approved, credentials, err := check.Handshake(ctx, conn)
	if err != nil {
		// ttrpc forgets whom it refuses, and leaves the connection open.
		conn.Close()
		l.onClose()
		return nil, nil, err
	}
	return &watchedConnection{Conn: approved, onClose: l.onClose}, credentials, nil
}

type watchedConnection struct {
	net.Conn
	once    sync.Once
	onClose func()
}

func (c *watchedConnection) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.onClose)
	return err
}
