// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import "github.com/istio-aws/istio-aws/elbsim/internal/elb"

// Automatic Target Weights. AWS says what counts (status 5xx, failures of the connection), that a group needs three
// healthy targets, and that weights fall fast and rise slowly. It publishes no numbers; these are our own.
const (
	anomalyWindow  = 100 // answers of a group that are judged together
	anomalyTargets = 3   // healthy targets without which nothing is judged
	anomalyRate    = 0.2 // failures per answer that are not yet anomalous
	anomalyTimes   = 3   // as many failures per answer as the others have are not yet anomalous
	fullWeight     = 64
	weightStep     = 4 // by which a weight rises
)

// tally is what a target answered in one window.
type tally struct{ answers, failures int32 }

// anomalous tells for each target whether it fails out of line with the others.
func anomalous(tallies []tally) []bool {
	var all tally
	for _, t := range tallies {
		all.answers += t.answers
		all.failures += t.failures
	}
	out := make([]bool, len(tallies))
	for i, t := range tallies {
		others := 0.0
		if n := all.answers - t.answers; n > 0 {
			others = float64(all.failures-t.failures) / float64(n)
		}
		out[i] = t.answers > 0 && float64(t.failures)/float64(t.answers) > anomalyRate+anomalyTimes*others
	}
	return out
}

// weigh ends a window: the weight of an anomalous target is halved, that of any other one rises.
func (g *Group) weigh() {
	g.mu.Lock()
	defer g.mu.Unlock()
	var healthy []*Target
	var tallies []tally
	for _, t := range g.targets {
		counted := tally{t.answers.Swap(0), t.failures.Swap(0)}
		if t.Health().State == elb.Healthy {
			healthy, tallies = append(healthy, t), append(tallies, counted)
		}
	}
	for i, bad := range anomalous(tallies) {
		switch w := healthy[i].weight.Load(); {
		case len(healthy) < anomalyTargets:
			healthy[i].weight.Store(fullWeight)
		case bad:
			healthy[i].weight.Store(max(1, w/2))
		default:
			healthy[i].weight.Store(min(fullWeight, w+weightStep))
		}
	}
}
