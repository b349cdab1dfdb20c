// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func (a *AWS) instanceOperations() []operation {
	return []operation{reads(a.describeInstances), reads(a.describeNetworkInterfaces)}
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

// describeNetworkInterfaces shows the interface of each instance. The controller asks for those of pods that have
// one of their own, by their addresses; no pod here has.
func (a *AWS) describeNetworkInterfaces(in *ec2.DescribeNetworkInterfacesInput) (*ec2.DescribeNetworkInterfacesOutput, error) {
	out := &ec2.DescribeNetworkInterfacesOutput{}
	for _, id := range slices.Sorted(maps.Keys(a.instances)) {
		i := a.instances[id]
		eni := a.sdkInstance(i).NetworkInterfaces[0]
		match, err := matches(in.Filters, map[string]string{
			"vpc-id": *eni.VpcId, "network-interface-id": *eni.NetworkInterfaceId, "attachment.instance-id": id,
			"private-ip-address": i.Address, "addresses.private-ip-address": i.Address,
		}, nil)
		if err != nil {
			return nil, err
		}
		if match && wanted(in.NetworkInterfaceIds, eni.NetworkInterfaceId) {
			out.NetworkInterfaces = append(out.NetworkInterfaces, types.NetworkInterface{
				NetworkInterfaceId: eni.NetworkInterfaceId, VpcId: eni.VpcId, Groups: eni.Groups, AvailabilityZone: aws.String(i.Zone),
				PrivateIpAddress: eni.PrivateIpAddress, Attachment: &types.NetworkInterfaceAttachment{InstanceId: aws.String(id), DeviceIndex: aws.Int32(0)},
			})
		}
	}
	return out, nil
}
