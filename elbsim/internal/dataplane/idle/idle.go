// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package idle ends connections on which nothing moves: each end of an exchange is a Conn, and all ends that
// belong together share a Clock, so that data on any of them keeps the others alive. TCP keep-alive does not
// count. It knows nothing of what the data means.
package idle

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// ErrTimeout is what Read and Write of a Conn return when its clock has run out.
var ErrTimeout = errors.New("idle timeout")

// Clock is the time since something moved.
type Clock struct {
	start time.Time
	last  atomic.Int64 // nanoseconds after start
	limit atomic.Int64 // nanoseconds
	step  time.Duration
	moved func() bool
}

// NewClock starts a clock.
func NewClock(limit time.Duration) *Clock {
	c := &Clock{start: time.Now()}
	c.limit.Store(int64(limit))
	return c
}

// Watch lets reads look at least every step, and before they give up, for movement that is no data. It must be
// called before the clock is used.
func (c *Clock) Watch(step time.Duration, moved func() bool) { c.step, c.moved = step, moved }

// look is the time until the timeout, and until the next look.
func (c *Clock) look() (left, next time.Duration) {
	if c.moved == nil {
		left = c.Left()
		return left, left
	}
	if c.moved() {
		c.Touch()
	}
	left = c.Left()
	return left, min(left, c.step)
}

// Touch says that something moved.
func (c *Clock) Touch() { c.last.Store(int64(time.Since(c.start))) }

// SetLimit changes how long nothing may move.
func (c *Clock) SetLimit(limit time.Duration) { c.limit.Store(int64(limit)) }

// Left is the time until the timeout; not above zero means it is over.
func (c *Clock) Left() time.Duration {
	return time.Duration(c.limit.Load()+c.last.Load()) - time.Since(c.start)
}

// end is when it will be over if nothing moves, in Unix nanoseconds.
func (c *Clock) end() int64 { return c.start.UnixNano() + c.last.Load() + c.limit.Load() }

// Conn is a connection under a clock. A deadline is armed once and looked at again when it fires, so that
// an exchange costs no timer. One goroutine may read and one write at a time.
type Conn struct {
	net.Conn
	clock       atomic.Pointer[Clock]
	read, write armed
	final       atomic.Bool
	step        time.Duration // how often a read that waits asks
	ask         func() error  // nil: nothing
}

// armed is the deadline of one direction, in Unix nanoseconds; 0 is none.
type armed struct{ until atomic.Int64 }

// New puts a connection under a clock.
func New(c net.Conn, clock *Clock) *Conn {
	out := &Conn{Conn: c}
	out.clock.Store(clock)
	return out
}

// Use moves the connection to another clock, and looks at limits that became shorter.
func (c *Conn) Use(clock *Clock) {
	c.clock.Store(clock)
	next := clock.end()
	if until := c.read.until.Load(); until > next {
		c.read.until.Store(0)
	}
	if until := c.write.until.Load(); until > next {
		c.write.until.Store(0)
	}
}

// Ask lets reads that wait ask every step whether there is still a reason to; an error of ask ends them. A nil ask ends
// the asking. It must not be called during Read.
func (c *Conn) Ask(step time.Duration, ask func() error) {
	c.step, c.ask = step, ask
	c.read.until.Store(0)
}

// Expire lets reads end at t, whatever moves.
func (c *Conn) Expire(t time.Time) error {
	c.final.Store(true)
	return c.Conn.SetReadDeadline(t)
}

// End lets reads and writes end now, and leaves the connection as it is.
func (c *Conn) End() error {
	c.final.Store(true)
	return c.Conn.SetDeadline(time.Unix(1, 0))
}

func (c *Conn) arm(a *armed, set func(time.Time) error) error {
	if c.final.Load() {
		return nil
	}
	left, next := c.clock.Load().look()
	if left <= 0 {
		return ErrTimeout
	}
	if a == &c.read && c.ask != nil {
		if err := c.ask(); err != nil {
			return err
		}
		next = min(next, c.step)
	}
	t := time.Now().Add(next)
	a.until.Store(t.UnixNano())
	return set(t)
}

// retry tells whether a deadline fired too early because something has moved since.
func (c *Conn) retry(a *armed, err error, set func(time.Time) error) error {
	if !errors.Is(err, os.ErrDeadlineExceeded) || c.final.Load() {
		return err
	}
	return c.arm(a, set)
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	if c.read.until.Load() == 0 {
		if err := c.arm(&c.read, c.Conn.SetReadDeadline); err != nil {
			return 0, err
		}
	}
	for {
		n, err := c.Conn.Read(p)
		if n > 0 {
			c.clock.Load().Touch()
			return n, err
		}
		if err == nil {
			return 0, nil
		}
		if err = c.retry(&c.read, err, c.Conn.SetReadDeadline); err != nil {
			return 0, err
		}
	}
}

// Write implements net.Conn. What was written before a timeout counts as movement.
func (c *Conn) Write(p []byte) (int, error) {
	if c.write.until.Load() == 0 {
		if err := c.arm(&c.write, c.Conn.SetWriteDeadline); err != nil {
			return 0, err
		}
	}
	written := 0
	for {
		n, err := c.Conn.Write(p[written:])
		written += n
		if n > 0 {
			c.clock.Load().Touch()
		}
		if err == nil {
			return written, nil
		}
		if err = c.retry(&c.write, err, c.Conn.SetWriteDeadline); err != nil {
			return written, err
		}
	}
}

// CloseWrite ends the sending direction.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Reset closes the connection with RST if it is TCP: what is not yet sent is lost.
func (c *Conn) Reset() error { return Reset(c.Conn) }

// Reset closes a TCP connection with RST, and any other one just so.
func Reset(c net.Conn) error {
	if tcp, ok := c.(interface{ SetLinger(int) error }); ok {
		return errors.Join(tcp.SetLinger(0), c.Close())
	}
	return c.Close()
}
