// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

type loadBalancer struct {
	sdk        types.LoadBalancer
	attributes attributes
	addresses  []elb.Address
	webACL     string // ARN
	classicACL string // ID of a web ACL of WAF Classic
	protection string // ID of its protection by Shield Advanced
	capacity   int32  // reserved load balancer capacity units
	readyAt    time.Time
}

func (lb *loadBalancer) activate() {
	lb.sdk.State = &types.LoadBalancerState{Code: types.LoadBalancerStateEnumActive}
}

func (a *AWS) loadBalancerOperations() []operation {
	return []operation{
		reads(a.describeLoadBalancers), lasting(a.createLoadBalancer), lasting(a.deleteLoadBalancer),
		changes(a.setSubnets), changes(a.setSecurityGroups), changes(a.setIPAddressType),
	}
}

func (a *AWS) loadBalancer(arn *string) (*loadBalancer, error) {
	if lb := a.lbs.get(aws.ToString(arn)); lb != nil {
		return lb, nil
	}
	return nil, &types.LoadBalancerNotFoundException{Message: aws.String(fmt.Sprintf("Load balancer '%s' not found", aws.ToString(arn)))}
}

func (a *AWS) describeLoadBalancers(in *elbv2.DescribeLoadBalancersInput) (*elbv2.DescribeLoadBalancersOutput, error) {
	out := &elbv2.DescribeLoadBalancersOutput{}
	for _, lb := range some(a.lbs, in.LoadBalancerArns, in.Names) {
		out.LoadBalancers = append(out.LoadBalancers, lb.sdk)
	}
	if len(out.LoadBalancers) < len(in.LoadBalancerArns)+len(in.Names) {
		return nil, &types.LoadBalancerNotFoundException{Message: aws.String("One or more load balancers not found")}
	}
	return out, nil
}

func (a *AWS) createLoadBalancer(in *elbv2.CreateLoadBalancerInput) (*elbv2.CreateLoadBalancerOutput, error) {
	if err := a.checkLoadBalancer(in); err != nil {
		return nil, err
	}
	zones, err := a.zonesOf(in.Type, in.SubnetMappings)
	if err != nil {
		return nil, err
	}
	if lb := a.sameLoadBalancer(in, zones); lb != nil {
		return &elbv2.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{lb.sdk}}, nil
	}
	if a.nameTaken(*in.Name) {
		return nil, &types.DuplicateLoadBalancerNameException{Message: aws.String(fmt.Sprintf(
			"A load balancer with the same name '%s' exists, but with different settings", *in.Name))}
	}
	if err := a.checkLoadBalancerQuota(in.Type); err != nil {
		return nil, err
	}
	if err := a.checkAddresses(in); err != nil {
		return nil, err
	}
	id := a.id(16)
	kind, dns := "app", fmt.Sprintf("%s-%s.%s.elb.amazonaws.com", *in.Name, id[:10], a.opts.Region)
	if in.Scheme == types.LoadBalancerSchemeEnumInternal {
		dns = "internal-" + dns
	}
	if in.Type == types.LoadBalancerTypeEnumNetwork {
		kind, dns = "net", fmt.Sprintf("%s-%s.elb.%s.amazonaws.com", *in.Name, id, a.opts.Region)
	}
	lb := &loadBalancer{
		sdk: types.LoadBalancer{
			LoadBalancerArn:              aws.String(a.arn("elasticloadbalancing", fmt.Sprintf("loadbalancer/%s/%s/%s", kind, *in.Name, id))),
			LoadBalancerName:             in.Name,
			DNSName:                      aws.String(dns),
			CanonicalHostedZoneId:        aws.String("Z32O12XQLNTSW2"),
			CreatedTime:                  aws.Time(now()),
			Scheme:                       in.Scheme,
			Type:                         in.Type,
			IpAddressType:                in.IpAddressType,
			VpcId:                        aws.String(a.opts.VPC),
			SecurityGroups:               in.SecurityGroups,
			AvailabilityZones:            zones,
			CustomerOwnedIpv4Pool:        in.CustomerOwnedIpv4Pool,
			IpamPools:                    in.IpamPools,
			EnablePrefixForIpv6SourceNat: in.EnablePrefixForIpv6SourceNat,
			State:                        &types.LoadBalancerState{Code: types.LoadBalancerStateEnumProvisioning},
		},
		attributes: newAttributes(loadBalancerAttributes(in.Type, in.Scheme)),
	}
	if !a.opts.Provisioning {
		lb.activate()
	} else if wait := a.opts.ProvisioningTime + a.faults.Provisioning(); wait > 0 {
		lb.readyAt = now().Add(wait)
		time.AfterFunc(wait, a.Notify)
	}
	a.lbs.put(*lb.sdk.LoadBalancerArn, lb)
	a.created = append(a.created, *lb.sdk.LoadBalancerArn)
	a.setTags(*lb.sdk.LoadBalancerArn, in.Tags)
	return &elbv2.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{lb.sdk}}, nil
}

