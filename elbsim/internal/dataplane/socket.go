// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/inbound"
)

const (
	// holdTime is how long an excluded client is held without an answer where the kernel cannot drop it: about as
	// long as Linux tries to connect.
	holdTime = 127 * time.Second
	// acceptPause is the pause after an error of accepting, such as too many open files.
	acceptPause = 50 * time.Millisecond
)

// front serves the connections of a socket.
type front interface {
	Serve(net.Conn)
	Close() error
}

// socket accepts the connections of one listener on one address.
type socket struct {
	listener *net.TCPListener
	front    front
	log      *slog.Logger
	sources  atomic.Pointer[inbound.Sources]
	wg       sync.WaitGroup

	mu   sync.Mutex // held to close done, and to begin what must not begin after that
	done chan struct{}
}

// listen opens a socket that accepts connections from sources.
func listen(ctx context.Context, address string, sources inbound.Sources, f front, log *slog.Logger) (*socket, error) {
	s := &socket{front: f, log: log, done: make(chan struct{})}
	s.sources.Store(&sources)
	config := net.ListenConfig{KeepAlive: -1, Control: func(_, _ string, c syscall.RawConn) error {
		s.attach(c)
		return nil
	}}
	config.SetMultipathTCP(false) // such sockets take no filter
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.listener = l.(*net.TCPListener)
	s.wg.Go(s.accept)
	return s, nil
}

// attach lets the kernel drop packets of excluded clients. Where it cannot, they are held (see accept).
func (s *socket) attach(c syscall.RawConn) {
	if err := s.sources.Load().Attach(c); err != nil {
		s.log.Warn("excluded clients see an open port that does not answer, not a silent one", "err", err)
	}
}

// allow changes who reaches the socket. Connections that exist stay.
func (s *socket) allow(sources inbound.Sources) {
	if s.sources.Load().Equal(sources) {
		return
	}
	s.sources.Store(&sources)
	raw, err := s.listener.SyscallConn()
	if err != nil {
		s.log.Warn("change who reaches a listener", "address", s.listener.Addr().String(), "err", err)
		return
	}
	s.attach(raw)
}

func (s *socket) accept() {
	for {
		c, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			s.log.Warn("accept connection", "address", s.listener.Addr().String(), "err", err)
			if !s.pause(acceptPause) {
				return
			}
		default:
			s.serve(c)
		}
	}
}

func (s *socket) serve(c net.Conn) {
	if s.sources.Load().Allow(remote(c)) {
		s.wg.Go(func() { s.front.Serve(c) })
		return
	}
	s.wg.Go(func() { s.hold(c) })
}

// take serves a connection that comes from elsewhere than the listener. It fails after close.
func (s *socket) take(c net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return net.ErrClosed
	default:
		s.serve(c)
		return nil
	}
}

// hold is as near to a silent drop as user space comes once a connection is accepted: no answer for as long
// as a client tries. With a socket filter no such connection comes this far.
func (s *socket) hold(c net.Conn) {
	s.pause(holdTime)
	_ = c.Close() // the client was never told anything
}

// pause waits and tells whether the socket is still open.
func (s *socket) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.done:
		return false
	}
}

func remote(c net.Conn) netip.Addr {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr()
	}
	return netip.Addr{}
}

// close ends the socket and all its connections, and returns when nothing of it runs.
func (s *socket) close() error {
	s.mu.Lock()
	close(s.done)
	s.mu.Unlock()
	err := s.listener.Close()
	if err != nil {
		err = fmt.Errorf("close listener %s: %w", s.listener.Addr(), err)
	}
	err = errors.Join(err, s.front.Close())
	s.wg.Wait()
	return err
}
