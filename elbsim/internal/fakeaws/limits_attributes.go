// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// attribute is what AWS knows about an attribute key: its default and the values it takes. Source:
// API reference, types LoadBalancerAttribute, TargetGroupAttribute and ListenerAttribute.
type attribute struct {
	def     string
	allowed string // in words
	allows  func(value string) bool
}

func anyText(def string) attribute {
	return attribute{def: def, allowed: "text", allows: func(string) bool { return true }}
}

func oneOf(def string, more ...string) attribute {
	all := append([]string{def}, more...)
	return attribute{def: def, allowed: "one of " + strings.Join(all, ", "), allows: func(v string) bool { return slices.Contains(all, v) }}
}

func flag(def bool) attribute { return oneOf(strconv.FormatBool(def), strconv.FormatBool(!def)) }

func within(def, min, max int) attribute {
	return attribute{
		def: strconv.Itoa(def), allowed: fmt.Sprintf("between %d and %d", min, max),
		allows: func(v string) bool {
			n, err := strconv.Atoi(v)
			return err == nil && n >= min && n <= max
		},
	}
}

// or allows one more value.
func (x attribute) or(value string) attribute {
	allows := x.allows
	return attribute{def: x.def, allowed: x.allowed + " or " + value, allows: func(v string) bool { return v == value || allows(v) }}
}

// withDefault changes the default.
func (x attribute) withDefault(value string) attribute {
	x.def = value
	return x
}

const maxTargets = 1000 // targets of a group, the highest number that makes sense as a minimum

func loadBalancerAttributes(kind types.LoadBalancerTypeEnum, scheme types.LoadBalancerSchemeEnum) map[string]attribute {
	out := map[string]attribute{
		"access_logs.s3.enabled":      flag(false),
		"access_logs.s3.bucket":       anyText(""),
		"access_logs.s3.prefix":       anyText(""),
		"deletion_protection.enabled": flag(false),
		"ipv6.deny_all_igw_traffic":   flag(scheme == types.LoadBalancerSchemeEnumInternal),
		"zonal_shift.config.enabled":  flag(false),
	}
	if kind == types.LoadBalancerTypeEnumNetwork {
		out["load_balancing.cross_zone.enabled"] = flag(false)
		out["dns_record.client_routing_policy"] = oneOf("any_availability_zone", "partial_availability_zone_affinity", "availability_zone_affinity")
		out["secondary_ips.auto_assigned.per_subnet"] = within(0, 0, 7)
		return out
	}
	out["load_balancing.cross_zone.enabled"] = oneOf("true") // cannot be changed
	out["idle_timeout.timeout_seconds"] = within(60, 1, 4000)
	out["client_keep_alive.seconds"] = within(3600, 60, 604800)
	for _, log := range []string{"connection_logs", "health_check_logs"} {
		out[log+".s3.enabled"] = flag(false)
		out[log+".s3.bucket"] = anyText("")
		out[log+".s3.prefix"] = anyText("")
	}
	out["routing.http.desync_mitigation_mode"] = oneOf("defensive", "monitor", "strictest")
	out["routing.http.drop_invalid_header_fields.enabled"] = flag(false)
	out["routing.http.preserve_host_header.enabled"] = flag(false)
	out["routing.http.x_amzn_tls_version_and_cipher_suite.enabled"] = flag(false)
	out["routing.http.xff_client_port.enabled"] = flag(false)
	out["routing.http.xff_header_processing.mode"] = oneOf("append", "preserve", "remove")
	out["routing.http2.enabled"] = flag(true)
	out["waf.fail_open.enabled"] = flag(false)
	return out
}

func targetGroupAttributes(tg types.TargetGroup) map[string]attribute {
	count, percent := within(1, 1, maxTargets), within(1, 1, 100).or("off").withDefault("off")
	out := map[string]attribute{
		"deregistration_delay.timeout_seconds":                                           within(300, 0, 3600),
		"stickiness.enabled":                                                             flag(false),
		"load_balancing.cross_zone.enabled":                                              oneOf("use_load_balancer_configuration", "true", "false"),
		"target_group_health.dns_failover.minimum_healthy_targets.count":                 count.or("off"),
		"target_group_health.dns_failover.minimum_healthy_targets.percentage":            percent,
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":      count,
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": percent,
	}
	if overHTTP(tg.Protocol) {
		out["stickiness.type"] = oneOf("lb_cookie", "app_cookie")
		out["stickiness.lb_cookie.duration_seconds"] = within(86400, 1, 604800)
		out["stickiness.app_cookie.duration_seconds"] = within(86400, 1, 604800)
		out["stickiness.app_cookie.cookie_name"] = anyText("")
		out["load_balancing.algorithm.type"] = oneOf("round_robin", "least_outstanding_requests", "weighted_random")
		out["load_balancing.algorithm.anomaly_mitigation"] = oneOf("off", "on")
		out["slow_start.duration_seconds"] = within(0, 30, 900).or("0")
		return out
	}
	if tg.Protocol == types.ProtocolEnumTls {
		out["stickiness.enabled"] = oneOf("false")
	}
	datagrams := tg.Protocol == types.ProtocolEnumUdp || tg.Protocol == types.ProtocolEnumTcpUdp
	quic := tg.Protocol == types.ProtocolEnumQuic || tg.Protocol == types.ProtocolEnumTcpQuic
	out["stickiness.type"] = oneOf("source_ip") // the others are a Gateway Load Balancer's
	out["deregistration_delay.connection_termination.enabled"] = flag(datagrams)
	out["proxy_protocol_v2.enabled"] = flag(false)
	out["target_health_state.unhealthy.connection_termination.enabled"] = flag(true)
	if datagrams {
		out["target_health_state.unhealthy.connection_termination.enabled"] = oneOf("false") // cannot be enabled
	}
	out["target_health_state.unhealthy.draining_interval_seconds"] = within(0, 0, 360000)
	out["preserve_client_ip.enabled"] = flag(tg.TargetType != types.TargetTypeEnumIp)
	if datagrams || quic || tg.TargetType == types.TargetTypeEnumAlb {
		out["preserve_client_ip.enabled"] = oneOf("true") // cannot be changed
	}
	return out
}

func listenerAttributes(protocol types.ProtocolEnum) map[string]attribute {
	out := map[string]attribute{}
	switch protocol {
	case types.ProtocolEnumTcp:
		out["tcp.idle_timeout.seconds"] = within(350, 60, 6000)
	case types.ProtocolEnumHttp, types.ProtocolEnumHttps:
		out["routing.http.response.server.enabled"] = flag(true)
		for _, header := range []string{
			"strict_transport_security", "access_control_allow_origin", "access_control_allow_methods", "access_control_allow_headers",
			"access_control_allow_credentials", "access_control_expose_headers", "access_control_max_age", "content_security_policy",
			"x_content_type_options", "x_frame_options",
		} {
			out["routing.http.response."+header+".header_value"] = anyText("")
		}
	}
	if protocol == types.ProtocolEnumHttps {
		for _, header := range []string{
			"X-Amzn-Mtls-Clientcert-Serial-Number", "X-Amzn-Mtls-Clientcert-Issuer", "X-Amzn-Mtls-Clientcert-Subject",
			"X-Amzn-Mtls-Clientcert-Validity", "X-Amzn-Mtls-Clientcert-Leaf", "X-Amzn-Mtls-Clientcert",
			"X-Amzn-Tls-Version", "X-Amzn-Tls-Cipher-Suite",
		} {
			key := strings.ToLower(strings.ReplaceAll(header, "-", "_"))
			out["routing.http.request."+key+".header_name"] = anyText(header)
		}
	}
	return out
}
