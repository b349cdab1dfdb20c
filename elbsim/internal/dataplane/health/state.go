// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package health finds out whether targets are healthy. The state machine and the matcher are pure; the two
// kinds of load balancer check in ways of their own (application.go, network.go), because AWS's do. It never
// decides where traffic goes.
package health

import "github.com/istio-aws/istio-aws/elbsim/internal/elb"

// Reason codes and descriptions of the ELBv2 API (TargetHealth).
const (
	reasonRegistering = "Elb.RegistrationInProgress"
	reasonInitial     = "Elb.InitialHealthChecking"
	reasonMismatch    = "Target.ResponseCodeMismatch"
	reasonTimeout     = "Target.Timeout"
	reasonFailed      = "Target.FailedHealthChecks"
	reasonDraining    = "Target.DeregistrationInProgress"
	reasonInvalid     = "Target.InvalidState"
	reasonNotInUse    = "Target.NotInUse"
)

// Registering is the health of a target that the load balancer does not know yet.
func Registering() elb.Health {
	return elb.Health{State: elb.Initial, Reason: reasonRegistering, Description: "Target registration is in progress"}
}

// Draining is the health of a target that is being deregistered.
func Draining() elb.Health {
	return elb.Health{State: elb.Draining, Reason: reasonDraining, Description: "Target deregistration is in progress"}
}

// NoAddress is the health of a target to which no connection is possible.
func NoAddress() elb.Health {
	return elb.Health{State: elb.Unused, Reason: reasonInvalid, Description: "Target has no address"}
}

// ZoneNotEnabled is the health of a target in a zone that the load balancer does not enable.
func ZoneNotEnabled() elb.Health {
	return elb.Health{State: elb.Unused, Reason: reasonNotInUse, Description: "Target is in an Availability Zone that is not enabled for the load balancer"}
}

// Result is the outcome of one check; Reason and Description are for a failure.
type Result struct {
	OK                  bool
	Reason, Description string
}

// Thresholds are how many results in a row change a target's state.
type Thresholds struct{ Healthy, Unhealthy int32 }

// State is what is known of a target after some checks.
type State struct {
	Health elb.Health
	run    int32 // results in a row that speak against Health.State
}

// Initial is the state before the first check.
func Initial() State {
	return State{Health: elb.Health{State: elb.Initial, Reason: reasonInitial, Description: "Initial health checks in progress"}}
}

// Next is the state after another check (row 48): one success makes a new target healthy, after that it
// takes as many results in a row as the thresholds say.
func (s State) Next(r Result, t Thresholds) State {
	healthy := State{Health: elb.Health{State: elb.Healthy}}
	unhealthy := State{Health: elb.Health{State: elb.Unhealthy, Reason: r.Reason, Description: r.Description}}
	switch {
	case r.OK && s.Health.State != elb.Unhealthy:
		return healthy
	case !r.OK && s.Health.State == elb.Unhealthy:
		return unhealthy // still, for the newest reason
	}
	s.run++
	switch {
	case r.OK && s.run >= t.Healthy:
		return healthy
	case !r.OK && s.run >= t.Unhealthy:
		return unhealthy
	}
	return s
}

// Together is what is shown of a target that several nodes of a load balancer check. AWS does not say how it puts
// their results together; the strictest way is ours: a target that one node finds unhealthy is unhealthy, and
// it is healthy when all nodes find it so. There must be at least one state.
func Together(nodes []State) elb.Health {
	shown := nodes[0].Health
	for _, n := range nodes {
		switch n.Health.State {
		case elb.Unhealthy:
			return n.Health
		case elb.Initial:
			shown = n.Health
		}
	}
	return shown
}
