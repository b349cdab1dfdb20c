// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plandiff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Ignored says what the controller leaves as it is on load balancers that exist: where the account after a change
// differs from fresh, what the same manifests build on an empty account, without ARNs. The name is such a thing.
func Ignored(after, fresh elb.Plan) []elb.Warning {
	var out []elb.Warning
	wanted, _ := match(fresh.LoadBalancers, nil, of)
	for _, lb := range after.LoadBalancers {
		want, ok := wanted[of(lb)]
		if !ok || len(lb.Objects) == 0 || len(rejections(lb, after)) > 0 {
			continue
		}
		for _, d := range parts(withoutARNs(lb), want) {
			out = append(out, elb.Warning{Object: lb.Objects[0], Message: ignored(d)})
		}
	}
	return out
}

func ignored(d Detail) string {
	switch {
	case strings.HasPrefix(d.What, "target group ") && strings.HasSuffix(d.What, ": port"):
		// The controller registers each target with its own port, which beats the group's.
		return fmt.Sprintf("%s stays %s, which means nothing: targets are registered anew with port %s, and those with the old port are drained", d.What, d.Old, d.New)
	case d.What == "name" && d.Old == "":
		d.Old = "the one that the controller chose"
	default:
		d.Old = orNothing(d.Old)
	}
	return fmt.Sprintf("%s stays %s instead of %s: the controller does not change it on a load balancer that exists; delete the object and make it again to change it",
		d.What, d.Old, orNothing(d.New))
}

func withoutARNs(lb elb.LoadBalancer) elb.LoadBalancer {
	lb.ARN, lb.TargetGroups = "", slices.Clone(lb.TargetGroups)
	for i := range lb.TargetGroups {
		lb.TargetGroups[i].ARN = ""
	}
	return lb
}

func orNothing(value string) string {
	if value == "" {
		return "unset"
	}
	return fmt.Sprintf("%q", value)
}
