// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package target

import (
	"slices"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// Algorithm is how the next target of a request is chosen (attribute load_balancing.algorithm.type, row 51).
type Algorithm string

// The algorithms, as AWS spells them.
const (
	RoundRobin       Algorithm = "round_robin"
	LeastOutstanding Algorithm = "least_outstanding_requests"
	WeightedRandom   Algorithm = "weighted_random"
)

// Settings are how a group chooses and what it does to what is open. They do not change once given.
type Settings struct {
	// Threshold is when too few targets are healthy to send traffic to them alone.
	Threshold Threshold
	// DNS is when too few targets are healthy for a node to be found in DNS.
	DNS Threshold
	// Zones are those that the load balancer enables; a target elsewhere is unused (row 50). Empty is all.
	Zones []string
	// CrossZone lets each node use the targets of all zones.
	CrossZone bool
	// Algorithm is for Pick; empty is RoundRobin.
	Algorithm Algorithm
	// MitigateAnomalies gives targets with more failures than the others less traffic; for WeightedRandom only.
	MitigateAnomalies bool
	// SlowStart is how long the share of a new healthy target grows; 0 is off. For RoundRobin only.
	SlowStart time.Duration
	// CutGone closes what is open to a target when it is no longer registered.
	CutGone bool
	// CutUnhealthy closes what is open to a target that becomes unhealthy, unless all targets get traffic.
	CutUnhealthy bool
	// Passive lets connections that a target does not take count as failed checks.
	Passive bool
	// UnhealthyDraining is how long a target that becomes unhealthy is shown as unhealthy.draining (row 69).
	UnhealthyDraining time.Duration
	// Outage tells how a target that is taken away does not answer; nil: none is.
	Outage func(id, address, zone string) Outage
	// Traffic returns what counts for the target at an address; nil: nothing is counted.
	Traffic func(address string) *traffic.Counter
}

// uses tells whether the load balancer enables the zone of a target. A target whose zone nobody knows is used.
func (s *Settings) uses(t *Target) bool {
	return len(s.Zones) == 0 || anywhere(t.Zone) || slices.Contains(s.Zones, t.Zone)
}

// Checks are how the targets of a group are checked.
type Checks struct {
	// Of is compared to find out whether checks have changed.
	Of any
	// Make returns the check of one target for each node of the load balancer: every node checks every target.
	Make []func(*Target) health.Check
	Plan health.Plan
}