// sameLoadBalancer is the load balancer that has the name and the settings already: AWS returns it to who creates it
// again (API: CreateLoadBalancer, "This operation is idempotent").
func (a *AWS) sameLoadBalancer(in *elbv2.CreateLoadBalancerInput, zones []types.AvailabilityZone) *loadBalancer {
	for _, lb := range a.lbs.by(*in.Name) {
		if x := lb.sdk; x.Type == in.Type && x.Scheme == in.Scheme && x.IpAddressType == in.IpAddressType &&
			slices.Equal(slices.Sorted(slices.Values(x.SecurityGroups)), slices.Sorted(slices.Values(in.SecurityGroups))) &&
			reflect.DeepEqual(x.AvailabilityZones, zones) {
			return lb
		}
	}
	return nil
}

// zonesOf places a load balancer in its subnets, one per availability zone.
func (a *AWS) zonesOf(kind types.LoadBalancerTypeEnum, mappings []types.SubnetMapping) ([]types.AvailabilityZone, error) {
	var out []types.AvailabilityZone
	for _, m := range mappings {
		s, ok := a.subnet(aws.ToString(m.SubnetId))
		if !ok {
			return nil, &types.SubnetNotFoundException{Message: aws.String(fmt.Sprintf("The subnet ID '%s' does not exist", aws.ToString(m.SubnetId)))}
		}
		if slices.ContainsFunc(out, func(z types.AvailabilityZone) bool { return *z.ZoneName == *s.AvailabilityZone }) {
			return nil, &types.InvalidConfigurationRequestException{Message: aws.String("A load balancer cannot be attached to multiple subnets in the same Availability Zone")}
		}
		if err := checkFreeAddresses(s); err != nil {
			return nil, err
		}
		zone := types.AvailabilityZone{SubnetId: s.SubnetId, ZoneName: s.AvailabilityZone}
		if m.AllocationId != nil || m.PrivateIPv4Address != nil || m.IPv6Address != nil {
			zone.LoadBalancerAddresses = []types.LoadBalancerAddress{{
				AllocationId: m.AllocationId, PrivateIPv4Address: m.PrivateIPv4Address, IPv6Address: m.IPv6Address,
			}}
		}
		out = append(out, zone)
	}
	return out, checkZoneCount(kind, len(out))
}

func (a *AWS) deleteLoadBalancer(in *elbv2.DeleteLoadBalancerInput) (*elbv2.DeleteLoadBalancerOutput, error) {
	lb := a.lbs.get(aws.ToString(in.LoadBalancerArn))
	if lb == nil { // AWS: deleting what does not exist succeeds
		return &elbv2.DeleteLoadBalancerOutput{}, nil
	}
	if lb.attributes.values["deletion_protection.enabled"] == "true" {
		return nil, &types.OperationNotPermittedException{Message: aws.String(fmt.Sprintf(
			"Load balancer '%s' cannot be deleted because deletion protection is enabled", *lb.sdk.LoadBalancerArn))}
	}
	for _, l := range a.listenersOf(*lb.sdk.LoadBalancerArn) {
		a.dropListener(*l.sdk.ListenerArn)
	}
	a.lbs.drop(*lb.sdk.LoadBalancerArn)
	a.tags.drop(*lb.sdk.LoadBalancerArn)
	return &elbv2.DeleteLoadBalancerOutput{}, nil
}

func (a *AWS) setSubnets(in *elbv2.SetSubnetsInput) (*elbv2.SetSubnetsOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	zones, err := a.zonesOf(lb.sdk.Type, in.SubnetMappings)
	if err != nil {
		return nil, err
	}
	lb.sdk.AvailabilityZones = zones
	if in.EnablePrefixForIpv6SourceNat != "" {
		lb.sdk.EnablePrefixForIpv6SourceNat = in.EnablePrefixForIpv6SourceNat
	}
	return &elbv2.SetSubnetsOutput{AvailabilityZones: zones}, nil
}

func (a *AWS) setSecurityGroups(in *elbv2.SetSecurityGroupsInput) (*elbv2.SetSecurityGroupsOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	if err := a.checkGroups(in.SecurityGroups); err != nil {
		return nil, err
	}
	if lb.sdk.Type == types.LoadBalancerTypeEnumNetwork && (len(lb.sdk.SecurityGroups) == 0) != (len(in.SecurityGroups) == 0) {
		return nil, &types.InvalidConfigurationRequestException{Message: aws.String("Security groups of a Network Load Balancer can only be replaced: " +
			"it has them from its creation or never")}
	}
	lb.sdk.SecurityGroups = in.SecurityGroups
	if in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic != "" {
		lb.sdk.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = aws.String(string(in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic))
	}
	return &elbv2.SetSecurityGroupsOutput{SecurityGroupIds: in.SecurityGroups}, nil
}

func (a *AWS) setIPAddressType(in *elbv2.SetIpAddressTypeInput) (*elbv2.SetIpAddressTypeOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	lb.sdk.IpAddressType = in.IpAddressType
	return &elbv2.SetIpAddressTypeOutput{IpAddressType: in.IpAddressType}, nil
}
