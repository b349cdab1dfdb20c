// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/direct"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/relay"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// connection is one flow: a client's connection and, for its whole life, one target's (row 57).
type connection struct {
	listener *Listener
	config   *config
	clock    *idle.Clock
	client   *idle.Conn
	traffic  traffic.Flow

	mu     sync.Mutex
	target *idle.Conn // nil until connected
	cut    bool
	probes probes
}

func newConnection(l *Listener, c net.Conn, cfg *config) *connection {
	out := &connection{listener: l, config: cfg, clock: idle.NewClock(cfg.idle)}
	out.client = idle.New(direct.Of(c), out.clock)
	out.watch()
	return out
}

// Close resets both sides: what a target does to its connections when it is cut off (rows 69, 70).
func (c *connection) Close() error {
	c.reset()
	return nil
}

// reset ends both sides with RST. A socket that fails to close is closed.
func (c *connection) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	_ = c.client.Reset()
	if c.target != nil {
		_ = c.target.Reset()
	}
}

func (c *connection) serve(ctx context.Context) {
	c.traffic = traffic.Begin(c.config.traffic, addrPort(c.client.RemoteAddr()))
	err := c.pass(ctx)
	c.traffic.End(err)
	if err != nil {
		c.listener.log.Debug("connection ended", "client", c.client.RemoteAddr().String(), "err", err)
		if errors.Is(err, idle.ErrTimeout) && c.target != nil {
			c.forget()
		}
		c.reset()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// Both directions have ended; how the sockets end concerns nobody.
	_ = c.client.Close()
	_ = c.target.Close()
}

// pass connects the client to a target and passes bytes until both directions have ended.
func (c *connection) pass(ctx context.Context) error {
	var client relay.Side = c.client
	if c.config.tls != nil {
		secure := tls.Server(c.client, c.config.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return fmt.Errorf("TLS handshake with client: %w", err)
		}
		client = secure
	}
	g, t := c.config.choose(addrPort(c.client.RemoteAddr()).Addr(), flow(tcp, addrPort(c.client.RemoteAddr()), addrPort(c.client.LocalAddr()), rand.Uint32()))
	if t == nil {
		c.traffic.Forward(g.Traffic)
		return errors.New("the target group has no registered target that may get traffic from this zone")
	}
	c.traffic.Forward(t.Traffic)
	release, err := t.Track(c)
	if err != nil {
		return err
	}
	defer release()
	if err := t.Reach(ctx, c.config.connectTimeout); err != nil {
		return fmt.Errorf("target %s: %w", t.Addr, err)
	}
	upstream, err := c.connect(ctx, g, t.Addr)
	if err != nil {
		if refused(err) {
			g.Failed(t)
		}
		return fmt.Errorf("target %s: %w", t.Addr, err)
	}
	var broken error
	c.traffic.Add(relay.Pass(client, upstream, func(err error) {
		broken = err
		if errors.Is(err, idle.ErrTimeout) {
			c.expire()
			return
		}
		c.reset()
	}))
	return broken
}

// refused tells whether an error is one of connecting to a target that does not answer or refuses. Others are of this
// machine or of what comes after.
func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" &&
		(op.Timeout() || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH))
}

// choose finds group and target of a flow; weights count flows (row 77), or clients if a group is sticky (row 72).
func (c *config) choose(client netip.Addr, hash uint64) (Group, *target.Target) {
	i, source := 0, uint64(0)
	if c.sticky {
		source = bySource(client)
	}
	if len(c.groups) > 1 {
		n := rand.IntN(max(c.total, 1))
		if c.sticky {
			n = int(source>>32) % max(c.total, 1)
		}
		i = target.Weighted(c.weights, n)
	}
	if i < 0 {
		return Group{}, nil
	}
	g := c.groups[i]
	if g.Sticky {
		hash = source
	}
	return g, g.ByHash(c.node.Zone, hash)
}

func addrPort(a net.Addr) netip.AddrPort {
	if known, ok := a.(interface{ AddrPort() netip.AddrPort }); ok { // of TCP and UDP
		p := known.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}

// connect opens the target's side, with PROXY header and TLS as the group wants.
func (c *connection) connect(ctx context.Context, g Group, addr netip.AddrPort) (relay.Side, error) {
	raw, err := c.config.dial(ctx, "tcp", g, addrPort(c.client.RemoteAddr()), addr, &c.listener.unpreserved)
	if errors.Is(err, errHairpin) {
		return nil, c.hairpin()
	}
	if err != nil {
		return nil, err
	}
	leg := idle.New(direct.Of(raw), c.clock)
	c.mu.Lock()
	c.target = leg
	cut := c.cut
	c.mu.Unlock()
	if cut {
		return nil, target.ErrGone // serve resets the new socket too
	}
	if g.ProxyV2 {
		header, err := proxyHeader(addrPort(c.client.RemoteAddr()), addrPort(c.client.LocalAddr()))
		if err != nil {
			return nil, err
		}
		if _, err := leg.Write(header); err != nil {
			return nil, err
		}
	}
	if !g.TLS {
		return leg, nil
	}
	secure := tls.Client(leg, &tls.Config{InsecureSkipVerify: true}) // row 66: never checked
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secure, nil
}
