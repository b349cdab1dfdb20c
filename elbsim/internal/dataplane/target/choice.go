// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import "slices"

// Threshold is how many targets must be healthy (attributes target_group_health.*.minimum_healthy_targets.*).
// It is breached as soon as one of its two parts is. The zero value is not AWS's default.
type Threshold struct {
	Count   int // 1 by default; 0 is off
	Percent int // 0 is off
}

// met tells whether enough targets are healthy.
func (t Threshold) met(healthy, registered int) bool {
	return healthy >= t.Count && healthy*100 >= t.Percent*registered
}

// candidate is what the choice knows of a registered target that may get traffic at all.
type candidate struct {
	target  *Target
	zone    string
	healthy bool
}

// Pool is where the node of a load balancer sends new connections and requests at the moment.
type Pool struct {
	// Targets are those that get traffic.
	Targets []*Target
	// FailOpen: too few targets are healthy, so all that the node may use get traffic (rows 46, 68).
	FailOpen bool
	// InDNS: enough targets are healthy for the node to be found in DNS (row 68).
	InDNS bool
}

// View is the pools of all nodes. It does not change.
type View struct {
	settings *Settings
	all      *Pool
	zones    map[string]*Pool // by zone of the node, if cross-zone is off
	rest     *Pool            // for a zone without targets of its own
}

// everyZone is the zone of targets that AWS sends to from all of a load balancer's zones: addresses
// outside its VPC (API TargetDescription).
const everyZone = "all"

// anywhere tells whether a target may get traffic from all zones: also if nobody knows its own.
func anywhere(zone string) bool { return zone == "" || zone == everyZone }

// choose computes the pools. Which targets a node may use, and so what the thresholds count, depends on
// cross-zone: all of them, or those of the node's zone and of every zone (rows 55, 71; "target group health").
func choose(candidates []candidate, s *Settings) *View {
	v := &View{settings: s}
	if s.CrossZone {
		v.all = s.pool(candidates)
		return v
	}
	of := func(zone string) *Pool {
		return s.pool(slices.DeleteFunc(slices.Clone(candidates), func(c candidate) bool { return c.zone != zone && !anywhere(c.zone) }))
	}
	v.zones, v.rest = map[string]*Pool{}, of(everyZone)
	for _, c := range candidates {
		if v.zones[c.zone] == nil {
			v.zones[c.zone] = of(c.zone)
		}
	}
	return v
}

func (s *Settings) pool(usable []candidate) *Pool {
	healthy := 0
	for _, c := range usable {
		if c.healthy {
			healthy++
		}
	}
	p := &Pool{FailOpen: !s.Threshold.met(healthy, len(usable)), InDNS: s.DNS.met(healthy, len(usable))}
	for _, c := range usable {
		if c.healthy || p.FailOpen {
			p.Targets = append(p.Targets, c.target)
		}
	}
	return p
}

// CrossZone tells whether each node uses the targets of all zones.
func (v *View) CrossZone() bool { return v.settings.CrossZone }

// Pool is that of the node of a zone.
func (v *View) Pool(zone string) *Pool {
	if v.all != nil {
		return v.all
	}
	if p := v.zones[zone]; p != nil {
		return p
	}
	return v.rest
}

// Find returns the target that gets traffic under an identifier and a port; nil if there is none.
func (p *Pool) Find(id string, port uint16) *Target {
	for _, t := range p.Targets {
		if t.ID == id && t.Addr.Port() == port {
			return t
		}
	}
	return nil
}

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
