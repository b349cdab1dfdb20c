// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// completeActions fills in what AWS fills in, so that a description of an action is whole: the parts
// a redirect keeps, and both forms of a forward to a single target group.
func completeActions(in []types.Action) []types.Action {
	out := clone(in)
	for i := range out {
		x := &out[i]
		if x.TargetGroupArn != nil && x.ForwardConfig == nil {
			x.ForwardConfig = &types.ForwardActionConfig{TargetGroups: []types.TargetGroupTuple{{TargetGroupArn: x.TargetGroupArn}}}
		}
		if f := x.ForwardConfig; f != nil {
			for j := range f.TargetGroups {
				if f.TargetGroups[j].Weight == nil {
					f.TargetGroups[j].Weight = aws.Int32(1)
				}
			}
			if len(f.TargetGroups) == 1 {
				x.TargetGroupArn = f.TargetGroups[0].TargetGroupArn
			}
		}
		if r := x.RedirectConfig; r != nil {
			keep := func(part **string, variable string) {
				if *part == nil {
					*part = aws.String(variable)
				}
			}
			keep(&r.Protocol, "#{protocol}")
			keep(&r.Host, "#{host}")
			keep(&r.Port, "#{port}")
			keep(&r.Path, "/#{path}")
			keep(&r.Query, "#{query}")
		}
	}
	return out
}

// targetGroupsIn returns the ARNs that actions forward to.
func targetGroupsIn(actions []types.Action) []string {
	var out []string
	for _, x := range actions {
		if x.ForwardConfig != nil {
			for _, t := range x.ForwardConfig.TargetGroups {
				out = append(out, aws.ToString(t.TargetGroupArn))
			}
		}
	}
	return out
}
