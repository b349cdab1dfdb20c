// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Group is a target group. Its view changes with membership and health.
type Group struct {
	lag     time.Duration
	changed func()
	next    atomic.Uint64
	answers atomic.Uint64 // for anomaly detection
	view    atomic.Pointer[View]
	running sync.WaitGroup // monitors

	mu        sync.Mutex
	settings  *Settings
	checks    Checks
	targets   []*Target
	announced []elb.Target // newest membership, perhaps not in force yet
	sequence  int
	inForce   int // sequence of the membership in targets
	timers    map[int]*time.Timer
	closed    bool
}

// New makes a group whose first members are in force at once. Later changes take lag. changed is called
// after every change of a target's health; it must not block.
func New(settings Settings, checks Checks, members []elb.Target, lag time.Duration, changed func()) *Group {
	g := &Group{lag: lag, changed: changed, settings: &settings, checks: checks, timers: map[int]*time.Timer{}}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.announced = slices.Clone(members)
	g.enforce(g.announced)
	return g
}

// View is where traffic goes at the moment.
func (g *Group) View() *View { return g.view.Load() }

// Update changes settings and checks at once and members after the lag (row 56).
func (g *Group) Update(settings Settings, checks Checks, members []elb.Target) {
	g.mu.Lock()
	defer g.mu.Unlock()
	old, same := g.settings, g.checks.Of == checks.Of
	g.settings = &settings
	if !same {
		g.checks = checks
	}
	for _, t := range g.targets {
		if !same || old.uses(t) != settings.uses(t) {
			g.monitor(t)
		}
	}
	for _, t := range g.targets {
		if t.outage() != "" {
			t.cut(false)
		}
	}
	g.refresh()
	if slices.EqualFunc(g.announced, members, sameMember) {
		return
	}
	members = slices.Clone(members)
	g.announced = members
	g.sequence++
	if g.lag <= 0 {
		g.inForce = g.sequence
		g.enforce(members)
		return
	}
	sequence := g.sequence
	g.timers[sequence] = time.AfterFunc(g.lag, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.timers, sequence)
		if !g.closed && sequence > g.inForce { // timers may fire out of turn
			g.inForce = sequence
			g.enforce(members)
		}
	})
}

// outageOf asks the settings of the time for a target's outage.
func (g *Group) outageOf(t *Target) func() Outage {
	ask := g.settings.Outage
	if ask == nil {
		return t.outage
	}
	return func() Outage { return ask(t.ID, t.Addr.Addr().String(), t.Zone) }
}

// sameMember tells whether two descriptions of a member mean the same to the routing.
func sameMember(a, b elb.Target) bool {
	draining := (a.Health.State == elb.Draining) == (b.Health.State == elb.Draining)
	return draining && a.ID == b.ID && a.Port == b.Port && a.Address == b.Address && a.Zone == b.Zone
}

// is tells whether a target is what a description describes, apart from draining.
func (t *Target) is(d elb.Target) bool {
	n := newTarget(d)
	return t.ID == n.ID && t.Addr == n.Addr && t.Zone == n.Zone
}

// enforce makes the members the targets. Under mu.
func (g *Group) enforce(members []elb.Target) {
	var next []*Target
	first := len(g.targets) == 0
	for _, m := range members {
		i := slices.IndexFunc(g.targets, func(t *Target) bool { return t.is(m) })
		var t *Target
		if i >= 0 {
			t = g.targets[i]
			g.targets = slices.Delete(g.targets, i, i+1)
		} else {
			t = newTarget(m)
			t.first = first
			t.outage = g.outageOf(t)
			if g.settings.Traffic != nil && t.Addr.IsValid() {
				t.Traffic = g.settings.Traffic(t.Addr.String())
			}
		}
		next = append(next, t)
		if draining := m.Health.State == elb.Draining; i < 0 || draining != t.draining {
			t.draining, t.nodes = draining, nil
			t.show(health.Initial().Health) // also one that comes back
			t.slowSince.Store(0)
			g.monitor(t)
		}
	}
	gone := g.targets
	g.targets = next
	g.refresh()
	for _, t := range gone {
		t.stop()
		if g.settings.CutGone {
			t.cut(true)
		}
	}
	g.changed()
}

// refresh computes the view. Under mu.
func (g *Group) refresh() {
	var candidates []candidate
	for _, t := range g.targets {
		if !t.draining && t.Addr.IsValid() && g.settings.uses(t) {
			candidates = append(candidates, candidate{t, t.Zone, t.Health().State == elb.Healthy})
		}
	}
	g.view.Store(choose(candidates, g.settings))
}

// Close ends checks and everything open to targets, and returns when the checks have ended.
func (g *Group) Close() {
	g.mu.Lock()
	g.closed = true
	for _, timer := range g.timers {
		timer.Stop()
	}
	targets := g.targets
	g.targets = nil
	g.refresh()
	for _, t := range targets {
		t.stop()
	}
	g.mu.Unlock()
	for _, t := range targets {
		t.cut(true)
	}
	g.running.Wait()
}
