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

// tagged is a resource of ELBv2 with its tags.
type tagged struct {
	arn  string
	tags map[string]string
}

func (t *tagged) keys() []string {
	out := make([]string, 0, len(t.tags))
	for k, v := range t.tags {
		out = append(out, tagKey(k, v))
	}
	return out
}

// tagsOf returns the tags of a resource, or nil if there is no such.
func (a *AWS) tagsOf(arn string) map[string]string {
	if t := a.tags.get(arn); t != nil {
		return t.tags
	}
	return nil
}

func (a *AWS) setTags(arn string, tags []types.Tag) {
	r := a.tags.get(arn)
	if r == nil {
		r = &tagged{arn: arn, tags: map[string]string{}}
	}
	for _, t := range tags {
		r.tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	a.tags.put(arn, r)
}

func (a *AWS) describeTags(in *elbv2.DescribeTagsInput) (*elbv2.DescribeTagsOutput, error) {
	out := &elbv2.DescribeTagsOutput{}
	for _, arn := range in.ResourceArns {
		if err := a.checkTagged(arn); err != nil {
			return nil, err
		}
		d := types.TagDescription{ResourceArn: aws.String(arn)}
		tags := a.tagsOf(arn)
		for _, k := range slices.Sorted(maps.Keys(tags)) {
			d.Tags = append(d.Tags, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
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
		r := a.tags.get(arn)
		if r == nil {
			continue // a default rule, whose tags are its listener's
		}
		for _, k := range in.TagKeys {
			delete(r.tags, k)
		}
		a.tags.put(arn, r)
	}
	return &elbv2.RemoveTagsOutput{}, nil
}

// checkTagged says whether an ARN is one of ours: whatever is created here has an entry in tags.
// The default rule of a listener has the listener's.
func (a *AWS) checkTagged(arn string) error {
	if a.tags.get(arn) != nil || strings.HasSuffix(arn, defaultRuleSuffix) {
		return nil
	}
	return noResource(arn)
}

// noResource is the error of ELBv2 for an ARN that is none of its resources'.
func noResource(arn string) error {
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
