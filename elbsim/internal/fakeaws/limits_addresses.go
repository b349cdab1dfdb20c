// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// checkAddresses applies AWS's limits to the addresses that are asked for: an Elastic IP address for each subnet of an
// internet-facing Network Load Balancer, a private one for each of an internal one (API: SubnetMapping; row 74).
func (a *AWS) checkAddresses(in *elbv2.CreateLoadBalancerInput) error {
	taken := map[string]string{} // allocation ID to load balancer
	for _, lb := range a.lbs.values() {
		for _, zone := range lb.sdk.AvailabilityZones {
			for _, address := range zone.LoadBalancerAddresses {
				taken[aws.ToString(address.AllocationId)] = aws.ToString(lb.sdk.LoadBalancerName)
			}
		}
	}
	elastic := 0
	for _, m := range in.SubnetMappings {
		if id := aws.ToString(m.AllocationId); id != "" {
			if in.Type != types.LoadBalancerTypeEnumNetwork || in.Scheme == types.LoadBalancerSchemeEnumInternal {
				return refused("Elastic IP addresses are for internet-facing Network Load Balancers; '%s' is asked for by a load balancer of type '%s' with the scheme '%s'", id, in.Type, in.Scheme)
			}
			if err := a.checkElasticIP(id); err != nil {
				return err
			}
			if other, ok := taken[id]; ok {
				return &types.ResourceInUseException{Message: aws.String(fmt.Sprintf("The allocation ID '%s' is in use by load balancer '%s'", id, other))}
			}
			taken[id] = aws.ToString(in.Name)
			elastic++
		}
		if err := a.checkPrivateAddress(in, m); err != nil {
			return err
		}
	}
	if elastic > 0 && elastic < len(in.SubnetMappings) {
		return refused("Elastic IP addresses must be specified for every subnet or none, got %d for %d", elastic, len(in.SubnetMappings))
	}
	return nil
}

// checkElasticIP looks for an address of a closed account. In an open one any exists and is free.
func (a *AWS) checkElasticIP(id string) error {
	declared, ok := find(a.opts.ElasticIPs, func(e ElasticIP) bool { return e.AllocationID == id })
	switch {
	case !ok && a.opts.Closed:
		return &types.AllocationIdNotFoundException{Message: aws.String(fmt.Sprintf("The allocation ID '%s' does not exist", id))}
	case declared.InUse:
		return &types.ResourceInUseException{Message: aws.String(fmt.Sprintf("The allocation ID '%s' is in use", id))}
	}
	return nil
}

func (a *AWS) checkPrivateAddress(in *elbv2.CreateLoadBalancerInput, m types.SubnetMapping) error {
	ip := aws.ToString(m.PrivateIPv4Address)
	if ip == "" {
		return nil
	}
	if in.Type != types.LoadBalancerTypeEnumNetwork || in.Scheme != types.LoadBalancerSchemeEnumInternal {
		return refused("Private IPv4 addresses are for internal Network Load Balancers; '%s' is asked for by a load balancer of type '%s' with the scheme '%s'", ip, in.Type, in.Scheme)
	}
	s, ok := a.subnet(aws.ToString(m.SubnetId))
	if !ok {
		return nil // refused by zonesOf
	}
	addr, err := netip.ParseAddr(ip)
	cidr, cidrErr := netip.ParsePrefix(aws.ToString(s.CidrBlock))
	if err != nil || cidrErr != nil || !cidr.Contains(addr) {
		return &types.InvalidSubnetException{Message: aws.String(fmt.Sprintf("The address '%s' is not in the range %s of subnet '%s'", ip, aws.ToString(s.CidrBlock), *s.SubnetId))}
	}
	if a.addressTaken(*s.SubnetId, ip) {
		return &types.ResourceInUseException{Message: aws.String(fmt.Sprintf("The address '%s' of subnet '%s' is in use", ip, *s.SubnetId))}
	}
	return nil
}

func (a *AWS) addressTaken(subnet, ip string) bool {
	declared, _ := find(a.opts.Subnets, func(s Subnet) bool { return s.ID == subnet })
	if slices.Contains(declared.Taken, ip) {
		return true
	}
	for _, lb := range a.lbs.values() {
		for _, zone := range lb.sdk.AvailabilityZones {
			if slices.ContainsFunc(zone.LoadBalancerAddresses, func(x types.LoadBalancerAddress) bool { return aws.ToString(x.PrivateIPv4Address) == ip }) {
				return true
			}
		}
	}
	return false
}
