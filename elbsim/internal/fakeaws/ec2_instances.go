// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func (a *AWS) instanceOperations() []operation {
	return []operation{reads(a.describeInstances)}
}

var instanceID = regexp.MustCompile("^i-[0-9a-f]+$")

// instance finds an instance. Before SetInstances every well-formed ID exists, without an address.
func (a *AWS) instance(id string) (Instance, bool) {
	if a.instances == nil {
		return Instance{ID: id, PodCIDRs: []string{a.opts.PodCIDR}}, instanceID.MatchString(id)
	}
	i, ok := a.instances[id]
	return i, ok
}

// zoneOfIP finds the zone of the node that an address belongs to, as a node's or as a pod's.
func (a *AWS) zoneOfIP(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	for _, i := range a.instances {
		if i.Address == ip || slices.ContainsFunc(i.PodCIDRs, func(cidr string) bool {
			p, err := netip.ParsePrefix(cidr)
			return err == nil && p.Contains(addr)
		}) {
			return i.Zone
		}
	}
	return ""
}

func (a *AWS) describeInstances(in *ec2.DescribeInstancesInput) (*ec2.DescribeInstancesOutput, error) {
	ids := in.InstanceIds
	if len(ids) == 0 {
		for id := range a.instances {
			ids = append(ids, id)
		}
		slices.Sort(ids)
	}
	out := &ec2.DescribeInstancesOutput{}
	for _, id := range ids {
		i, ok := a.instance(id)
		if !ok {
			return nil, apiError("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", id)
		}
		sdk := a.sdkInstance(i)
		fields := map[string]string{"vpc-id": *sdk.VpcId, "instance-id": i.ID, "private-ip-address": i.Address, "instance-state-name": "running"}
		match, err := matches(in.Filters, fields, nil)
		if err != nil {
			return nil, err
		}
		if match {
			out.Reservations = append(out.Reservations, types.Reservation{Instances: []types.Instance{sdk}})
		}
	}
	return out, nil
}

// sdkInstance gives an instance one network interface. The pod CIDRs are prefixes of it, so that
// every pod resolves to its node's interface without a record of each pod.
func (a *AWS) sdkInstance(i Instance) types.Instance {
	eni := types.InstanceNetworkInterface{
		NetworkInterfaceId: aws.String("eni-" + i.ID[len("i-"):]),
		Attachment:         &types.InstanceNetworkInterfaceAttachment{DeviceIndex: aws.Int32(0)},
		Groups:             []types.GroupIdentifier{{GroupId: aws.String(nodeGroupID)}},
		VpcId:              aws.String(a.opts.VPC),
	}
	if i.Address != "" {
		eni.PrivateIpAddress = aws.String(i.Address)
		eni.PrivateIpAddresses = []types.InstancePrivateIpAddress{{PrivateIpAddress: aws.String(i.Address), Primary: aws.Bool(true)}}
	}
	for _, cidr := range i.PodCIDRs {
		eni.Ipv4Prefixes = append(eni.Ipv4Prefixes, types.InstanceIpv4Prefix{Ipv4Prefix: aws.String(cidr)})
	}
	return types.Instance{
		InstanceId:        aws.String(i.ID),
		VpcId:             aws.String(a.opts.VPC),
		PrivateIpAddress:  eni.PrivateIpAddress,
		Placement:         &types.Placement{AvailabilityZone: aws.String(i.Zone)},
		State:             &types.InstanceState{Name: types.InstanceStateNameRunning},
		NetworkInterfaces: []types.InstanceNetworkInterface{eni},
	}
}
