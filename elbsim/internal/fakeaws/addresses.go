// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// SetInDNS names the one to ask whether enough targets of a target group are healthy for the node of a zone to be
// found in DNS. It is called without a lock held.
func (a *AWS) SetInDNS(inDNS func(targetGroupARN, zone string) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inDNS = inDNS
}

// describeAddresses adds to the addresses what is known of them: their zonal names and what was asked for (row 74).
func describeAddresses(lb *loadBalancer) []elb.Address {
	out := clone(lb.addresses)
	for i := range out {
		if lb.sdk.Type == types.LoadBalancerTypeEnumNetwork {
			out[i].DNSName = out[i].Zone + "." + aws.ToString(lb.sdk.DNSName)
		}
		for _, zone := range lb.sdk.AvailabilityZones {
			if aws.ToString(zone.ZoneName) != out[i].Zone || len(zone.LoadBalancerAddresses) == 0 {
				continue
			}
			asked := zone.LoadBalancerAddresses[0]
			out[i].AllocationID, out[i].PrivateIPv4 = aws.ToString(asked.AllocationId), aws.ToString(asked.PrivateIPv4Address)
		}
	}
	return out
}

// AskedAddresses returns the addresses that a load balancer was asked to have, by zone, without IP: an account without a
// pool has no others.
func (a *AWS) AskedAddresses(lbARN string) []elb.Address {
	a.mu.Lock()
	defer a.mu.Unlock()
	lb := a.lbs.get(lbARN)
	if lb == nil {
		return nil
	}
	var out []elb.Address
	for _, zone := range lb.sdk.AvailabilityZones {
		if len(zone.LoadBalancerAddresses) == 0 {
			continue
		}
		asked := elb.Address{Zone: aws.ToString(zone.ZoneName), AllocationID: aws.ToString(zone.LoadBalancerAddresses[0].AllocationId), PrivateIPv4: aws.ToString(zone.LoadBalancerAddresses[0].PrivateIPv4Address)}
		if asked.AllocationID != "" || asked.PrivateIPv4 != "" {
			out = append(out, asked)
		}
	}
	slices.SortFunc(out, func(x, y elb.Address) int { return cmp.Compare(x.Zone, y.Zone) })
	return out
}

// withDNS says of each address whether the load balancer's name leads to it (row 68): every target group must have
// enough healthy targets for the zone. Without any such zone the name leads to all. The lock, which the caller
// holds, is given back meanwhile.
func (a *AWS) withDNS(lb *elb.LoadBalancer) {
	inDNS := a.inDNS
	a.mu.Unlock()
	defer a.mu.Lock()
	any := false
	for i := range lb.Addresses {
		node := &lb.Addresses[i]
		node.InDNS = !slices.ContainsFunc(lb.TargetGroups, func(tg elb.TargetGroup) bool { return !inDNS(tg.ARN, node.Zone) })
		any = any || node.InDNS
	}
	for i := range lb.Addresses {
		lb.Addresses[i].InDNS = lb.Addresses[i].InDNS || !any
	}
}
