// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"context"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// monitor lets every node check a target anew, going on from what is known, or stops that for a target which
// gets no traffic anyway. Under mu.
func (g *Group) monitor(t *Target) {
	t.stop()
	t.stop = func() {}
	if !g.settings.uses(t) { // when its zone is enabled, it is a new target
		t.nodes = nil
		t.show(health.Initial().Health)
	}
	if t.draining || !t.Addr.IsValid() || !g.settings.uses(t) {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	t.stop = stop
	t.nodes = make([]health.State, len(g.checks.Make))
	t.failed = make([]chan struct{}, len(g.checks.Make))
	for node, make := range g.checks.Make {
		t.nodes[node] = health.State{Health: t.Health()}
		check, plan, state, failed := make(t), g.checks.Plan, t.nodes[node], newFailures()
		t.failed[node] = failed
		g.running.Go(func() {
			health.Monitor(ctx, check, plan, failed, state, func(s health.State) { g.report(ctx, t, node, s) })
		})
	}
}

// manyFailures is how many failures wait for a monitor that is at a check; more than any threshold is of no use.
const manyFailures = 10

func newFailures() chan struct{} { return make(chan struct{}, manyFailures) }

// Failed says that a target did not take a connection: a passive check, which AWS does not let anybody configure or
// watch (row 67). How it counts AWS does not say; here each one counts as a failed check of every node.
func (g *Group) Failed(t *Target) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.settings.Passive {
		return
	}
	for _, failed := range t.failed {
		select {
		case failed <- struct{}{}:
		default: // there are enough
		}
	}
}

// report takes what a node finds.
func (g *Group) report(ctx context.Context, t *Target, node int, s health.State) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if ctx.Err() != nil {
		return // the monitor was stopped meanwhile
	}
	t.nodes[node] = s
	old, found := t.Health(), health.Together(t.nodes)
	if old == found {
		return
	}
	if old.State != found.State {
		g.startSlowly(t, found.State)
		t.show(found)
	} else {
		t.shown.Store(&found) // the same for a newer reason
	}
	g.refresh()
	if found.State == elb.Unhealthy && g.settings.CutUnhealthy && !g.view.Load().Pool(t.Zone).FailOpen {
		t.cut(false)
	}
	g.changed()
}

// startSlowly begins the slow start of a target that becomes healthy while another one is healthy and not in slow
// start itself, and ends it for one that does not stay healthy. The first members of a group start at once
// (row 52). Under mu.
func (g *Group) startSlowly(t *Target, becomes elb.HealthState) {
	t.slowSince.Store(0)
	if becomes != elb.Healthy {
		return
	}
	first := t.first
	t.first = false
	if first || g.settings.SlowStart <= 0 {
		return
	}
	now := time.Now()
	for _, other := range g.targets {
		if other != t && other.Health().State == elb.Healthy && other.share(now, g.settings.SlowStart) >= 1 {
			t.slowSince.Store(now.UnixNano())
			return
		}
	}
}

// Health is the health of a member.
func (g *Group) Health(d elb.Target) elb.Health {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.targets {
		if !t.is(d) {
			continue
		}
		h := t.Health()
		switch {
		case t.draining:
			return health.Draining()
		case !t.Addr.IsValid():
			return health.NoAddress()
		case !g.settings.uses(t):
			return health.ZoneNotEnabled()
		case h.State == elb.Unhealthy && !g.settings.CutUnhealthy && time.Since(t.since) < g.settings.UnhealthyDraining:
			h.State = elb.UnhealthyDraining
		}
		return h
	}
	return health.Registering()
}
