// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// healthy is a group of healthy targets that nobody checks.
func healthy(t *testing.T, s Settings, count int) *Group {
	t.Helper()
	s.Threshold, s.CrossZone = Threshold{Count: 1}, true
	var members []elb.Target
	for i := range count {
		members = append(members, member(i))
	}
	g := New(s, Checks{}, members, 0, func() {})
	t.Cleanup(g.Close)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, x := range g.targets {
		x.show(elb.Health{State: elb.Healthy})
	}
	g.refresh()
	return g
}

func member(i int) elb.Target {
	return elb.Target{ID: "10.0.0.1", Address: "10.0.0.1", Port: int32(8000 + i), Zone: "a"}
}

// picks counts by target who gets the next n requests.
func picks(g *Group, n int) []int {
	out := make([]int, len(g.targets))
	for range n {
		out[slices.Index(g.targets, g.Pick("a"))]++
	}
	return out
}

func TestRow51RoundRobinGoesByTurns(t *testing.T) {
	assert.Equal(t, []int{10, 10, 10}, picks(healthy(t, Settings{}, 3), 30))
}

func TestRow51LeastOutstandingRequests(t *testing.T) {
	g := healthy(t, Settings{Algorithm: LeastOutstanding}, 3)
	require.True(t, g.Watches())
	assert.Equal(t, []int{10, 10, 10}, picks(g, 30), "by turns while nothing is under way")
	g.Started(g.targets[0])
	g.Started(g.targets[0])
	g.Started(g.targets[2])
	assert.Equal(t, []int{0, 30, 0}, picks(g, 30), "the one with nothing under way")
	g.Started(g.targets[1])
	got := picks(g, 30)
	assert.Zero(t, got[0])
	assert.True(t, got[1] > 0 && got[2] > 0, "the two with one request each: %v", got)
	g.Ended(g.targets[0], false)
	g.Ended(g.targets[0], true)
	assert.Equal(t, []int{30, 0, 0}, picks(g, 30), "the one whose requests are over")
}

func TestRow51WeightedRandom(t *testing.T) {
	g := healthy(t, Settings{Algorithm: WeightedRandom}, 3)
	assert.False(t, g.Watches(), "without mitigation nobody needs to know")
	got := picks(g, 9000)
	for i := range got {
		assert.InDelta(t, 3000, got[i], 300, "target %d: six standard deviations", i)
	}
	assert.NotEqual(t, []int{3000, 3000, 3000}, got, "by chance, not by turns")
}

func TestRow51AnomalyMitigation(t *testing.T) {
	tests := []struct {
		name    string
		targets int
		fails   func(target int) bool
		less    bool
	}{
		{"row 51: a target that alone fails gets less", 3, func(i int) bool { return i == 0 }, true},
		{"row 51: not if all fail", 3, func(int) bool { return true }, false},
		{"row 51: not if none fails", 3, func(int) bool { return false }, false},
		{"row 51: not among fewer than three healthy targets", 2, func(i int) bool { return i == 0 }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := healthy(t, Settings{Algorithm: WeightedRandom, MitigateAnomalies: true}, tt.targets)
			require.True(t, g.Watches())
			serve := func(fails func(int) bool, windows int) {
				for range windows * anomalyWindow {
					x := g.Pick("a")
					g.Started(x)
					g.Ended(x, fails(slices.Index(g.targets, x)))
				}
			}
			serve(tt.fails, 20)
			share := float64(picks(g, 9000)[0]) / 9000
			if !tt.less {
				assert.InDelta(t, 1/float64(tt.targets), share, 0.05)
				return
			}
			assert.Less(t, share, 0.1)
			assert.Positive(t, share, "it gets enough to show that it has recovered")
			serve(func(int) bool { return false }, 40)
			assert.InDelta(t, 1.0/3, float64(picks(g, 9000)[0])/9000, 0.05, "after it has")
		})
	}
}

func TestRow52SlowStart(t *testing.T) {
	const whole = time.Hour
	start := func(g *Group, i int) { // becomes healthy, as a check reports it
		g.mu.Lock()
		defer g.mu.Unlock()
		g.startSlowly(g.targets[i], elb.Healthy)
	}
	share := func(g *Group, i int) float64 { return g.targets[i].share(time.Now(), whole) }
	add := func(g *Group, count int) {
		var members []elb.Target
		for i := range count {
			members = append(members, member(i))
		}
		g.Update(*g.settings, Checks{}, members)
	}

	t.Run("row 52: the share of a new target grows linearly", func(t *testing.T) {
		g := healthy(t, Settings{SlowStart: whole}, 2)
		g.targets[1].slowSince.Store(time.Now().Add(-whole / 4).UnixNano())
		got := picks(g, 5000)
		assert.InDelta(t, 1000, got[1], 200, "a quarter of what the other gets")
		g.targets[1].slowSince.Store(time.Now().Add(-whole).UnixNano())
		assert.Equal(t, []int{10, 10}, picks(g, 20), "when it is over")
	})
	t.Run("row 52: for a target that joins healthy ones", func(t *testing.T) {
		g := healthy(t, Settings{SlowStart: whole}, 1)
		add(g, 2)
		start(g, 1)
		assert.Less(t, share(g, 1), 0.1)
	})
	t.Run("row 52: not for the first targets of a group", func(t *testing.T) {
		g := healthy(t, Settings{SlowStart: whole}, 2)
		start(g, 0)
		start(g, 1)
		assert.InDelta(t, 1, share(g, 0), 0)
		assert.InDelta(t, 1, share(g, 1), 0)
	})
	t.Run("row 52: not while all other healthy targets are in slow start", func(t *testing.T) {
		g := healthy(t, Settings{SlowStart: whole}, 1)
		g.targets[0].slowSince.Store(time.Now().UnixNano())
		add(g, 2)
		start(g, 1)
		assert.InDelta(t, 1, share(g, 1), 0)
	})
	t.Run("row 52: again after it was unhealthy", func(t *testing.T) {
		g := healthy(t, Settings{SlowStart: whole}, 2)
		g.targets[1].first = false
		g.mu.Lock()
		g.startSlowly(g.targets[1], elb.Unhealthy)
		g.mu.Unlock()
		start(g, 1)
		assert.Less(t, share(g, 1), 0.1)
	})
	t.Run("row 52: off by default", func(t *testing.T) {
		g := healthy(t, Settings{}, 1)
		add(g, 2)
		start(g, 1)
		assert.InDelta(t, 1, share(g, 1), 0)
	})
}

func TestPickDoesNotAllocate(t *testing.T) {
	for name, s := range map[string]Settings{"round robin": {}, "least outstanding": {Algorithm: LeastOutstanding}, "weighted random": {Algorithm: WeightedRandom}} {
		t.Run(name, func(t *testing.T) {
			g := healthy(t, s, 3)
			assert.Zero(t, testing.AllocsPerRun(100, func() { g.Pick("a") }))
		})
	}
}
