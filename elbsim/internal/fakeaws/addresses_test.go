// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// mapped makes a Network Load Balancer in the first zones, with a mapping for each.
func (a *account) mapped(name string, scheme types.LoadBalancerSchemeEnum, edits ...func(*types.SubnetMapping)) (*string, error) {
	in := &elbv2.CreateLoadBalancerInput{Name: aws.String(name), Type: nlb, Scheme: scheme, IpAddressType: types.IpAddressTypeIpv4}
	in.SubnetMappings = a.subnets(len(edits))
	for i, edit := range edits {
		edit(&in.SubnetMappings[i])
	}
	out, err := a.elb.CreateLoadBalancer(a.t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.LoadBalancers[0].LoadBalancerArn, nil
}

func elastic(id string) func(*types.SubnetMapping) {
	return func(m *types.SubnetMapping) { m.AllocationId = aws.String(id) }
}

func private(ip string) func(*types.SubnetMapping) {
	return func(m *types.SubnetMapping) { m.PrivateIPv4Address = aws.String(ip) }
}

func plain(*types.SubnetMapping) {}

func TestRow74AddressesAreDescribedWithTheirZonalNamesAndWhatWasAskedFor(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	arn, err := a.mapped("public", types.LoadBalancerSchemeEnumInternetFacing, elastic("eipalloc-1"), elastic("eipalloc-2"))
	require.NoError(t, err)
	a.SetAddresses(*arn, []elb.Address{{Zone: "eu-west-1a", IP: "172.19.128.1"}, {Zone: "eu-west-1b", IP: "172.19.128.2"}})
	lb := a.LoadBalancers()[0]
	assert.Equal(t, []elb.Address{
		{Zone: "eu-west-1a", IP: "172.19.128.1", DNSName: "eu-west-1a." + lb.DNSName, InDNS: true, AllocationID: "eipalloc-1"},
		{Zone: "eu-west-1b", IP: "172.19.128.2", DNSName: "eu-west-1b." + lb.DNSName, InDNS: true, AllocationID: "eipalloc-2"},
	}, lb.Addresses)

	arn, err = a.mapped("private", types.LoadBalancerSchemeEnumInternal, private("192.168.1.10"))
	require.NoError(t, err)
	a.SetAddresses(*arn, []elb.Address{{Zone: "eu-west-1a", IP: "172.19.128.3"}})
	for _, lb := range a.LoadBalancers() {
		if lb.Name == "private" {
			assert.Equal(t, "192.168.1.10", lb.Addresses[0].PrivateIPv4)
		}
	}
}

func TestRow74ZonalNamesAreANetworkLoadBalancersOnly(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	a.SetAddresses(*a.lb("lb", alb), []elb.Address{{Zone: "eu-west-1a", IP: "172.19.128.1"}})
	assert.Equal(t, []elb.Address{{Zone: "eu-west-1a", IP: "172.19.128.1", InDNS: true}}, a.LoadBalancers()[0].Addresses)
}

func TestRow74MappingsThatAWSRefuses(t *testing.T) {
	const internal, public = types.LoadBalancerSchemeEnumInternal, types.LoadBalancerSchemeEnumInternetFacing
	for _, c := range []struct {
		name       string
		scheme     types.LoadBalancerSchemeEnum
		mappings   []func(*types.SubnetMapping)
		code, what string
	}{
		{"an Elastic IP of an internal load balancer", internal, []func(*types.SubnetMapping){elastic("eipalloc-1")}, "InvalidConfigurationRequest", "internal"},
		{"an Elastic IP for one zone of two", public, []func(*types.SubnetMapping){elastic("eipalloc-1"), plain}, "InvalidConfigurationRequest", "every subnet or none"},
		{"one Elastic IP for two zones", public, []func(*types.SubnetMapping){elastic("eipalloc-1"), elastic("eipalloc-1")}, "ResourceInUse", "eipalloc-1"},
		{"an Elastic IP of another load balancer", public, []func(*types.SubnetMapping){elastic("eipalloc-taken")}, "ResourceInUse", "eipalloc-taken"},
		{"a private address of an internet-facing load balancer", public, []func(*types.SubnetMapping){private("192.168.1.10")}, "InvalidConfigurationRequest", "internet-facing"},
		{"a private address outside its subnet", internal, []func(*types.SubnetMapping){private("192.168.2.10")}, "InvalidSubnet", "192.168.2.10"},
		{"a private address that is none", internal, []func(*types.SubnetMapping){private("ten")}, "InvalidSubnet", "'ten'"},
	} {
		t.Run("row 74: "+c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			_, err := a.mapped("other", public, elastic("eipalloc-taken"))
			require.NoError(t, err)
			_, err = a.mapped("lb", c.scheme, c.mappings...)
			code(t, err, c.code, c.what)
		})
	}
}

func TestRow68ZonesLeaveDNS(t *testing.T) {
	for _, c := range []struct {
		name string
		sick map[string]bool // "group zone"
		want []bool
	}{
		{"row 68: every zone with healthy targets is in DNS", nil, []bool{true, true}},
		{"row 68: a zone without healthy targets is taken out", map[string]bool{"one eu-west-1b": true, "two eu-west-1b": true}, []bool{true, false}},
		{"row 68: every target group must have some", map[string]bool{"two eu-west-1a": true}, []bool{false, true}},
		{"row 68: without any good zone all are in DNS", map[string]bool{"one eu-west-1a": true, "two eu-west-1b": true}, []bool{true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			lb, one, two := a.lb("lb", nlb), a.group("one", "TCP"), a.group("two", "TCP")
			a.listener(lb, 80, "TCP", forward(one))
			a.listener(lb, 81, "TCP", forward(two))
			a.SetAddresses(*lb, []elb.Address{{Zone: "eu-west-1a", IP: "172.19.128.1"}, {Zone: "eu-west-1b", IP: "172.19.128.2"}})
			names := map[string]string{*one: "one", *two: "two"}
			a.SetInDNS(func(arn, zone string) bool { return !c.sick[names[arn]+" "+zone] })
			var got []bool
			for _, address := range a.LoadBalancers()[0].Addresses {
				got = append(got, address.InDNS)
			}
			assert.Equal(t, c.want, got)
		})
	}
}
