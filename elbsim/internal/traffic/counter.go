// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package traffic

import (
	"math/bits"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// Window is how many seconds back rates are known.
	Window = 60
	// ring is how many seconds are counted apart: more than Window, so that the oldest is whole when it is read.
	ring = 64
	// maxShards bounds memory; more processors than that share.
	maxShards = 8
	// statuses are those from 100 to 599.
	firstStatus, lastStatus = 100, 599
)

// Counter counts for one part of a load balancer and for the parts above it. It may be used from any goroutine;
// a nil one counts nothing. It is split into shards, one of which is chosen by chance each time, so that
// processors seldom wait for each other.
type Counter struct {
	key      Key
	parent   *Counter
	recorder *Recorder
	shards   []shard
}

type shard struct {
	requests, failures atomic.Uint64
	received, sent     atomic.Uint64
	nanoseconds        atomic.Uint64
	active             atomic.Int64
	codes              atomic.Pointer[[lastStatus - firstStatus + 1]atomic.Uint64]
	rate, failureRate  [ring]second
	_                  [64]byte // keeps the next shard off this one's cache line
}

// second is a number of events in one second: which second above, how many below.
type second struct{ packed atomic.Uint64 }

func newCounter(r *Recorder, key Key) *Counter {
	n := min(runtime.GOMAXPROCS(0), maxShards)
	return &Counter{key: key, recorder: r, shards: make([]shard, 1<<bits.Len(uint(n-1)))}
}

// sample is what one request or connection adds.
type sample struct {
	requests, failures uint64
	received, sent     int64
	duration           time.Duration
	active             int64
	status             int
	second             uint32
}

// add adds to the counter and those above it.
func (c *Counter) add(s *sample) {
	if c == nil {
		return
	}
	which := rand.Uint32()
	for ; c != nil; c = c.parent {
		c.shards[which&uint32(len(c.shards)-1)].add(s)
	}
}

func (x *shard) add(s *sample) {
	if s.requests > 0 {
		x.requests.Add(s.requests)
		x.rate[s.second%ring].add(s.second)
	}
	if s.failures > 0 {
		x.failures.Add(s.failures)
		x.failureRate[s.second%ring].add(s.second)
	}
	if s.received > 0 {
		x.received.Add(uint64(s.received))
	}
	if s.sent > 0 {
		x.sent.Add(uint64(s.sent))
	}
	if s.duration > 0 {
		x.nanoseconds.Add(uint64(s.duration))
	}
	if s.active != 0 {
		x.active.Add(s.active)
	}
	if s.status >= firstStatus && s.status <= lastStatus {
		x.statuses()[s.status-firstStatus].Add(1)
	}
}

// statuses are there from the first status on: connections have none.
func (x *shard) statuses() *[lastStatus - firstStatus + 1]atomic.Uint64 {
	if codes := x.codes.Load(); codes != nil {
		return codes
	}
	x.codes.CompareAndSwap(nil, new([lastStatus - firstStatus + 1]atomic.Uint64))
	return x.codes.Load()
}

func (s *second) add(now uint32) {
	for {
		old := s.packed.Load()
		if uint32(old>>32) == now {
			s.packed.Add(1)
			return
		}
		if s.packed.CompareAndSwap(old, uint64(now)<<32|1) {
			return
		}
	}
}

func (s *second) in(which uint32) uint32 {
	if p := s.packed.Load(); uint32(p>>32) == which {
		return uint32(p)
	}
	return 0
}

// Open counts something that has begun and will end: a client's connection, a request at a target.
func (c *Counter) Open() { c.add(&sample{active: 1}) }

// Shut counts the end of it.
func (c *Counter) Shut() { c.add(&sample{active: -1}) }
