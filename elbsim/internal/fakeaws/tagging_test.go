// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	rgttypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func TestResourcesAreFoundByTheirTags(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	rgt, err := a.Provider().GetRGTClient(t.Context(), "")
	require.NoError(t, err)
	tag := func(k, v string) types.Tag { return types.Tag{Key: aws.String(k), Value: aws.String(v)} }
	one := a.lb("one", types.LoadBalancerTypeEnumApplication, tag("stack", "a"), tag("cluster", "x"))
	two := a.lb("two", types.LoadBalancerTypeEnumApplication, tag("stack", "b"), tag("cluster", "x"))

	find := func(kind string, filters ...rgttypes.TagFilter) []string {
		out, err := rgt.GetResources(t.Context(), &resourcegroupstaggingapi.GetResourcesInput{TagFilters: filters, ResourceTypeFilters: []string{kind}})
		require.NoError(t, err)
		arns := []string{}
		for _, r := range out.ResourceTagMappingList {
			arns = append(arns, *r.ResourceARN)
			assert.Len(t, r.Tags, 2)
		}
		return arns
	}
	filter := func(k string, values ...string) rgttypes.TagFilter {
		return rgttypes.TagFilter{Key: aws.String(k), Values: values}
	}
	const balancers = "elasticloadbalancing:loadbalancer"
	assert.Equal(t, []string{*one}, find(balancers, filter("cluster", "x"), filter("stack", "a")))
	assert.Equal(t, []string{*one, *two}, find(balancers, filter("stack", "a", "b")))
	assert.Equal(t, []string{*one, *two}, find(balancers, filter("cluster")), "a key without values is enough")
	assert.Empty(t, find(balancers, filter("cluster", "y")))
	assert.Empty(t, find(balancers, filter("cluster", "x"), filter("stack", "c")))
	assert.Empty(t, find("elasticloadbalancing:targetgroup", filter("cluster", "x")), "of that type only")

	_, err = a.elb.RemoveTags(t.Context(), &elbv2.RemoveTagsInput{ResourceArns: []string{*two}, TagKeys: []string{"stack"}})
	require.NoError(t, err)
	assert.Empty(t, find(balancers, filter("stack", "b")), "tags that were taken away")

	_, err = rgt.GetResources(t.Context(), &resourcegroupstaggingapi.GetResourcesInput{ResourceTypeFilters: []string{"s3:bucket"}})
	code(t, err, "InvalidParameterException", "s3:bucket")
}
