// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"errors"
	"net"
	"syscall"
	"time"
)

const (
	// looks is how often within the idle timeout a connection is looked at for TCP keep-alives. One is noticed that
	// part of the timeout late at most, and by so much later the connection ends.
	looks = 8
	// keepaliveSeconds is how often a TLS listener sends keep-alives to both sides once it has seen one (row 58).
	keepaliveSeconds = 20
	// slack is by how much the kernel's times may be wrong: they count ticks of its clock.
	slack = 10 * time.Millisecond
)

// probes are what a connection knows of the keep-alives of its two sides.
type probes struct {
	client, target *probe
	last           time.Time // when they were looked at
	answered       bool
}

// watch lets keep-alives of either side reset the idle timeout (row 58).
func (c *connection) watch() {
	c.probes.last = time.Now()
	c.clock.Watch(c.config.idle/looks, c.kept)
}

// kept tells whether a keep-alive has come since it was last asked.
func (c *connection) kept() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &c.probes
	since := time.Since(p.last)
	p.last = time.Now()
	if p.client == nil {
		p.client = newProbe(c.client.Conn)
	}
	if p.target == nil && c.target != nil {
		p.target = newProbe(c.target.Conn)
	}
	fromClient, fromTarget := p.client.came(since), p.target.came(since)
	if (fromClient || fromTarget) && c.config.tls != nil && c.target != nil && !p.answered {
		p.answered = true
		c.keepAlive()
	}
	return fromClient || fromTarget
}

// keepAlive sends keep-alives to both sides from now on. Under mu.
func (c *connection) keepAlive() {
	interval := keepaliveSeconds * c.config.second
	config := net.KeepAliveConfig{Enable: true, Idle: interval, Interval: interval}
	for _, side := range []net.Conn{c.client.Conn, c.target.Conn} {
		tcp, ok := side.(interface {
			SetKeepAliveConfig(net.KeepAliveConfig) error
		})
		if !ok {
			continue
		}
		if err := tcp.SetKeepAliveConfig(config); err != nil && !errors.Is(err, net.ErrClosed) {
			c.listener.log.Debug("send keep-alives", "to", side.RemoteAddr().String(), "err", err)
		}
	}
}

// probe finds TCP keep-alives among what a socket receives. The kernel answers them and hands nothing up, but it counts
// segments: one that came without data and without an acknowledgement was a keep-alive. Where the kernel does not
// count, none is ever found.
type probe struct {
	socket   syscall.RawConn
	segments uint32
}

func newProbe(c net.Conn) *probe {
	sys, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return nil // closed already
	}
	p := &probe{socket: raw}
	p.segments, _ = received(raw)
	return p
}

// came tells whether a keep-alive came since the last look, which was since ago. It may miss one that came
// together with data, which resets the timeout itself.
func (p *probe) came(since time.Duration) bool {
	if p == nil {
		return false
	}
	segments, quiet := received(p.socket)
	more := segments != p.segments
	p.segments = segments
	return more && quiet > since+slack
}
