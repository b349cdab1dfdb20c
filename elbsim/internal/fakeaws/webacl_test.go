// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func TestAWebACLComesAndGoes(t *testing.T) {
	x := newAccount(t, fakeaws.Options{})
	lb := x.lb("shop", types.LoadBalancerTypeEnumApplication)
	const acl = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1"
	waf, err := x.Provider().GetWAFv2Client(t.Context(), "")
	require.NoError(t, err)
	of := func() string {
		out, err := waf.GetWebACLForResource(t.Context(), &wafv2.GetWebACLForResourceInput{ResourceArn: lb})
		require.NoError(t, err)
		if out.WebACL == nil {
			return ""
		}
		return *out.WebACL.ARN
	}
	assert.Empty(t, of())
	_, err = waf.AssociateWebACL(t.Context(), &wafv2.AssociateWebACLInput{ResourceArn: lb, WebACLArn: aws.String(acl)})
	require.NoError(t, err)
	assert.Equal(t, acl, of())
	assert.Equal(t, acl, x.LoadBalancers()[0].WebACL)
	_, err = waf.DisassociateWebACL(t.Context(), &wafv2.DisassociateWebACLInput{ResourceArn: lb})
	require.NoError(t, err)
	assert.Empty(t, of())

	for name, in := range map[string]*wafv2.AssociateWebACLInput{
		"another region":   {ResourceArn: lb, WebACLArn: aws.String("arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/1")},
		"CloudFront's":     {ResourceArn: lb, WebACLArn: aws.String("arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop/1")},
		"no load balancer": {ResourceArn: aws.String("arn:gone"), WebACLArn: aws.String(acl)},
	} {
		_, err := waf.AssociateWebACL(t.Context(), in)
		code(t, err, "WAFNonexistentItemException", "does not exist")
		assert.Empty(t, of(), name)
	}
}

func TestTrustStoresAreFoundByName(t *testing.T) {
	x := newAccount(t, fakeaws.Options{})
	out, err := x.elb.DescribeTrustStores(t.Context(), &elbv2.DescribeTrustStoresInput{Names: []string{"clients"}})
	require.NoError(t, err)
	assert.Regexp(t, "^arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/clients/[0-9a-f]{16}$", *out.TrustStores[0].TrustStoreArn)
	_, err = x.elb.DescribeTrustStores(t.Context(), &elbv2.DescribeTrustStoresInput{Names: []string{"no_name"}})
	code(t, err, "ValidationError", "can only contain")
}
