// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plandiff

import (
	"fmt"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Of a replaced target group: the controller points rules at the new group before it registers targets there (LBC
// pkg/deploy/stack_deployer.go, TargetGroupBindings come last).
const (
	emptyALB = "until targets are registered in the new target group its requests are answered 503 (seconds)"
	emptyNLB = "until targets are registered in the new target group its new connections fail (seconds); existing ones end"
)

func (d *details) targetGroups(before, after elb.LoadBalancer) {
	old, gone := match(before.TargetGroups, after.TargetGroups, func(tg elb.TargetGroup) string { return tg.Name })
	for _, tg := range gone {
		*d = append(*d, Detail{Action: Delete, What: "target group", Old: tg.Name})
	}
	sameBalancer := before.ARN == after.ARN
	for _, tg := range after.TargetGroups {
		was, known := old[tg.Name]
		switch {
		case !known:
			*d = append(*d, Detail{Action: Create, What: "target group", New: tg.Name})
		case was.ARN != tg.ARN:
			replaced := Detail{Action: Replace, What: "target group", Old: tg.Name, New: tg.Name}
			if sameBalancer && after.Type == elb.Network {
				replaced.Traffic = emptyNLB
			} else if sameBalancer {
				replaced.Traffic = emptyALB
			}
			*d = append(*d, replaced)
		}
		d.targetGroup(was, tg)
	}
}

func (d *details) targetGroup(old, tg elb.TargetGroup) {
	at := "target group " + tg.Name + ": "
	d.text(at+"targets", old.TargetType, tg.TargetType, "")
	d.text(at+"protocol", old.Protocol, tg.Protocol, "")
	d.text(at+"protocol version", old.ProtocolVersion, tg.ProtocolVersion, "")
	d.text(at+"port", port(old), port(tg), "")
	h, was := tg.HealthCheck, old.HealthCheck
	d.text(at+"health check protocol", was.Protocol, h.Protocol, "")
	d.text(at+"health check port", healthPort(was.Port), healthPort(h.Port), "")
	d.text(at+"health check path", was.Path, h.Path, "")
	d.text(at+"health check success codes", was.Matcher, h.Matcher, "")
	d.text(at+"health check interval", seconds(was.IntervalSeconds), seconds(h.IntervalSeconds), "")
	d.text(at+"health check time-out", seconds(was.TimeoutSeconds), seconds(h.TimeoutSeconds), "")
	d.text(at+"healthy threshold", times(was.HealthyThreshold), times(h.HealthyThreshold), "")
	d.text(at+"unhealthy threshold", times(was.UnhealthyThreshold), times(h.UnhealthyThreshold), "")
	d.attributes(at, old.Attributes, tg.Attributes)
	d.pairs(at+"tag ", old.Tags, tg.Tags, "")
}

// chosen stands for a node port that a plan cannot know.
const chosen = "a node port that Kubernetes chooses"

// port is nothing for a target group that is not there.
func port(tg elb.TargetGroup) string {
	switch {
	case tg.Name == "":
		return ""
	case tg.Port == 0:
		return chosen
	}
	return fmt.Sprint(tg.Port)
}

func healthPort(port string) string {
	if port == "0" {
		return chosen
	}
	return port
}

func seconds(n int32) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d s", n)
}

func times(n int32) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
