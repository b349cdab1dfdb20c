// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// TestAnnotationsThatTrafficFollowsAreDescribed holds what manifests ask for against the description that load
// balancers are served by.
func TestAnnotationsThatTrafficFollowsAreDescribed(t *testing.T) {
	type values = map[string]string
	const group, balancer = "target-group-attributes", "aws-load-balancer-"
	check := func(lb elb.LoadBalancer) any { return lb.TargetGroups[0].HealthCheck }
	ofGroup := func(lb elb.LoadBalancer) any { return lb.TargetGroups[0].Attributes }
	ofBalancer := func(lb elb.LoadBalancer) any { return lb.Attributes }
	ofListener := func(lb elb.LoadBalancer) any { return lb.Listeners[0].Attributes }
	const minimum = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"
	for _, c := range []struct {
		name, manifests string
		got             func(elb.LoadBalancer) any
		want            any
	}{
		{"row 46: minimum of healthy targets", web(group, minimum+"=50"), ofGroup, values{minimum: "50"}},
		{"row 48: the controller's own checks of an ALB", web(), check,
			elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/", Matcher: "200", IntervalSeconds: 15, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 2}},
		{"row 49: those of gRPC", web("backend-protocol-version", "GRPC", "listen-ports", `[{"HTTPS": 443}]`, "certificate-arn", certificate), check,
			elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/AWS.ALB/healthcheck", Matcher: "12", IntervalSeconds: 15, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 2}},
		{"row 51: algorithm", web(group, "load_balancing.algorithm.type=least_outstanding_requests"), ofGroup, values{"load_balancing.algorithm.type": "least_outstanding_requests"}},
		{"row 52: slow start", web(group, "slow_start.duration_seconds=60"), ofGroup, values{"slow_start.duration_seconds": "60"}},
		{"row 53: deregistration delay", web(group, "deregistration_delay.timeout_seconds=7"), ofGroup, values{"deregistration_delay.timeout_seconds": "7"}},
		{"row 55: cross-zone of an ALB's group", web(group, "load_balancing.cross_zone.enabled=false"), ofGroup, values{"load_balancing.cross_zone.enabled": "false"}},
		{"row 58: idle timeout", tcp(balancer+"listener-attributes.TCP-80", "tcp.idle_timeout.seconds=400"), ofListener, values{"tcp.idle_timeout.seconds": "400"}},
		{"row 60: client IP preservation of ip targets is off", tcp(balancer+group, "preserve_client_ip.enabled=false"), ofGroup, values(nil)},
		{"row 60: unless it is switched on", tcp(balancer+group, "preserve_client_ip.enabled=true"), ofGroup, values{"preserve_client_ip.enabled": "true"}},
		{"row 60: that of instances is on", instance(balancer+group, "preserve_client_ip.enabled=false"), ofGroup, values{"preserve_client_ip.enabled": "false"}},
		{"row 64: PROXY v2", tcp(balancer+"proxy-protocol", "*"), ofGroup, values{"proxy_protocol_v2.enabled": "true"}},
		{"row 67: the controller's own checks of an NLB", tcp(), check,
			elb.HealthCheck{Protocol: "TCP", Port: "traffic-port", IntervalSeconds: 10, TimeoutSeconds: 10, HealthyThreshold: 3, UnhealthyThreshold: 3}},
		{"row 69: connections to unhealthy targets", tcp(balancer+group, "target_health_state.unhealthy.connection_termination.enabled=false"), ofGroup,
			values{"target_health_state.unhealthy.connection_termination.enabled": "false"}},
		{"row 70: connections to deregistered targets", tcp(balancer+group, "deregistration_delay.connection_termination.enabled=true"), ofGroup,
			values{"deregistration_delay.connection_termination.enabled": "true"}},
		{"row 71: cross-zone of an NLB", tcp(balancer+"attributes", "load_balancing.cross_zone.enabled=true"), ofBalancer, values{"load_balancing.cross_zone.enabled": "true"}},
		{"row 72: stickiness", tcp(balancer+group, "stickiness.enabled=true,stickiness.type=source_ip"), ofGroup, values{"stickiness.enabled": "true"}},
		{"row 74: client routing policy", tcp(balancer+"attributes", "dns_record.client_routing_policy=availability_zone_affinity"), ofBalancer,
			values{"dns_record.client_routing_policy": "availability_zone_affinity"}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, c.got(only(t, c.manifests))) })
	}
}
