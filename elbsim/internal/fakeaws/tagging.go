// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

func (a *AWS) taggingOperations() []operation { return []operation{reads(a.getResources)} }

// arnParts are how the resource types of the Resource Groups Tagging API show in an ARN.
var arnParts = map[string]string{
	"elasticloadbalancing:loadbalancer": ":loadbalancer/",
	"elasticloadbalancing:targetgroup":  ":targetgroup/",
}

// getResources finds load balancers and target groups by their tags: all filters have to match, each
// by any of its values (API reference of the Resource Groups Tagging API, GetResources). The
// controller calls it with the feature gate EnableRGTAPI, in place of describing the whole account.
func (a *AWS) getResources(in *resourcegroupstaggingapi.GetResourcesInput) (*resourcegroupstaggingapi.GetResourcesOutput, error) {
	for _, kind := range in.ResourceTypeFilters {
		if arnParts[kind] == "" {
			return nil, apiError("InvalidParameterException", "elbsim tags resources of the types %s, not '%s'",
				strings.Join(slices.Sorted(maps.Keys(arnParts)), " and "), kind)
		}
	}
	out := &resourcegroupstaggingapi.GetResourcesOutput{}
	var keys []string
	for _, f := range in.TagFilters {
		if len(f.Values) == 1 {
			keys = append(keys, tagKey(aws.ToString(f.Key), f.Values[0]))
		}
	}
	for _, t := range a.tags.byAll(keys) {
		if !ofType(t.arn, in.ResourceTypeFilters) || !carries(t.tags, in.TagFilters) {
			continue
		}
		r := types.ResourceTagMapping{ResourceARN: aws.String(t.arn)}
		for _, k := range slices.Sorted(maps.Keys(t.tags)) {
			r.Tags = append(r.Tags, types.Tag{Key: aws.String(k), Value: aws.String(t.tags[k])})
		}
		out.ResourceTagMappingList = append(out.ResourceTagMappingList, r)
	}
	return out, nil
}

func ofType(arn string, kinds []string) bool {
	return len(kinds) == 0 || slices.ContainsFunc(kinds, func(kind string) bool { return strings.Contains(arn, arnParts[kind]) })
}

func carries(tags map[string]string, filters []types.TagFilter) bool {
	for _, f := range filters {
		value, ok := tags[aws.ToString(f.Key)]
		if !ok || len(f.Values) > 0 && !slices.Contains(f.Values, value) {
			return false
		}
	}
	return true
}
