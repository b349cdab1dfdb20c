// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"bufio"
	"context"
	"net"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/direct"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/http1"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
)

// upstream is one HTTP/1 connection to a target. It carries one request at a time (row 22: no pipelining).
type upstream struct {
	backend *backend
	leg     *idle.Conn
	conn    net.Conn     // leg, or TLS over it
	socket  *direct.Conn // nil if the connection cannot be looked at
	br      *bufio.Reader
	bw      *bufio.Writer
	scratch http1.Scratch
	since   time.Time   // idle since
	left    func() bool // tells whether the client of the request under way is gone; nil if nobody can tell
}

// leftStep is how often a request that waits for its target looks whether its client still does (row 36).
const leftStep = time.Second

// upstream takes an idle connection that the target has not closed, or opens one.
func (b *backend) upstream(ctx context.Context, clock *idle.Clock) (*upstream, error) {
	for {
		b.mu.Lock()
		if b.closed {
			b.mu.Unlock()
			return nil, target.ErrGone
		}
		n := len(b.idle)
		if n == 0 {
			b.mu.Unlock()
			return b.connect(ctx, clock)
		}
		u := b.idle[n-1]
		b.idle[n-1] = nil
		b.idle = b.idle[:n-1]
		b.mu.Unlock()
		if u.br.Buffered() == 0 && u.held() {
			u.leg.Use(clock)
			return u, nil
		}
		u.close()
	}
}

func (b *backend) connect(ctx context.Context, clock *idle.Clock) (*upstream, error) {
	leg, conn, err := b.dial(ctx, clock)
	if err != nil {
		return nil, err
	}
	u := &upstream{backend: b, leg: leg, conn: conn, br: bufio.NewReader(conn), bw: bufio.NewWriter(conn)}
	u.socket, _ = leg.Conn.(*tracked).Conn.(*direct.Conn)
	leg.Ask(leftStep, u.abandoned)
	return u, nil
}

// abandoned is an error when nobody waits for the response any more.
func (u *upstream) abandoned() error {
	if u.left != nil && u.left() {
		return errClient
	}
	return nil
}

// held tells whether the target still holds the idle connection open. An ALB, which watches its idle connections,
// knows that too.
func (u *upstream) held() bool { return u.socket == nil || u.socket.Quiet() }

// keep makes the connection available to other requests until it has been idle for as long as the load balancer
// allows (row 31).
func (u *upstream) keep() {
	b := u.backend
	u.since = time.Now()
	b.mu.Lock()
	closed := b.closed
	if !closed {
		b.idle = append(b.idle, u)
		if b.sweep == nil {
			b.sweep = time.AfterFunc(b.listener.config.Load().idle, b.sweepIdle)
		} else if len(b.idle) == 1 {
			b.sweep.Reset(b.listener.config.Load().idle)
		}
	}
	b.mu.Unlock()
	if closed {
		u.close()
	}
}

// sweepIdle closes what has been idle for too long. The one idle for longest stands first.
func (b *backend) sweepIdle() {
	limit := b.listener.config.Load().idle
	b.mu.Lock()
	n := 0
	for n < len(b.idle) && time.Since(b.idle[n].since) >= limit {
		n++
	}
	old := append([]*upstream(nil), b.idle[:n]...)
	b.idle = append(b.idle[:0], b.idle[n:]...)
	if len(b.idle) > 0 && !b.closed {
		b.sweep.Reset(limit - time.Since(b.idle[0].since))
	}
	b.mu.Unlock()
	for _, u := range old {
		u.close()
	}
}

// close ends the connection. An error of closing does not matter: the exchange is over or has failed.
func (u *upstream) close() { _ = u.leg.Close() }
