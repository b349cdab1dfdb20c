// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
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
		literal, regex := conditionValues(c), conditionRegexes(c)
		if len(literal)+len(regex) == 0 {
			return invalid("A condition value must be specified for '%s'", field)
		}
		if err := checkCondition(c, literal, regex); err != nil {
			return err
		}
		values += len(literal) + len(regex)
		if field != "source-ip" && field != "http-request-method" {
			for _, v := range literal {
				v = escaped.Replace(v)
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
	if err := checkTransforms(r.Transforms); err != nil {
		return err
	}
	return a.checkActions(lb, l.sdk.Protocol, r.Actions)
}
