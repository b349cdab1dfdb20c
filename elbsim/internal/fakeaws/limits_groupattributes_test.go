// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func (a *account) modifyGroup(group *string, values map[string]string) error {
	in := &elbv2.ModifyTargetGroupAttributesInput{TargetGroupArn: group}
	for k, v := range values {
		in.Attributes = append(in.Attributes, types.TargetGroupAttribute{Key: aws.String(k), Value: aws.String(v)})
	}
	_, err := a.elb.ModifyTargetGroupAttributes(a.t.Context(), in)
	return err
}

func TestTargetGroupAttributesThatExcludeEachOther(t *testing.T) {
	const (
		algorithm  = "load_balancing.algorithm.type"
		mitigation = "load_balancing.algorithm.anomaly_mitigation"
		slow       = "slow_start.duration_seconds"
		draining   = "target_health_state.unhealthy.draining_interval_seconds"
		terminate  = "target_health_state.unhealthy.connection_termination.enabled"
		count      = ".minimum_healthy_targets.count"
		percentage = ".minimum_healthy_targets.percentage"
		dns        = "target_group_health.dns_failover"
		routing    = "target_group_health.unhealthy_state_routing"
	)
	const validation, configuration = "ValidationError", "InvalidConfigurationRequest"
	type values = map[string]string
	for _, c := range []struct {
		name       string
		protocol   types.ProtocolEnum
		refused    values
		code, what string
		allowed    values
	}{
		{"row 45: an application cookie needs a name", "HTTP", values{"stickiness.enabled": "true", "stickiness.type": "app_cookie"}, validation, "needs the attribute 'stickiness.app_cookie.cookie_name'",
			values{"stickiness.enabled": "true", "stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "SESSION"}},
		{"row 45: reserved names of application cookies", "HTTP", values{"stickiness.app_cookie.cookie_name": "AWSALBMINE"}, validation, "prefixes AWSALB, AWSALBAPP and AWSALBTG are reserved",
			values{"stickiness.app_cookie.cookie_name": "AWS"}},
		{"row 51: no slow start with least_outstanding_requests", "HTTP", values{algorithm: "least_outstanding_requests", slow: "30"}, configuration, "with the load balancing algorithm 'least_outstanding_requests'",
			values{algorithm: "round_robin", slow: "30"}},
		{"row 51: no slow start with weighted_random", "HTTP", values{algorithm: "weighted_random", slow: "30"}, configuration, "Slow start", values{algorithm: "weighted_random", slow: "0"}},
		{"row 51: anomaly mitigation with weighted_random only", "HTTP", values{mitigation: "on"}, configuration, "'weighted_random', not 'round_robin'", values{mitigation: "on", algorithm: "weighted_random"}},
		{"row 69: no draining interval while connections are terminated", "TCP", values{draining: "60"}, configuration, "connection_termination.enabled' to be 'false'", values{draining: "60", terminate: "false"}},
		{"row 46: DNS failover not later than routing failover, by count", "HTTP", values{routing + count: "2"}, configuration, "minimum count of healthy targets for DNS failover, 1, must not be below that for routing failover, 2",
			values{routing + count: "2", dns + count: "2"}},
		{"row 46: DNS failover may be off", "HTTP", values{routing + count: "2", dns + count: "1"}, configuration, "DNS failover", values{routing + count: "2", dns + count: "off"}},
		{"row 46: DNS failover not later than routing failover, by percentage", "TCP", values{routing + percentage: "50", dns + percentage: "49"}, configuration, "percentage", values{routing + percentage: "50", dns + percentage: "50"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			tg := a.group("tg", c.protocol)
			code(t, a.modifyGroup(tg, c.refused), c.code, c.what)
			require.NoError(t, a.modifyGroup(tg, c.allowed))
		})
	}
}

func TestRow45TargetStickinessBehindSeveralGroupsNeedsGroupStickiness(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb, one, two, three := a.lb("lb", alb), a.group("one", "HTTP"), a.group("two", "HTTP"), a.group("three", "HTTP")
	require.NoError(t, a.stick(two))
	const words = "You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups"
	_, err := a.tryListener(lb, 80, "HTTP", forward(one, two), nil)
	code(t, err, "InvalidLoadBalancerAction", words)
	listener := a.listener(lb, 80, "HTTP", forward(two)) // alone
	_, err = a.tryRule(listener, 1, paths("/a"), forward(one, two))
	code(t, err, "InvalidLoadBalancerAction", words)

	together := forward(one, two)
	together[0].ForwardConfig.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(60)}
	_, err = a.tryRule(listener, 1, paths("/a"), together)
	require.NoError(t, err)
	require.NoError(t, a.stick(one), "behind a rule with group stickiness")

	_, err = a.tryRule(listener, 2, paths("/b"), forward(three, a.group("four", "HTTP")))
	require.NoError(t, err)
	code(t, a.stick(three), "InvalidConfigurationRequest", "You must enable group stickiness before enabling target stickiness")
}

func TestAttributesThatAProtocolDoesNotTake(t *testing.T) {
	const (
		preserve  = "preserve_client_ip.enabled"
		terminate = "target_health_state.unhealthy.connection_termination.enabled"
		kind      = "stickiness.type"
	)
	for _, c := range []struct {
		name     string
		protocol types.ProtocolEnum
		key      string
		only     string // value that AWS takes, and what holds without one
		refused  string
	}{
		{"row 60: UDP always preserves the client's address", "UDP", preserve, "true", "false"},
		{"row 60: so does TCP_UDP", "TCP_UDP", preserve, "true", "false"},
		{"row 60: so does QUIC", "QUIC", preserve, "true", "false"},
		{"row 60: so does TCP_QUIC", "TCP_QUIC", preserve, "true", "false"},
		{"row 69: UDP never cuts what flows to an unhealthy target", "UDP", terminate, "false", "true"},
		{"row 69: nor does TCP_UDP", "TCP_UDP", terminate, "false", "true"},
		{"row 72: stickiness is by source address", "TCP", kind, "source_ip", "source_ip_dest_ip"},
		{"row 72: not by a cookie", "TCP", kind, "source_ip", "lb_cookie"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			tg := a.group("tg", c.protocol) // of ip targets
			out, err := a.elb.DescribeTargetGroupAttributes(t.Context(), &elbv2.DescribeTargetGroupAttributesInput{TargetGroupArn: tg})
			require.NoError(t, err)
			require.Contains(t, out.Attributes, types.TargetGroupAttribute{Key: aws.String(c.key), Value: aws.String(c.only)})
			code(t, a.modifyGroup(tg, map[string]string{c.key: c.refused}), "ValidationError", "'"+c.key+"' cannot be '"+c.refused+"'")
			require.NoError(t, a.modifyGroup(tg, map[string]string{c.key: c.only}))
		})
	}
}

func TestRow45ApplicationCookiesDoNotGoTogetherWithWeights(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb, one, two := a.lb("lb", alb), a.group("one", "HTTP"), a.group("two", "HTTP")
	cookies := map[string]string{"stickiness.enabled": "true", "stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "SESSION"}
	together := forward(one, two)
	together[0].ForwardConfig.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(60)}
	listener := a.listener(lb, 80, "HTTP", answer("404"))
	rule, err := a.tryRule(listener, 1, paths("/a"), together)
	require.NoError(t, err)
	code(t, a.modifyGroup(one, cookies), "InvalidConfigurationRequest", "'app_cookie' is not supported behind a rule with several target groups")
	_, err = a.elb.DeleteRule(t.Context(), &elbv2.DeleteRuleInput{RuleArn: rule})
	require.NoError(t, err)
	require.NoError(t, a.modifyGroup(one, cookies))
	_, err = a.tryRule(listener, 1, paths("/a"), together)
	code(t, err, "InvalidConfigurationRequest", "of target group 'one' is not supported by a forward action with several target groups")
	_, err = a.tryRule(listener, 1, paths("/a"), forward(one))
	require.NoError(t, err)
}
