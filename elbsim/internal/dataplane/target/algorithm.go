// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"math/rand/v2"
	"time"
)

// Pick returns the target of the next request at the node of a zone by the group's algorithm (row 51); nil if
// there is none.
func (g *Group) Pick(zone string) *Target {
	v := g.view.Load()
	p := v.Pool(zone)
	if len(p.Targets) == 0 {
		return nil
	}
	turn := g.next.Add(1) - 1
	switch {
	case v.settings.Algorithm == LeastOutstanding:
		return p.leastOutstanding(turn)
	case v.settings.Algorithm == WeightedRandom:
		return p.weightedRandom()
	case v.settings.SlowStart > 0:
		return p.slowly(g, v.settings.SlowStart, turn)
	}
	return p.at(turn)
}

// ByHash returns the target that a hash falls on at the node of a zone, or nil.
func (g *Group) ByHash(zone string, hash uint64) *Target {
	p := g.view.Load().Pool(zone)
	if len(p.Targets) == 0 {
		return nil
	}
	return p.at(hash)
}

func (p *Pool) at(turn uint64) *Target { return p.Targets[turn%uint64(len(p.Targets))] }

// leastOutstanding takes the target with the fewest requests under way, by turns among equals.
func (p *Pool) leastOutstanding(turn uint64) *Target {
	var best *Target
	var least int64
	for i := range p.Targets {
		t := p.at(turn + uint64(i))
		if n := t.outstanding.Load(); best == nil || n < least {
			best, least = t, n
		}
	}
	return best
}

func (p *Pool) weightedRandom() *Target {
	total := int32(0)
	for _, t := range p.Targets {
		total += t.weight.Load()
	}
	n := rand.Int32N(total) // no weight is ever 0
	for _, t := range p.Targets {
		if n -= t.weight.Load(); n < 0 {
			return t
		}
	}
	return p.Targets[0] // a weight has changed meanwhile
}

// slowly goes by turns and passes over a target in slow start as often as its share is short of a whole one
// (row 52).
func (p *Pool) slowly(g *Group, whole time.Duration, turn uint64) *Target {
	for range p.Targets {
		t := p.at(turn)
		if share := t.share(time.Now(), whole); share >= 1 || rand.Float64() < share {
			return t
		}
		turn = g.next.Add(1) - 1
	}
	return p.at(turn)
}

// share is the part of its traffic that a target in slow start gets: it grows from 0 to 1 linearly.
func (t *Target) share(now time.Time, whole time.Duration) float64 {
	since := t.slowSince.Load()
	if since == 0 {
		return 1
	}
	return min(1, float64(now.UnixNano()-since)/float64(whole))
}

// Watches tells whether the algorithm needs to be told of requests by Started and Ended.
func (g *Group) Watches() bool {
	s := g.view.Load().settings
	return s.Algorithm == LeastOutstanding || s.MitigateAnomalies
}

// Started says that a request to a target has begun.
func (g *Group) Started(t *Target) { t.outstanding.Add(1) }

// Ended says that a request which has Started is over; failed is a status of 5xx or a failure of the connection.
func (g *Group) Ended(t *Target, failed bool) {
	t.outstanding.Add(-1)
	if !g.view.Load().settings.MitigateAnomalies {
		return
	}
	t.answers.Add(1)
	if failed {
		t.failures.Add(1)
	}
	if g.answers.Add(1)%anomalyWindow == 0 {
		g.weigh()
	}
}
