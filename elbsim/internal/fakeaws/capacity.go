// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// capacityOperations are what the controller does for the annotations minimum-load-balancer-capacity and
// ipam-ipv4-pool-id. Both are remembered and have no effect.
func (a *AWS) capacityOperations() []operation {
	return []operation{reads(a.describeCapacityReservation), changes(a.modifyCapacityReservation), changes(a.modifyIPPools)}
}

func (a *AWS) describeCapacityReservation(in *elbv2.DescribeCapacityReservationInput) (*elbv2.DescribeCapacityReservationOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	out := &elbv2.DescribeCapacityReservationOutput{}
	if lb.capacity > 0 {
		out.MinimumLoadBalancerCapacity = &types.MinimumLoadBalancerCapacity{CapacityUnits: aws.Int32(lb.capacity)}
		for _, zone := range lb.sdk.AvailabilityZones {
			out.CapacityReservationState = append(out.CapacityReservationState, types.ZonalCapacityReservationState{
				AvailabilityZone: zone.ZoneName, State: &types.CapacityReservationStatus{Code: types.CapacityReservationStateEnumProvisioned},
			})
		}
	}
	return out, nil
}

func (a *AWS) modifyCapacityReservation(in *elbv2.ModifyCapacityReservationInput) (*elbv2.ModifyCapacityReservationOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	switch m := in.MinimumLoadBalancerCapacity; {
	case aws.ToBool(in.ResetCapacityReservation):
		lb.capacity = 0
	case m == nil || aws.ToInt32(m.CapacityUnits) < 1:
		return nil, invalid("CapacityUnits must be at least 1")
	default:
		lb.capacity = *m.CapacityUnits
	}
	described, err := a.describeCapacityReservation(&elbv2.DescribeCapacityReservationInput{LoadBalancerArn: in.LoadBalancerArn})
	if err != nil {
		return nil, err
	}
	return &elbv2.ModifyCapacityReservationOutput{
		MinimumLoadBalancerCapacity: described.MinimumLoadBalancerCapacity, CapacityReservationState: described.CapacityReservationState,
	}, nil
}

func (a *AWS) modifyIPPools(in *elbv2.ModifyIpPoolsInput) (*elbv2.ModifyIpPoolsOutput, error) {
	lb, err := a.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	if in.IpamPools != nil {
		lb.sdk.IpamPools = in.IpamPools
	}
	for _, remove := range in.RemoveIpamPools {
		if remove == types.RemoveIpamPoolEnumIpv4 {
			lb.sdk.IpamPools = nil
		}
	}
	return &elbv2.ModifyIpPoolsOutput{IpamPools: lb.sdk.IpamPools}, nil
}
