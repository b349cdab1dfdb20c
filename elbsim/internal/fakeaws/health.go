// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// registrationInProgress is the health of every target until SetHealth.
func registrationInProgress(string, elb.Target) elb.Health {
	return elb.Health{State: elb.Initial, Reason: "Elb.RegistrationInProgress", Description: "Target registration is in progress"}
}

// describedTarget describes a target. Its health is set only if the account itself knows it: draining,
// or unused because no listener forwards to the group.
func (a *AWS) describedTarget(tg *targetGroup, t *target) elb.Target {
	out := elb.Target{ID: t.id, Port: t.port, Zone: t.zone}
	switch tg.sdk.TargetType {
	case types.TargetTypeEnumInstance:
		if i, ok := a.instance(t.id); ok {
			out.Address, out.Zone = i.Address, i.Zone
		}
	case types.TargetTypeEnumAlb:
		if lb := a.lbs.get(t.id); lb != nil && len(lb.addresses) > 0 {
			out.Address, out.Zone = lb.addresses[0].IP, lb.addresses[0].Zone
		}
	default:
		out.Address = t.id
		if zone := a.zoneOfIP(t.id); zone != "" && t.zone != "all" {
			out.Zone = zone
		}
	}
	switch {
	case t.drain != nil:
		out.Health = elb.Health{State: elb.Draining, Reason: "Target.DeregistrationInProgress", Description: "Target deregistration is in progress"}
	case len(a.loadBalancersOf(*tg.sdk.TargetGroupArn)) == 0:
		out.Health = elb.Health{State: elb.Unused, Reason: "Target.NotInUse", Description: "Target group is not configured to receive traffic from the load balancer"}
	}
	return out
}

// withHealth asks for the health of those targets whose health the account does not know itself.
// The lock, which the caller holds, is given back meanwhile.
func (a *AWS) withHealth(tgARN string, targets []elb.Target) {
	health := a.health
	a.mu.Unlock()
	defer a.mu.Lock()
	for i, t := range targets {
		if t.Health.State == "" {
			targets[i].Health = health(tgARN, t)
		}
	}
}
