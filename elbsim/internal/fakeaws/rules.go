// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// defaultRuleSuffix ends the ARN of a listener's default rule, which exists only in descriptions.
const defaultRuleSuffix = "/default"

type rule struct {
	sdk      types.Rule
	listener string // ARN
}

func (r *rule) keys() []string { return append(targetGroupsIn(r.sdk.Actions), r.listener) }

func (r *rule) priority() int32 {
	n, err := strconv.ParseInt(aws.ToString(r.sdk.Priority), 10, 32)
	if err != nil {
		panic(fmt.Sprintf("rule %s has priority %q", aws.ToString(r.sdk.RuleArn), aws.ToString(r.sdk.Priority))) // only createRule and setRulePriorities write it
	}
	return int32(n)
}

func (a *AWS) ruleOperations() []operation {
	return []operation{
		reads(a.describeRules), changes(a.createRule), changes(a.modifyRule), changes(a.deleteRule),
		changes(a.setRulePriorities),
	}
}

func (a *AWS) rule(arn *string) (*rule, error) {
	if r := a.rules.get(aws.ToString(arn)); r != nil {
		return r, nil
	}
	return nil, &types.RuleNotFoundException{Message: aws.String(fmt.Sprintf("Rule '%s' not found", aws.ToString(arn)))}
}

// describeRules shows a listener's rules and, last, its default rule.
func (a *AWS) describeRules(in *elbv2.DescribeRulesInput) (*elbv2.DescribeRulesOutput, error) {
	out := &elbv2.DescribeRulesOutput{}
	for _, arn := range in.RuleArns {
		r, err := a.rule(&arn)
		if err != nil {
			return nil, err
		}
		out.Rules = append(out.Rules, r.sdk)
	}
	if in.ListenerArn == nil {
		return out, nil
	}
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	for _, r := range a.rulesOf(*in.ListenerArn) {
		out.Rules = append(out.Rules, r.sdk)
	}
	out.Rules = append(out.Rules, types.Rule{
		RuleArn:  aws.String(strings.Replace(*in.ListenerArn, ":listener/", ":listener-rule/", 1) + defaultRuleSuffix),
		Priority: aws.String("default"), IsDefault: aws.Bool(true), Actions: l.sdk.DefaultActions,
	})
	return out, nil
}

func (a *AWS) rulesOf(listenerARN string) []*rule {
	return a.rules.by(listenerARN)
}

func (a *AWS) createRule(in *elbv2.CreateRuleInput) (*elbv2.CreateRuleOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	r := &rule{listener: *in.ListenerArn, sdk: types.Rule{
		Conditions: in.Conditions, Actions: completeActions(in.Actions), Transforms: in.Transforms, IsDefault: aws.Bool(false),
	}}
	if err := a.checkNewRule(l, aws.ToInt32(in.Priority)); err != nil {
		return nil, err
	}
	if err := a.checkRule(l, r.sdk); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	arn := strings.Replace(*in.ListenerArn, ":listener/", ":listener-rule/", 1) + "/" + a.id(16)
	r.sdk.RuleArn = aws.String(arn)
	r.sdk.Priority = aws.String(strconv.Itoa(int(*in.Priority)))
	a.rules.put(arn, r)
	a.setTags(arn, in.Tags)
	return &elbv2.CreateRuleOutput{Rules: []types.Rule{r.sdk}}, nil
}

func (a *AWS) modifyRule(in *elbv2.ModifyRuleInput) (*elbv2.ModifyRuleOutput, error) {
	r, err := a.rule(in.RuleArn)
	if err != nil {
		return nil, err
	}
	l, err := a.listener(&r.listener)
	if err != nil {
		return nil, err
	}
	next := r.sdk
	if len(in.Conditions) > 0 {
		next.Conditions = in.Conditions
	}
	if len(in.Actions) > 0 {
		next.Actions = completeActions(in.Actions)
	}
	if len(in.Transforms) > 0 {
		next.Transforms = in.Transforms
	} else if aws.ToBool(in.ResetTransforms) {
		next.Transforms = nil
	}
	if err := a.checkRule(l, next); err != nil {
		return nil, err
	}
	r.sdk = next
	a.rules.put(*r.sdk.RuleArn, r)
	return &elbv2.ModifyRuleOutput{Rules: []types.Rule{r.sdk}}, nil
}

func (a *AWS) deleteRule(in *elbv2.DeleteRuleInput) (*elbv2.DeleteRuleOutput, error) {
	if _, err := a.rule(in.RuleArn); err != nil {
		return nil, err
	}
	a.dropRule(*in.RuleArn)
	return &elbv2.DeleteRuleOutput{}, nil
}

func (a *AWS) dropRule(arn string) {
	a.rules.drop(arn)
	a.tags.drop(arn)
}

// setRulePriorities moves all rules at once, so two may swap.
func (a *AWS) setRulePriorities(in *elbv2.SetRulePrioritiesInput) (*elbv2.SetRulePrioritiesOutput, error) {
	moved := map[string]int32{}
	for _, p := range in.RulePriorities {
		if _, err := a.rule(p.RuleArn); err != nil {
			return nil, err
		}
		if err := checkPriority(aws.ToInt32(p.Priority)); err != nil {
			return nil, err
		}
		moved[*p.RuleArn] = *p.Priority
	}
	for _, p := range in.RulePriorities {
		for _, other := range a.rulesOf(a.rules.get(*p.RuleArn).listener) {
			arn := *other.sdk.RuleArn
			at, ok := moved[arn]
			if !ok {
				at = other.priority()
			}
			if arn != *p.RuleArn && at == *p.Priority {
				return nil, priorityInUse(*p.Priority)
			}
		}
	}
	out := &elbv2.SetRulePrioritiesOutput{}
	for _, p := range in.RulePriorities {
		r := a.rules.get(*p.RuleArn)
		r.sdk.Priority = aws.String(strconv.Itoa(int(*p.Priority)))
		out.Rules = append(out.Rules, r.sdk)
	}
	return out, nil
}

func priorityInUse(priority int32) error {
	return &types.PriorityInUseException{Message: aws.String(fmt.Sprintf("Priority '%d' is currently in use", priority))}
}
