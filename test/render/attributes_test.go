// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import "testing"

func TestAttributeRefusals(t *testing.T) {
	refuseWritten(t, "albPublic", alb, []written{
		{"a load balancer attribute that a value sets", "attributes", "idle_timeout.timeout_seconds", "5", "", "is what loadBalancers.albPublic.idleTimeoutSeconds sets; use that value"},
		{"stickiness by hand", "targetGroupAttributes", "stickiness.enabled", "true", "", "is what loadBalancers.albPublic.stickiness.enabled sets; use that value"},
		{"an ALB's cross-zone balancing", "attributes", "load_balancing.cross_zone.enabled", "false", "", "is always true; remove it"},
		{"a misspelt load balancer attribute", "attributes", "idle_timeout.seconds", "60", "", `is no load balancer attribute that AWS knows; the nearest is "idle_timeout.timeout_seconds", which loadBalancers.albPublic.idleTimeoutSeconds sets`},
		{"a misspelt attribute without a value of its own", "attributes", "client_keepalive.seconds", "60", "", `the nearest is "client_keep_alive.seconds"`},
		{"nothing like an attribute", "attributes", "zzz", "1", "", "is no load balancer attribute that AWS knows; docs/load-balancers.md lists those that there are"},
		{"a target group attribute among the load balancer's", "attributes", "load_balancing.algorithm.anomaly_mitigation", "on", "", "is a target group attribute; write it into loadBalancers.albPublic.targetGroupAttributes"},
		{"a target group attribute of a value among the load balancer's", "attributes", "slow_start.duration_seconds", "60", "", "is a target group attribute; use loadBalancers.albPublic.slowStartSeconds"},
		{"a load balancer attribute among the target group's", "targetGroupAttributes", "client_keep_alive.seconds", "60", "", "is a load balancer attribute; write it into loadBalancers.albPublic.attributes"},
		{"an NLB's attribute on an ALB", "targetGroupAttributes", "proxy_protocol_v2.enabled", "true", "", "is an attribute of NLBs, and this is an ALB; remove it"},
		{"a number out of range", "attributes", "client_keep_alive.seconds", "59", "", `is "59"; allowed: 60 to 604800`},
		{"a truth that AWS does not take", "attributes", "routing.http2.enabled", "True", "", `is "True"; allowed: true, false`},
		{"a mode that AWS does not know", "attributes", "routing.http.desync_mitigation_mode", "strict", "", `is "strict"; allowed: defensive, monitor, strictest`},
		{"anomaly mitigation of another algorithm", "targetGroupAttributes", "load_balancing.algorithm.anomaly_mitigation", "on", "", "needs loadBalancers.albPublic.algorithm weighted_random; set that, or remove it"},
		{"zones for themselves with stickiness", "targetGroupAttributes", "load_balancing.cross_zone.enabled", "false", "stickiness: {enabled: true}", "needs loadBalancers.albPublic.stickiness.enabled false; set that, or remove it"},
		{"the port of a client whose address is taken out", "attributes", "routing.http.xff_client_port.enabled", "true", "xForwardedFor: remove", "needs loadBalancers.albPublic.xForwardedFor append; set that, or remove it"},
		{"logs without a bucket", "attributes", "connection_logs.s3.enabled", "true", "", "needs the attribute connection_logs.s3.bucket beside it; add that, or remove it"},
	})
	refuseWritten(t, "nlbInternal", nlb, []written{
		{"a cross-zone attribute beside the value", "attributes", "load_balancing.cross_zone.enabled", "true", "", "is what loadBalancers.nlbInternal.crossZone sets"},
		{"a target group attribute that a value sets", "targetGroupAttributes", "deregistration_delay.timeout_seconds", "5", "", "is what loadBalancers.nlbInternal.deregistrationDelaySeconds sets"},
		{"client addresses by hand", "targetGroupAttributes", "preserve_client_ip.enabled", "yes", "", "is what loadBalancers.nlbInternal.preserveClientIP sets; use that value"},
		{"a misspelt target group attribute", "targetGroupAttributes", "deregistration.delay", "60", "", `is no target group attribute that AWS knows; the nearest is "deregistration_delay.`},
		{"a listener attribute among the load balancer's", "attributes", "tcp.idle_timeout.seconds", "60", "", "is a listener attribute; write it into loadBalancers.nlbInternal.ports[].attributes"},
		{"an ALB's attribute on an NLB", "attributes", "routing.http2.enabled", "false", "", "is an attribute of ALBs, and this is an NLB; remove it"},
		{"a number with a unit", "targetGroupAttributes", "target_health_state.unhealthy.draining_interval_seconds", "60s", "", `is "60s"; allowed: 0 to 360000`},
		{"neither a number nor off", "targetGroupAttributes", "target_group_health.dns_failover.minimum_healthy_targets.percentage", "0", "", `is "0"; allowed: 1 to 100, or off`},
		{"an interval that needs another attribute", "targetGroupAttributes", "target_health_state.unhealthy.draining_interval_seconds", "60", "", "needs the attribute target_health_state.unhealthy.connection_termination.enabled false beside it; add that, or remove it"},
		{"cut connections of UDP", "targetGroupAttributes", "target_health_state.unhealthy.connection_termination.enabled", "true", listensUDP, "is for TCP and TLS only, and a listener is UDP; remove it"},
	})
	refuse(t, []refusal{
		{"the idle time-out of a UDP listener", nlb(`ports: [{name: dns, port: 53, targetPort: 5353, protocol: UDP, attributes: {tcp.idle_timeout.seconds: "60"}}]`), `- loadBalancers.nlbInternal.ports[0].attributes: "tcp.idle_timeout.seconds" is for TCP only, and this listener is UDP; remove it`},
		{"an idle time-out beyond AWS's", nlb(`ports: [{name: db, port: 5432, targetPort: 5432, protocol: TCP, attributes: {tcp.idle_timeout.seconds: "59"}}]`), `is "59"; allowed: 60 to 6000`},
		{"a client certificate's header of an HTTP listener", alb(`listeners: [{protocol: HTTP, port: 80, attributes: {routing.http.request.x_amzn_tls_version.header_name: X-TLS}}]`), `- loadBalancers.albPublic.listeners[0].attributes: "routing.http.request.x_amzn_tls_version.header_name" is for HTTPS only, and this listener is HTTP; remove it`},
		{"a misspelt listener attribute", alb(`listeners: [{protocol: HTTP, port: 80, attributes: {routing.http.response.x_frame_option.header_value: DENY}}]`), `"routing.http.response.x_frame_option.header_value" is no listener attribute that AWS knows; the nearest is "routing.http.response.x_frame_options.header_value"`},
		{"an ALB's attribute on the NLB in front of it", alb(`frontendNLB: {enabled: true, attributes: {routing.http2.enabled: "true"}}`), `- loadBalancers.albPublic.frontendNLB.attributes: "routing.http2.enabled" is an attribute of ALBs, and this is an NLB; remove it`},
		{"a policy that AWS does not know", alb(`frontendNLB: {enabled: true, attributes: {dns_record.client_routing_policy: zone}}`), `is "zone"; allowed: any_availability_zone, partial_availability_zone_affinity, availability_zone_affinity`},
	})
}
