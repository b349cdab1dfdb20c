// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/direct"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
)

// Listener serves the connections of one listener on one address. Its rules may change while it works; a
// request is served by those that hold when it begins.
type Listener struct {
	config atomic.Pointer[config]
	log    *slog.Logger
	wg     sync.WaitGroup  // connections, requests and uploads
	ctx    context.Context // ends with the listener
	stop   context.CancelFunc

	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	backends map[*target.Target]*backend
	closed   bool
}

// New makes a listener, or says what of the spec it cannot serve.
func New(s Spec) (*Listener, error) {
	l := &Listener{log: s.Log, conns: map[net.Conn]struct{}{}, backends: map[*target.Target]*backend{}}
	l.ctx, l.stop = context.WithCancel(context.Background())
	return l, l.Update(s)
}

// Update replaces the spec. Connections live on.
func (l *Listener) Update(s Spec) error {
	c, err := compile(s)
	if err != nil {
		return err
	}
	l.config.Store(c)
	return nil
}

// begin counts something that Close waits for; false after Close.
func (l *Listener) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.wg.Add(1)
	return true
}

// Serve serves a connection and closes it.
func (l *Listener) Serve(c net.Conn) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		_ = c.Close() // nothing was said on it
		return
	}
	l.conns[c] = struct{}{}
	l.wg.Add(1)
	l.mu.Unlock()
	defer l.wg.Done()
	defer func() {
		l.mu.Lock()
		delete(l.conns, c)
		l.mu.Unlock()
		// The exchange is over; how the socket ends concerns nobody.
		_ = c.Close()
	}()

	cfg := l.config.Load()
	cfg.traffic.Open()
	defer cfg.traffic.Shut()
	leg := idle.New(direct.Of(c), idle.NewClock(cfg.idle))
	if cfg.tls == nil {
		l.serveHTTP1(leg, leg)
		return
	}
	secure := tls.Server(leg, cfg.tls)
	if err := secure.Handshake(); err != nil {
		cfg.traffic.Fail(peerOf(leg), "TLS handshake with the client: "+err.Error())
		l.log.Debug("TLS handshake with client", "peer", c.RemoteAddr().String(), "err", err)
		return
	}
	if secure.ConnectionState().NegotiatedProtocol == "h2" {
		l.serveHTTP2(leg, secure)
		return
	}
	l.serveHTTP1(leg, secure)
}

// Close ends all connections, to clients and to targets, and returns when nothing runs any more.
func (l *Listener) Close() error {
	l.stop()
	l.mu.Lock()
	l.closed = true
	var errs []error
	for c := range l.conns {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	backends := l.backends
	l.backends = nil
	l.mu.Unlock()
	for _, b := range backends {
		_ = b.Close() // it has no error to report
	}
	l.wg.Wait()
	return errors.Join(errs...)
}

// backend returns the connections of this listener to a target.
func (l *Listener) backend(t *target.Target, g Group) (*backend, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.backends[t]; b != nil {
		return b, nil
	}
	if l.closed {
		return nil, net.ErrClosed
	}
	b := newBackend(l, t, g)
	var err error
	if b.release, err = t.Track(b); err != nil {
		return nil, err
	}
	l.backends[t] = b
	return b, nil
}

func (l *Listener) forget(t *target.Target) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.backends, t)
}
