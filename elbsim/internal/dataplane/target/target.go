// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package target holds target groups at work: which targets are registered, which of them get traffic, and
// what is open to each. The choice is pure (choice.go). It never reads or writes a connection.
package target

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// ErrGone is what opening something to a deregistered target returns.
var ErrGone = errors.New("target is deregistered")

// Target is a registered target. It stays the same one until it is deregistered.
type Target struct {
	ID   string
	Zone string
	Addr netip.AddrPort // invalid if nobody knows the target's address
	// Traffic counts what goes to the target; nil counts nothing.
	Traffic *traffic.Counter
	// outage tells how it does not answer now.
	outage func() Outage

	// Under Group.mu.
	draining bool
	first    bool               // among the first of its group, and not healthy yet (row 52)
	nodes    []health.State     // what each node of the load balancer finds
	failed   []chan struct{}    // tell the monitor of each node of failed connections
	since    time.Time          // of the state that is shown
	stop     context.CancelFunc // of its monitors

	shown       atomic.Pointer[elb.Health] // what the nodes find together
	outstanding atomic.Int64               // requests under way
	weight      atomic.Int32               // for WeightedRandom; never 0
	answers     atomic.Int32               // in this window of anomaly detection
	failures    atomic.Int32               // among them
	slowSince   atomic.Int64               // start of slow start in Unix nanoseconds; 0 is none

	mu   sync.Mutex
	open map[io.Closer]struct{}
	gone bool
}

func newTarget(t elb.Target) *Target {
	out := &Target{ID: t.ID, Zone: t.Zone, outage: func() Outage { return "" }, stop: func() {}, open: map[io.Closer]struct{}{}}
	if a, err := netip.ParseAddr(t.Address); err == nil {
		out.Addr = netip.AddrPortFrom(a, uint16(t.Port))
	}
	out.weight.Store(fullWeight)
	out.show(health.Initial().Health)
	return out
}

// Health is the result of the checks so far.
func (t *Target) Health() elb.Health { return *t.shown.Load() }

// show changes what is shown. Under Group.mu.
func (t *Target) show(h elb.Health) {
	t.shown.Store(&h)
	t.since = time.Now()
}

// Track remembers something open to the target, to be closed with it. release forgets it.
func (t *Target) Track(c io.Closer) (release func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return nil, ErrGone
	}
	t.open[c] = struct{}{}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.open, c)
	}, nil
}

// cut closes what is open to the target; with forever, nothing can be opened to it again. Errors of closing
// do not matter: what fails to close is closed.
func (t *Target) cut(forever bool) {
	t.mu.Lock()
	open := t.open
	t.open = map[io.Closer]struct{}{}
	t.gone = t.gone || forever
	t.mu.Unlock()
	for c := range open {
		_ = c.Close()
	}
}
