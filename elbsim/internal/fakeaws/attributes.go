// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// attributes are those of one resource: the values that hold and what AWS knows about each key.
type attributes struct {
	known  map[string]attribute
	values map[string]string
}

func newAttributes(known map[string]attribute) attributes {
	out := attributes{known: known, values: make(map[string]string, len(known))}
	for k, x := range known {
		out.values[k] = x.def
	}
	return out
}

// changed returns the attributes whose value is not AWS's default; nil when there are none.
func (x attributes) changed() map[string]string {
	var out map[string]string
	for k, v := range x.values {
		if v != x.known[k].def {
			if out == nil {
				out = map[string]string{}
			}
			out[k] = v
		}
	}
	return out
}

// check finds values that AWS does not take, before any is taken.
func (x attributes) check(what string, values map[string]string) error {
	for _, k := range slices.Sorted(maps.Keys(values)) {
		known, ok := x.known[k]
		if !ok {
			return invalid("%s attribute key '%s' is not recognized", what, k)
		}
		if !known.allows(values[k]) {
			return invalid("%s attribute '%s' cannot be '%s'; it must be %s", what, k, values[k], known.allowed)
		}
	}
	return nil
}

func (a *AWS) attributeOperations() []operation {
	return []operation{
		reads(a.describeLoadBalancerAttributes), changes(a.modifyLoadBalancerAttributes),
		reads(a.describeTargetGroupAttributes), changes(a.modifyTargetGroupAttributes),
		reads(a.describeListenerAttributes), changes(a.modifyListenerAttributes),
	}
}

// listed turns attributes into a list of an SDK type, by key.
func listed[T any](x attributes, make func(k, v *string) T) []T {
	var out []T
	for _, k := range slices.Sorted(maps.Keys(x.values)) {
		out = append(out, make(aws.String(k), aws.String(x.values[k])))
	}
	return out
}

func loadBalancerAttribute(k, v *string) types.LoadBalancerAttribute {
	return types.LoadBalancerAttribute{Key: k, Value: v}
}

func targetGroupAttribute(k, v *string) types.TargetGroupAttribute {
	return types.TargetGroupAttribute{Key: k, Value: v}
}

func listenerAttribute(k, v *string) types.ListenerAttribute {
	return types.ListenerAttribute{Key: k, Value: v}
}

func (a *AWS) describeLoadBalancerAttributes(in *elbv2.DescribeLoadBalancerAttributesInput) (*elbv2.DescribeLoadBalancerAttributesOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	return &elbv2.DescribeLoadBalancerAttributesOutput{Attributes: listed(lb.attributes, loadBalancerAttribute)}, nil
}

func (a *AWS) modifyLoadBalancerAttributes(in *elbv2.ModifyLoadBalancerAttributesInput) (*elbv2.ModifyLoadBalancerAttributesOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, t := range in.Attributes {
		values[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if err := lb.attributes.check("Load balancer", values); err != nil {
		return nil, err
	}
	if err := checkBalancerAttributes(lb, values); err != nil {
		return nil, err
	}
	maps.Copy(lb.attributes.values, values)
	return &elbv2.ModifyLoadBalancerAttributesOutput{Attributes: listed(lb.attributes, loadBalancerAttribute)}, nil
}

func (a *AWS) describeTargetGroupAttributes(in *elbv2.DescribeTargetGroupAttributesInput) (*elbv2.DescribeTargetGroupAttributesOutput, error) {
	tg, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	return &elbv2.DescribeTargetGroupAttributesOutput{Attributes: listed(tg.attributes, targetGroupAttribute)}, nil
}

func (a *AWS) modifyTargetGroupAttributes(in *elbv2.ModifyTargetGroupAttributesInput) (*elbv2.ModifyTargetGroupAttributesOutput, error) {
	tg, err := a.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, t := range in.Attributes {
		values[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if err := tg.attributes.check("Target group", values); err != nil {
		return nil, err
	}
	if err := a.checkGroupAttributes(tg, values); err != nil {
		return nil, err
	}
	maps.Copy(tg.attributes.values, values)
	return &elbv2.ModifyTargetGroupAttributesOutput{Attributes: listed(tg.attributes, targetGroupAttribute)}, nil
}

func (a *AWS) describeListenerAttributes(in *elbv2.DescribeListenerAttributesInput) (*elbv2.DescribeListenerAttributesOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	return &elbv2.DescribeListenerAttributesOutput{Attributes: listed(l.attributes, listenerAttribute)}, nil
}

func (a *AWS) modifyListenerAttributes(in *elbv2.ModifyListenerAttributesInput) (*elbv2.ModifyListenerAttributesOutput, error) {
	l, err := a.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, t := range in.Attributes {
		values[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if err := l.attributes.check("Listener", values); err != nil {
		return nil, err
	}
	if err := checkListenerAttributes(values); err != nil {
		return nil, err
	}
	maps.Copy(l.attributes.values, values)
	return &elbv2.ModifyListenerAttributesOutput{Attributes: listed(l.attributes, listenerAttribute)}, nil
}
