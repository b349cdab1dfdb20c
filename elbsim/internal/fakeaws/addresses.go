// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
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
