// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// groupWith is a load balancer with a target group.
func groupWith(kind elb.Type, protocol string, attributes map[string]string) (elb.LoadBalancer, elb.TargetGroup) {
	return elb.LoadBalancer{Type: kind, Zones: []string{"eu-west-1a"}}, elb.TargetGroup{
		Protocol: protocol, Attributes: attributes,
		HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/", Matcher: "200", IntervalSeconds: 30, TimeoutSeconds: 5, HealthyThreshold: 5, UnhealthyThreshold: 2},
	}
}

// settings are what a plane makes of a target group, without what is not compared.
func settings(t *testing.T, lb elb.LoadBalancer, tg elb.TargetGroup) target.Settings {
	t.Helper()
	out, _, err := New(Options{}).groupOf(lb, tg)
	require.NoError(t, err)
	out.Traffic = nil
	return out
}

func TestAttributesOfTargetGroupsReachTheTargets(t *testing.T) {
	type values = map[string]string
	const dns, routing, unhealthy = "target_group_health.dns_failover.minimum_healthy_targets.", "target_group_health.unhealthy_state_routing.minimum_healthy_targets.", "target_health_state.unhealthy."
	for _, tt := range []struct {
		name       string
		kind       elb.Type
		protocol   string
		attributes values
		got        func(target.Settings) any
		without    any
		with       any
	}{
		{"row 46: minimum of healthy targets", elb.Network, "TCP", values{routing + "count": "2", routing + "percentage": "50"},
			func(s target.Settings) any { return s.Threshold }, target.Threshold{Count: 1}, target.Threshold{Count: 2, Percent: 50}},
		{"row 51: least outstanding requests", elb.Application, "HTTP", values{"load_balancing.algorithm.type": "least_outstanding_requests"},
			func(s target.Settings) any { return s.Algorithm }, target.RoundRobin, target.LeastOutstanding},
		{"row 51: anomaly mitigation", elb.Application, "HTTP", values{"load_balancing.algorithm.type": "weighted_random", "load_balancing.algorithm.anomaly_mitigation": "on"},
			func(s target.Settings) any { return s.MitigateAnomalies }, false, true},
		{"row 51: no anomaly mitigation but for weighted random", elb.Application, "HTTP", values{"load_balancing.algorithm.anomaly_mitigation": "on"},
			func(s target.Settings) any { return s.MitigateAnomalies }, false, false},
		{"row 52: slow start", elb.Application, "HTTP", values{"slow_start.duration_seconds": "30"},
			func(s target.Settings) any { return s.SlowStart }, time.Duration(0), 30 * time.Second},
		{"row 53: what is open to a target of an ALB ends with its deregistration", elb.Application, "HTTP", nil,
			func(s target.Settings) any { return s.CutGone }, true, true},
		{"row 55: cross-zone of an ALB's group", elb.Application, "HTTP", values{"load_balancing.cross_zone.enabled": "false"},
			func(s target.Settings) any { return s.CrossZone }, true, false},
		{"row 67: passive checks, unless the group is sticky", elb.Network, "TCP", values{"stickiness.enabled": "true"},
			func(s target.Settings) any { return s.Passive }, true, false},
		{"row 67: no passive checks of UDP", elb.Network, "UDP", nil, func(s target.Settings) any { return s.Passive }, false, false},
		{"row 67: no passive checks by an ALB", elb.Application, "HTTP", nil, func(s target.Settings) any { return s.Passive }, false, false},
		{"row 68: minimum of healthy targets for DNS", elb.Network, "TCP", values{dns + "count": "3", dns + "percentage": "60"},
			func(s target.Settings) any { return s.DNS }, target.Threshold{Count: 1}, target.Threshold{Count: 3, Percent: 60}},
		{"row 68: zones stay in DNS", elb.Network, "TCP", values{dns + "count": "off"},
			func(s target.Settings) any { return s.DNS }, target.Threshold{Count: 1}, target.Threshold{}},
		{"row 69: connections to unhealthy targets", elb.Network, "TCP", values{unhealthy + "connection_termination.enabled": "false"},
			func(s target.Settings) any { return s.CutUnhealthy }, true, false},
		{"row 69: flows to unhealthy targets stay", elb.Network, "UDP", nil, func(s target.Settings) any { return s.CutUnhealthy }, false, false},
		{"row 69: draining interval", elb.Network, "TCP", values{unhealthy + "connection_termination.enabled": "false", unhealthy + "draining_interval_seconds": "60"},
			func(s target.Settings) any { return s.UnhealthyDraining }, time.Duration(0), time.Minute},
		{"row 70: connections to deregistered targets", elb.Network, "TCP", values{"deregistration_delay.connection_termination.enabled": "true"},
			func(s target.Settings) any { return s.CutGone }, false, true},
		{"row 71: cross-zone of an NLB's group", elb.Network, "TCP", values{"load_balancing.cross_zone.enabled": "true"},
			func(s target.Settings) any { return s.CrossZone }, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lb, tg := groupWith(tt.kind, tt.protocol, nil)
			assert.Equal(t, tt.without, tt.got(settings(t, lb, tg)), "by default")
			tg.Attributes = tt.attributes
			assert.Equal(t, tt.with, tt.got(settings(t, lb, tg)), "with %v", tt.attributes)
		})
	}
}

func TestRow48PlanOfChecks(t *testing.T) {
	lb, tg := groupWith(elb.Application, "HTTP", nil)
	lb.Addresses = []elb.Address{{Zone: "eu-west-1a", IP: "192.0.2.1"}, {Zone: "eu-west-1b", IP: "192.0.2.2"}}
	_, checks, err := New(Options{}).groupOf(lb, tg)
	require.NoError(t, err)
	assert.Equal(t, health.Plan{Interval: 30 * time.Second, Timeout: 5 * time.Second, Thresholds: health.Thresholds{Healthy: 5, Unhealthy: 2}}, checks.Plan)
	assert.Len(t, checks.Make, 2, "every node checks")
}

// An attribute that has AWS's default is not described, so both sides must know the same default.
func TestDefaultsOfAttributesAreThoseOfTheAccount(t *testing.T) {
	b, err := os.ReadFile("../../contract/attributes.json")
	require.NoError(t, err)
	var known map[string]map[string]map[string]struct{ Default string }
	require.NoError(t, json.Unmarshal(b, &known))
	defaults := func(of map[string]struct{ Default string }) map[string]string {
		out := map[string]string{}
		for key, x := range of {
			out[key] = x.Default
		}
		require.NotEmpty(t, out)
		return out
	}
	for name, of := range map[string]struct {
		kind     elb.Type
		protocol string
	}{"alb": {elb.Application, "HTTP"}, "nlb": {elb.Network, "TCP"}} {
		t.Run(name, func(t *testing.T) {
			lb, tg := groupWith(of.kind, of.protocol, nil)
			without := settings(t, lb, tg)
			lb.Attributes, tg.Attributes = defaults(known[name]["loadBalancer"]), defaults(known[name]["targetGroup"])
			assert.Equal(t, without, settings(t, lb, tg))
		})
	}
}
