// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// checkGroupAttributes applies what AWS says about attributes of a target group that exclude each other, to those
// that would hold after a change. Source: API reference, TargetGroupAttribute; user guides, "Target group
// attributes", "Target group health" and "Sticky sessions".
func (a *AWS) checkGroupAttributes(tg *targetGroup, change map[string]string) error {
	v := maps.Clone(tg.attributes.values)
	maps.Copy(v, change)
	const algorithm, delay, draining = "load_balancing.algorithm.type", "slow_start.duration_seconds", "target_health_state.unhealthy.draining_interval_seconds"
	sticky := v["stickiness.enabled"] == "true"
	switch name := v["stickiness.app_cookie.cookie_name"]; {
	case sticky && v["stickiness.type"] == "app_cookie" && name == "":
		return invalid("Stickiness of type 'app_cookie' needs the attribute 'stickiness.app_cookie.cookie_name'")
	case strings.HasPrefix(name, "AWSALB"):
		return invalid("Cookie name '%s' is not allowed; the prefixes AWSALB, AWSALBAPP and AWSALBTG are reserved", name)
	case v[delay] != "" && v[delay] != "0" && v[algorithm] != "round_robin":
		return refused("Slow start is not supported with the load balancing algorithm '%s'", v[algorithm])
	case v["load_balancing.algorithm.anomaly_mitigation"] == "on" && v[algorithm] != "weighted_random":
		return refused("Anomaly mitigation is only supported with the load balancing algorithm 'weighted_random', not '%s'", v[algorithm])
	case v[draining] != "" && v[draining] != "0" && v["target_health_state.unhealthy.connection_termination.enabled"] == "true":
		return refused("An unhealthy draining interval needs the attribute 'target_health_state.unhealthy.connection_termination.enabled' to be 'false'")
	}
	for _, part := range []string{"count", "percentage"} {
		dns, routing := minimum(v, "dns_failover", part), minimum(v, "unhealthy_state_routing", part)
		if dns > 0 && dns < routing {
			return refused("The minimum %s of healthy targets for DNS failover, %d, must not be below that for routing failover, %d", part, dns, routing)
		}
	}
	if sticky {
		return a.checkStickyBehindRules(tg, followsApplication(v))
	}
	return nil
}

// minimum is a threshold of target group health; 0 is off.
func minimum(values map[string]string, action, part string) int {
	n, err := strconv.Atoi(values["target_group_health."+action+".minimum_healthy_targets."+part])
	if err != nil {
		return 0 // "off", the only value that is no number
	}
	return n
}

// checkStickyBehindRules refuses target stickiness while a rule shares its requests among several groups without
// group stickiness. The words are AWS's (aws-load-balancer-controller#2734). Application cookies do not go together with
// several groups at all (user guide, "Sticky sessions"; row 45).
func (a *AWS) checkStickyBehindRules(tg *targetGroup, application bool) error {
	arn := *tg.sdk.TargetGroupArn
	check := func(owner string, actions []types.Action) error {
		for _, x := range actions {
			f := x.ForwardConfig
			if f == nil || !slices.Contains(targetGroupsIn([]types.Action{x}), arn) || len(f.TargetGroups) < 2 {
				continue
			}
			if application {
				return refused("Stickiness of type 'app_cookie' is not supported behind a rule with several target groups (%s)", owner)
			}
			if !stickyGroups(f) {
				return refused("This target group appears behind a rule with group stickiness disabled (%s). You must enable group stickiness before enabling target stickiness", owner)
			}
		}
		return nil
	}
	for _, l := range a.listeners.by(arn) {
		if err := check(*l.sdk.ListenerArn, l.sdk.DefaultActions); err != nil {
			return err
		}
	}
	for _, r := range a.rules.by(arn) {
		if err := check(*r.sdk.RuleArn, r.sdk.Actions); err != nil {
			return err
		}
	}
	return nil
}

// followsApplication tells whether target stickiness follows a cookie of the application.
func followsApplication(values map[string]string) bool {
	return values["stickiness.enabled"] == "true" && values["stickiness.type"] == "app_cookie"
}

// stickyGroups tells whether a forward action pins clients to one of its groups.
func stickyGroups(f *types.ForwardActionConfig) bool {
	return f.TargetGroupStickinessConfig != nil && aws.ToBool(f.TargetGroupStickinessConfig.Enabled)
}

func refused(format string, args ...any) error {
	return &types.InvalidConfigurationRequestException{Message: aws.String(fmt.Sprintf(format, args...))}
}
