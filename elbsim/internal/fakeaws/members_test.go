// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func TestRow73MembersOfSecurityGroups(t *testing.T) {
	a := newAccount(t, fakeaws.Options{
		SecurityGroups: []fakeaws.SecurityGroup{{ID: "sg-office", Name: "office", Members: []string{"10.1.0.0/16"}}},
		PrefixLists:    []fakeaws.PrefixList{{ID: "pl-edge", Entries: []string{"198.51.100.0/24", "2001:db8::/32"}}},
	})
	a.SetInstances([]fakeaws.Instance{
		{ID: "i-2", Address: "172.18.0.4", Zone: "eu-west-1b"},
		{ID: "i-1", Address: "172.18.0.3", Zone: "eu-west-1a", PodCIDRs: []string{"10.244.1.0/24"}},
	})
	made, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("front"), Description: aws.String("x"), VpcId: aws.String(a.VPC())})
	require.NoError(t, err)
	created, err := a.elb.CreateLoadBalancer(t.Context(), &elbv2.CreateLoadBalancerInput{
		Name: aws.String("lb"), Type: alb, Scheme: "internal", SubnetMappings: a.subnets(2), SecurityGroups: []string{*made.GroupId},
	})
	require.NoError(t, err)
	a.SetAddresses(*created.LoadBalancers[0].LoadBalancerArn, []elb.Address{{Zone: "a", IP: "172.28.0.130"}, {Zone: "b", IP: "172.28.0.131"}})
	nodes, err := a.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-name"), Values: []string{"nodes"}}}})
	require.NoError(t, err)
	require.Len(t, nodes.SecurityGroups, 1)
	for _, tt := range []struct {
		name, source string
		want         []string
		known        bool
	}{
		{"row 73: in the nodes' group are the nodes and their pods", *nodes.SecurityGroups[0].GroupId, []string{"172.18.0.3/32", "10.244.1.0/24", "172.18.0.4/32"}, true},
		{"row 73: in a load balancer's group are its addresses", *made.GroupId, []string{"172.28.0.130/32", "172.28.0.131/32"}, true},
		{"row 73: in a declared group are its members", "sg-office", []string{"10.1.0.0/16"}, true},
		{"row 73: on a prefix list are its entries", "pl-edge", []string{"198.51.100.0/24", "2001:db8::/32"}, true},
		{"row 73: a group that the account does not have", "sg-none", nil, false},
		{"row 73: a prefix list that the account does not have", "pl-none", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want []netip.Prefix
			for _, cidr := range tt.want {
				want = append(want, netip.MustParsePrefix(cidr))
			}
			got, known := a.Members(tt.source)
			assert.Equal(t, tt.known, known)
			assert.Equal(t, want, got)
		})
	}
}
