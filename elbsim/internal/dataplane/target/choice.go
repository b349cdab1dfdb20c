// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import "slices"

// Threshold is when too few targets are healthy to send traffic to them alone (attributes
// target_group_health.unhealthy_state_routing.minimum_healthy_targets.*). The zero value is not AWS's default.
type Threshold struct {
	Count   int // 1 by default
	Percent int // 0 is off
}

// met tells whether enough targets are healthy.
func (t Threshold) met(healthy, registered int) bool {
	return healthy >= t.Count && healthy*100 >= t.Percent*registered
}

// candidate is what the choice knows of a registered target that does not drain.
type candidate struct {
	target  *Target
	zone    string
	healthy bool
}

// View is where new connections and requests go at the moment.
type View struct {
	// FailOpen: too few targets are healthy, so all registered ones get traffic (rows 46, 68).
	FailOpen bool
	all      []*Target
	zones    map[string][]*Target
}

func choose(candidates []candidate, t Threshold) *View {
	healthy := 0
	for _, c := range candidates {
		if c.healthy {
			healthy++
		}
	}
	v := &View{FailOpen: !t.met(healthy, len(candidates)), zones: map[string][]*Target{}}
	for _, c := range candidates {
		if c.healthy || v.FailOpen {
			v.all = append(v.all, c.target)
			v.zones[c.zone] = append(v.zones[c.zone], c.target)
		}
	}
	return v
}

// everyZone is the zone of targets that AWS sends to from all of a load balancer's zones: addresses
// outside its VPC (API TargetDescription).
const everyZone = "all"

// In returns the targets that the node of a zone may use: its own zone's and those of every zone, or with
// "" all.
func (v *View) In(zone string) []*Target {
	if zone == "" {
		return v.all
	}
	return slices.Concat(v.zones[zone], v.zones[everyZone])
}

// Has tells whether a target gets traffic.
func (v *View) Has(t *Target) bool { return slices.Contains(v.all, t) }

// Weighted returns the index that a number from 0 up to the sum of all weights falls on, or -1 if all weights
// are 0 (row 45).
func Weighted(weights []int32, n int) int {
	for i, w := range weights {
		if n < int(w) {
			return i
		}
		n -= int(w)
	}
	return -1
}
