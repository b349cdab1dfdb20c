// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// hide keeps what a call has created from being described for a while, as AWS's eventual consistency does. Calls
// that change it find it.
func (a *AWS) hide(out any, while time.Duration) {
	var names []*string
	switch out := out.(type) {
	case *elbv2.CreateLoadBalancerOutput:
		names = []*string{out.LoadBalancers[0].LoadBalancerArn, out.LoadBalancers[0].LoadBalancerName}
	case *elbv2.CreateTargetGroupOutput:
		names = []*string{out.TargetGroups[0].TargetGroupArn, out.TargetGroups[0].TargetGroupName}
	case *elbv2.CreateListenerOutput:
		names = []*string{out.Listeners[0].ListenerArn}
	case *elbv2.CreateRuleOutput:
		names = []*string{out.Rules[0].RuleArn}
	case *ec2.CreateSecurityGroupOutput:
		names = []*string{out.GroupId}
	}
	for _, name := range names {
		a.hidden[*name] = now().Add(while)
	}
}

// isHidden tells whether a resource is not described yet, by its ARN, ID or name.
func (a *AWS) isHidden(name *string) bool {
	till, ok := a.hidden[aws.ToString(name)]
	if ok && !now().Before(till) {
		delete(a.hidden, *name)
		return false
	}
	return ok
}

// unseen is the error of a description that asks for something hidden: it does not exist yet.
func (a *AWS) unseen(in any) error {
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		var asked []string
		switch f := v.Field(i).Interface().(type) {
		case *string:
			asked = []string{aws.ToString(f)}
		case []string:
			asked = f
		}
		for _, name := range asked {
			if a.isHidden(&name) {
				return notFound(name, in)
			}
		}
	}
	return nil
}

// notFound is the error of the kind of resource that an ARN, ID or name is of.
func notFound(name string, in any) error {
	if strings.HasPrefix(name, "sg-") {
		return apiError("InvalidGroup.NotFound", "The security group '%s' does not exist", name)
	}
	if _, ok := in.(*elbv2.DescribeTargetGroupsInput); ok {
		return &types.TargetGroupNotFoundException{Message: aws.String("One or more target groups not found")}
	}
	return noResource(name)
}

// dropHidden takes what is hidden out of a description.
func (a *AWS) dropHidden(out any) {
	switch out := out.(type) {
	case *elbv2.DescribeLoadBalancersOutput:
		out.LoadBalancers = slices.DeleteFunc(out.LoadBalancers, func(x types.LoadBalancer) bool { return a.isHidden(x.LoadBalancerArn) })
	case *elbv2.DescribeTargetGroupsOutput:
		out.TargetGroups = slices.DeleteFunc(out.TargetGroups, func(x types.TargetGroup) bool { return a.isHidden(x.TargetGroupArn) })
	case *elbv2.DescribeListenersOutput:
		out.Listeners = slices.DeleteFunc(out.Listeners, func(x types.Listener) bool { return a.isHidden(x.ListenerArn) })
	case *elbv2.DescribeRulesOutput:
		out.Rules = slices.DeleteFunc(out.Rules, func(x types.Rule) bool { return a.isHidden(x.RuleArn) })
	case *ec2.DescribeSecurityGroupsOutput:
		out.SecurityGroups = slices.DeleteFunc(out.SecurityGroups, func(x ec2types.SecurityGroup) bool { return a.isHidden(x.GroupId) })
	}
}
