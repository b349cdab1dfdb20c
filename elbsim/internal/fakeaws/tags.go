// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func (a *AWS) tagOperations() []operation {
	return []operation{reads(a.describeTags), changes(a.addTags), changes(a.removeTags)}
}

func (a *AWS) setTags(arn string, tags []types.Tag) {
	if a.tags[arn] == nil {
		a.tags[arn] = map[string]string{}
	}
	for _, t := range tags {
		a.tags[arn][aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
}

func (a *AWS) describeTags(in *elbv2.DescribeTagsInput) (*elbv2.DescribeTagsOutput, error) {
	out := &elbv2.DescribeTagsOutput{}
	for _, arn := range in.ResourceArns {
		if err := a.checkTagged(arn); err != nil {
			return nil, err
		}
		d := types.TagDescription{ResourceArn: aws.String(arn)}
		for _, k := range slices.Sorted(maps.Keys(a.tags[arn])) {
			d.Tags = append(d.Tags, types.Tag{Key: aws.String(k), Value: aws.String(a.tags[arn][k])})
		}
		out.TagDescriptions = append(out.TagDescriptions, d)
	}
	return out, nil
}

func (a *AWS) addTags(in *elbv2.AddTagsInput) (*elbv2.AddTagsOutput, error) {
	for _, arn := range in.ResourceArns {
		if err := a.checkTagged(arn); err != nil {
			return nil, err
		}
		if err := checkTags(in.Tags); err != nil {
			return nil, err
		}
		a.setTags(arn, in.Tags)
	}
	return &elbv2.AddTagsOutput{}, nil
}

func (a *AWS) removeTags(in *elbv2.RemoveTagsInput) (*elbv2.RemoveTagsOutput, error) {
	for _, arn := range in.ResourceArns {
		if err := a.checkTagged(arn); err != nil {
			return nil, err
		}
		for _, k := range in.TagKeys {
			delete(a.tags[arn], k)
		}
	}
	return &elbv2.RemoveTagsOutput{}, nil
}

// checkTagged says whether an ARN is one of ours: whatever is created here has an entry in tags.
// The default rule of a listener has the listener's.
func (a *AWS) checkTagged(arn string) error {
	if a.tags[arn] != nil || strings.HasSuffix(arn, defaultRuleSuffix) {
		return nil
	}
	kind, message := arn, aws.String("One or more resources not found: "+arn)
	switch {
	case strings.Contains(kind, ":targetgroup/"):
		return &types.TargetGroupNotFoundException{Message: message}
	case strings.Contains(kind, ":listener/"):
		return &types.ListenerNotFoundException{Message: message}
	case strings.Contains(kind, ":listener-rule/"):
		return &types.RuleNotFoundException{Message: message}
	}
	return &types.LoadBalancerNotFoundException{Message: message}
}
