// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

const (
	patience = 20 * time.Second
	tick     = time.Millisecond
)

// nodes are the checks of a load balancer's nodes, with outcomes that a test sets. Without one a check waits.
type nodes struct {
	mu      sync.Mutex
	outcome []health.Result
}

func (n *nodes) set(node int, r health.Result) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.outcome[node] = r
}

func (n *nodes) checks(count int) Checks {
	n.outcome = make([]health.Result, count)
	c := Checks{Plan: health.Plan{Interval: tick, Timeout: time.Hour, Thresholds: health.Thresholds{Healthy: 1, Unhealthy: 1}}}
	for node := range count {
		c.Make = append(c.Make, func(*Target) health.Check {
			return func(ctx context.Context) health.Result {
				for ctx.Err() == nil {
					n.mu.Lock()
					r := n.outcome[node]
					n.mu.Unlock()
					if r != (health.Result{}) {
						return r
					}
					runtime.Gosched()
				}
				return health.Result{}
			}
		})
	}
	return c
}

var (
	good = health.Result{OK: true}
	bad  = health.Result{Reason: "Target.Timeout", Description: "Request timed out"}
)

func eventually(t *testing.T, g *Group, want elb.HealthState) {
	t.Helper()
	require.Eventually(t, func() bool { return g.Health(member(0)).State == want }, patience, tick, "state %s", want)
}

func TestRow50NodesFindTheStateTogether(t *testing.T) {
	n := new(nodes)
	g := New(Settings{Threshold: Threshold{Count: 1}, CrossZone: true}, n.checks(2), []elb.Target{member(0)}, 0, func() {})
	t.Cleanup(g.Close)
	n.set(0, good)
	require.Never(t, func() bool { return g.Health(member(0)).State != elb.Initial }, 50*time.Millisecond, tick, "initial until every node has checked")
	n.set(1, good)
	eventually(t, g, elb.Healthy)
	n.set(1, bad)
	eventually(t, g, elb.Unhealthy)
	assert.Equal(t, elb.Health{State: elb.Unhealthy, Reason: bad.Reason, Description: bad.Description}, g.Health(member(0)), "of the node that finds it so")
	n.set(1, good)
	eventually(t, g, elb.Healthy)
}

func TestRow50TargetInAZoneThatIsNotEnabled(t *testing.T) {
	n := new(nodes)
	checks, s := n.checks(1), Settings{Threshold: Threshold{Count: 1}, CrossZone: true, Zones: []string{"b"}}
	n.set(0, good)
	outside := elb.Target{ID: "192.168.0.1", Address: "192.168.0.1", Port: 80, Zone: everyZone}
	g := New(s, checks, []elb.Target{member(0), outside}, 0, func() {})
	t.Cleanup(g.Close)
	unused := elb.Health{State: elb.Unused, Reason: "Target.NotInUse", Description: "Target is in an Availability Zone that is not enabled for the load balancer"}
	require.Eventually(t, func() bool { return g.Health(outside).State == elb.Healthy }, patience, tick, "a target of every zone is used")
	assert.Equal(t, unused, g.Health(member(0)))
	require.Len(t, g.View().Pool("b").Targets, 1, "it gets nothing, not even from a neighbour zone")

	s.Zones = []string{"a", "b"}
	g.Update(s, checks, []elb.Target{member(0), outside})
	eventually(t, g, elb.Healthy)
	assert.Len(t, g.View().Pool("b").Targets, 2)
	s.Zones = []string{"b"}
	g.Update(s, checks, []elb.Target{member(0), outside})
	assert.Equal(t, unused, g.Health(member(0)), "after its zone was disabled")
}

func TestRow69UnhealthyDraining(t *testing.T) {
	tests := []struct {
		name     string
		settings Settings
		want     elb.HealthState
	}{
		{"row 69: unhealthy.draining during the interval", Settings{UnhealthyDraining: time.Hour}, elb.UnhealthyDraining},
		{"row 69: unhealthy when it has passed", Settings{UnhealthyDraining: time.Nanosecond}, elb.Unhealthy},
		{"row 69: unhealthy if connections are terminated", Settings{UnhealthyDraining: time.Hour, CutUnhealthy: true}, elb.Unhealthy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := new(nodes)
			g := New(tt.settings, n.checks(1), []elb.Target{member(0)}, 0, func() {})
			t.Cleanup(g.Close)
			n.set(0, good)
			eventually(t, g, elb.Healthy)
			n.set(0, bad)
			eventually(t, g, tt.want)
			n.set(0, good)
			eventually(t, g, elb.Healthy)
		})
	}
}

// Not parallel: it counts the goroutines of the process.
func TestNothingIsLeftOfAClosedGroup(t *testing.T) {
	before := runtime.NumGoroutine()
	n := new(nodes)
	s := Settings{Threshold: Threshold{Count: 1}}
	g := New(s, n.checks(3), []elb.Target{member(0), member(1)}, time.Hour, func() {})
	require.Greater(t, runtime.NumGoroutine(), before, "checks are under way")
	open := &flow{closed: make(chan struct{})}
	_, err := g.View().Pool("a").Targets[0].Track(open)
	require.NoError(t, err)
	g.Update(s, g.checks, nil) // its timer waits
	g.Close()
	<-open.closed
	assert.Equal(t, before, runtime.NumGoroutine())
	assert.Nil(t, g.Pick("a"))
	for _, timer := range g.timers {
		assert.False(t, timer.Stop(), "a timer was still running")
	}
}

// flow is something open to a target.
type flow struct{ closed chan struct{} }

func (f *flow) Close() error {
	close(f.closed)
	return nil
}
