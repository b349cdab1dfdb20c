// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// target is a registered target. It keeps draining after its deregistration until the timer ends.
type target struct {
	id    string
	port  int32
	zone  string // as registered; "all" for an address outside the VPC
	drain *time.Timer

	drainsTill time.Time // zero unless drain is set
}

func (t *target) stop() {
	if t.drain != nil {
		t.drain.Stop()
		t.drain, t.drainsTill = nil, time.Time{}
	}
}

func (a *AWS) targetOperations() []operation {
	return []operation{changes(a.registerTargets), changes(a.deregisterTargets), reads(a.describeTargetHealth)}
}

func (tg *targetGroup) find(d types.TargetDescription) *target {
	port := tg.portOf(d)
	if i := slices.IndexFunc(tg.targets, func(t *target) bool { return t.id == *d.Id && t.port == port }); i >= 0 {
		return tg.targets[i]
	}
	return nil
}

func (tg *targetGroup) portOf(d types.TargetDescription) int32 {
	if d.Port != nil {
		return *d.Port
	}
	return aws.ToInt32(tg.sdk.Port)
}

func (a *AWS) registerTargets(in *elbv2.RegisterTargetsInput) (*elbv2.RegisterTargetsOutput, error) {
	tg, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	for _, d := range in.Targets {
		if err := a.checkTarget(tg, d); err != nil {
			return nil, err
		}
	}
	if err := a.checkTargetQuotas(tg, in.Targets); err != nil {
		return nil, err
	}
	for _, d := range in.Targets {
		if t := tg.find(d); t != nil {
			t.stop() // a draining target comes back
			t.zone = aws.ToString(d.AvailabilityZone)
			continue
		}
		tg.targets = append(tg.targets, &target{id: *d.Id, port: tg.portOf(d), zone: aws.ToString(d.AvailabilityZone)})
	}
	return &elbv2.RegisterTargetsOutput{}, nil
}

func (a *AWS) deregisterTargets(in *elbv2.DeregisterTargetsInput) (*elbv2.DeregisterTargetsOutput, error) {
	tg, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	for _, d := range in.Targets {
		if t := tg.find(d); t != nil && t.drain == nil { // AWS: deregistering what is not registered succeeds
			a.drain(tg, t)
		}
	}
	return &elbv2.DeregisterTargetsOutput{}, nil
}

// drain removes a target when the deregistration delay has passed. A target group that no load
// balancer uses has no connections to wait for.
func (a *AWS) drain(tg *targetGroup, t *target) {
	seconds, err := strconv.Atoi(tg.attributes.values["deregistration_delay.timeout_seconds"])
	if err != nil || seconds == 0 || len(a.loadBalancersOf(*tg.sdk.TargetGroupArn)) == 0 {
		tg.remove(t)
		return
	}
	a.drainTill(tg, t, now().Add(time.Duration(seconds)*time.Second))
}

// drainTill removes a target at a time, which may have passed.
func (a *AWS) drainTill(tg *targetGroup, t *target, till time.Time) {
	var own *time.Timer
	own = time.AfterFunc(time.Until(till), func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if t.drain == own { // not one that a later registration has stopped
			tg.remove(t)
			a.notify()
		}
	})
	t.drain, t.drainsTill = own, till
}

func (tg *targetGroup) remove(t *target) {
	t.stop()
	tg.targets = slices.DeleteFunc(tg.targets, func(x *target) bool { return x == t })
}

// describeTargetHealth is special: it asks the health function, which must not be called with the
// lock held, so the lock is given back meanwhile.
func (a *AWS) describeTargetHealth(in *elbv2.DescribeTargetHealthInput) (*elbv2.DescribeTargetHealthOutput, error) {
	tg, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	out := &elbv2.DescribeTargetHealthOutput{}
	var targets []elb.Target
	add := func(d types.TargetDescription, t elb.Target) {
		targets = append(targets, t)
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, types.TargetHealthDescription{
			Target: &d, HealthCheckPort: aws.String(healthPort(tg.sdk, t.Port)),
		})
	}
	for _, t := range tg.targets {
		d := types.TargetDescription{Id: aws.String(t.id), Port: aws.Int32(t.port)}
		if t.zone != "" {
			d.AvailabilityZone = aws.String(t.zone)
		}
		if len(in.Targets) == 0 || slices.ContainsFunc(in.Targets, func(x types.TargetDescription) bool { return tg.find(x) == t }) {
			add(d, a.describedTarget(tg, t))
		}
	}
	for _, d := range in.Targets {
		if tg.find(d) == nil {
			add(d, elb.Target{ID: aws.ToString(d.Id), Port: tg.portOf(d), Health: elb.Health{
				State: elb.Unused, Reason: "Target.NotRegistered", Description: "Target is not registered to the target group"}})
		}
	}
	a.withHealth(*in.TargetGroupArn, targets)
	for i, t := range targets {
		h := &types.TargetHealth{State: types.TargetHealthStateEnum(t.Health.State), Reason: types.TargetHealthReasonEnum(t.Health.Reason)}
		if t.Health.Description != "" {
			h.Description = aws.String(t.Health.Description)
		}
		out.TargetHealthDescriptions[i].TargetHealth = h
	}
	return out, nil
}

func healthPort(tg types.TargetGroup, port int32) string {
	if p := aws.ToString(tg.HealthCheckPort); p != "traffic-port" {
		return p
	}
	return strconv.Itoa(int(port))
}
