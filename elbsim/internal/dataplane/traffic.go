// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"net"
	"strconv"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// counted tells which counters are about something that is there. A target's are forgotten when it is no longer
// registered, its group's go on.
func counted(lbs []elb.LoadBalancer) func(traffic.Key) bool {
	there := map[traffic.Key]bool{}
	for _, lb := range lbs {
		there[traffic.Key{LoadBalancer: lb.ARN}] = true
		for _, l := range lb.Listeners {
			there[traffic.Key{LoadBalancer: lb.ARN, Port: l.Port}] = true
			there[traffic.Key{LoadBalancer: lb.ARN, Port: l.Port, Rule: traffic.DefaultRule}] = true
			for _, r := range l.Rules {
				there[traffic.Key{LoadBalancer: lb.ARN, Port: l.Port, Rule: strconv.Itoa(int(r.Priority))}] = true
			}
		}
		for _, tg := range lb.TargetGroups {
			there[traffic.Key{TargetGroup: tg.ARN}] = true
			for _, t := range tg.Targets {
				there[traffic.Key{TargetGroup: tg.ARN, Target: net.JoinHostPort(t.Address, strconv.Itoa(int(t.Port)))}] = true
			}
		}
	}
	return func(k traffic.Key) bool { return there[k] }
}
