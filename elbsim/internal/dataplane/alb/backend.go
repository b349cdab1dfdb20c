// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/direct"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
)

// backend is what one listener has open to one target. Requests of all clients share its connections (row 22).
// It ends with the target or the listener, and what is under way on it then fails.
type backend struct {
	listener *Listener
	target   *target.Target
	secure   bool // TLS to the target
	release  func()
	h2       *http2.Transport // nil for HTTP1
	ctx      context.Context  // ends with the backend
	stop     context.CancelFunc

	mu     sync.Mutex
	open   map[net.Conn]struct{} // every connection, by its socket
	idle   []*upstream           // of HTTP1, the one used last at the end
	sweep  *time.Timer
	closed bool
}

func newBackend(l *Listener, t *target.Target, g Group) *backend {
	b := &backend{listener: l, target: t, secure: g.TLS, open: map[net.Conn]struct{}{}}
	b.ctx, b.stop = context.WithCancel(context.Background())
	if g.Version == http2Version || g.Version == grpcVersion {
		b.h2 = newTransport(b)
	}
	return b
}

// connectError is a connection to a target that did not come about.
type connectError struct{ err error }

func (e *connectError) Error() string { return "connect to target: " + e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

// handshakeError is a TLS handshake with a target that failed.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "TLS handshake with target: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// dial opens a connection to the target under a clock. conn is where data goes.
func (b *backend) dial(ctx context.Context, clock *idle.Clock) (leg *idle.Conn, conn net.Conn, err error) {
	cfg := b.listener.config.Load()
	addr := b.target.Addr
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(b.ctx, cancel)()
	var c net.Conn
	if err = b.target.Reach(ctx, cfg.connectTimeout); err == nil {
		c, err = dial.From(cfg.source, addr.Addr(), cfg.connectTimeout).DialContext(ctx, "tcp", addr.String())
	}
	if b.ctx.Err() != nil && err != nil {
		return nil, nil, target.ErrGone
	}
	if err != nil {
		return nil, nil, &connectError{err}
	}
	c = direct.Of(c)
	b.mu.Lock()
	closed := b.closed
	if !closed {
		b.open[c] = struct{}{}
	}
	b.mu.Unlock()
	if closed {
		_ = c.Close() // unused
		return nil, nil, target.ErrGone
	}
	clock.Touch()
	leg = idle.New(&tracked{Conn: c, backend: b}, clock)
	if !b.secure {
		return leg, leg, nil
	}
	policy := cfg.targetTLS // follows the listener's, also when that changes (row 28)
	if b.h2 != nil {
		policy = policy.Clone()
		policy.NextProtos = []string{"h2"}
	}
	secure := tls.Client(leg, policy)
	ctx, cancelHandshake := context.WithTimeout(ctx, cfg.connectTimeout)
	defer cancelHandshake()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = leg.Close() // the handshake's error says it all
		return nil, nil, &handshakeError{err}
	}
	return leg, secure, nil
}

// tracked is a socket that its backend knows of until it is closed.
type tracked struct {
	net.Conn
	backend *backend
}

func (t *tracked) Close() error {
	t.backend.mu.Lock()
	delete(t.backend.open, t.Conn)
	t.backend.mu.Unlock()
	return t.Conn.Close()
}

func (t *tracked) CloseWrite() error {
	if half, ok := t.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close ends every connection. What is under way on them sees it as an error.
func (b *backend) Close() error {
	b.stop()
	b.listener.forget(b.target)
	b.mu.Lock()
	b.closed = true
	open := b.open
	b.open, b.idle = map[net.Conn]struct{}{}, nil
	if b.sweep != nil {
		b.sweep.Stop()
	}
	release := b.release
	b.mu.Unlock()
	for c := range open {
		_ = c.Close() // what fails to close is closed
	}
	if release != nil {
		release()
	}
	return nil
}
