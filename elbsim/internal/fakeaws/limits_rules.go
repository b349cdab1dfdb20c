// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// AWS's limits on rules: user guide for ALBs, "Quotas" and "Condition types for listener rules".
const (
	maxPriority        = 50000
	maxConditionValues = 5
	maxWildcards       = 5
	maxConditionLength = 128
)

func checkPriority(priority int32) error {
	if priority < 1 || priority > maxPriority {
		return invalid("Rule priority '%d' must be between 1 and %d", priority, maxPriority)
	}
	return nil
}

func (a *AWS) checkNewRule(l *listener, priority int32) error {
	if err := checkPriority(priority); err != nil {
		return err
	}
	n := 0
	for _, other := range a.listenersOf(*l.sdk.LoadBalancerArn) {
		for _, r := range a.rulesOf(*other.sdk.ListenerArn) {
			n++
			if other == l && r.priority() == priority {
				return priorityInUse(priority)
			}
		}
	}
	if n >= a.opts.Quotas[rulesPerALB] {
		return &types.TooManyRulesException{Message: a.quotaReached(rulesPerALB)}
	}
	return nil
}

func (a *AWS) checkRule(l *listener, r types.Rule) error {
	lb, err := a.loadBalancer(l.sdk.LoadBalancerArn)
	if err != nil {
		return err
	}
	if lb.sdk.Type != types.LoadBalancerTypeEnumApplication {
		return invalid("Rules are not supported by load balancers with type '%s'", lb.sdk.Type)
	}
	if len(r.Conditions) == 0 {
		return invalid("A condition must be specified")
	}
	values, wildcards := 0, 0
	once := map[string]bool{}
	for _, c := range r.Conditions {
		field := aws.ToString(c.Field)
		if slices.Contains([]string{"host-header", "path-pattern", "http-request-method", "source-ip"}, field) {
			if once[field] {
				return invalid("A rule can only have one '%s' condition", field)
			}
			once[field] = true
		}
		all := conditionValues(c)
		if len(all) == 0 {
			return invalid("A condition value must be specified for '%s'", field)
		}
		for _, v := range all {
			if len(v) > maxConditionLength {
				return invalid("Condition value '%s' cannot be longer than '%d' characters", v, maxConditionLength)
			}
			if err := checkConditionValue(field, v, c); err != nil {
				return err
			}
			values++
			if strings.ContainsAny(v, "*?") && field != "source-ip" {
				wildcards += strings.Count(v, "*") + strings.Count(v, "?")
			}
		}
	}
	if values > maxConditionValues {
		return invalid("A rule can only have '%d' condition values, got %d", maxConditionValues, values)
	}
	if wildcards > maxWildcards {
		return invalid("A rule can only have '%d' condition wildcards, got %d", maxWildcards, wildcards)
	}
	return a.checkActions(lb, l.sdk.Protocol, r.Actions)
}

// hostPattern is a host name with wildcards: a dot, and behind the last one letters only (ALB guide,
// "host conditions"). Wildcards there are let through; AWS's documents do not say.
var hostPattern = regexp.MustCompile(`\.[A-Za-z*?]+$`)

// checkConditionValue knows the form of single values; what is matched by a regular expression is free.
func checkConditionValue(field, value string, c types.RuleCondition) error {
	switch field {
	case "host-header":
		regex := c.HostHeaderConfig != nil && slices.Contains(c.HostHeaderConfig.RegexValues, value) || slices.Contains(c.RegexValues, value)
		if !regex && !hostPattern.MatchString(value) {
			return invalid("The host header value '%s' must contain at least one '.' and only letters after the last one", value)
		}
	case "source-ip":
		if _, err := netip.ParsePrefix(value); err != nil || value == "255.255.255.255/32" {
			return invalid("The source IP value '%s' must be a CIDR block other than 255.255.255.255/32", value)
		}
	}
	return nil
}

// conditionValues returns the values of a condition, whichever field holds them.
func conditionValues(c types.RuleCondition) []string {
	out := slices.Concat(c.Values, c.RegexValues)
	if x := c.HostHeaderConfig; x != nil {
		out = slices.Concat(out, x.Values, x.RegexValues)
	}
	if x := c.PathPatternConfig; x != nil {
		out = slices.Concat(out, x.Values, x.RegexValues)
	}
	if x := c.HttpHeaderConfig; x != nil {
		out = slices.Concat(out, x.Values, x.RegexValues)
	}
	if x := c.HttpRequestMethodConfig; x != nil {
		out = append(out, x.Values...)
	}
	if x := c.SourceIpConfig; x != nil {
		out = append(out, x.Values...)
	}
	if x := c.QueryStringConfig; x != nil {
		for _, p := range x.Values {
			out = append(out, aws.ToString(p.Key)+"="+aws.ToString(p.Value))
		}
	}
	return out
}
