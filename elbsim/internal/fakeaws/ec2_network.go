// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func (a *AWS) networkOperations() []operation {
	return []operation{
		reads(a.describeAvailabilityZones), reads(a.describeSubnets), reads(a.describeVpcs),
		reads(a.describeRouteTables),
	}
}

// The subnets are tagged as the controller's documentation asks for.
var subnetRoles = []struct{ name, role string }{
	{"public", "kubernetes.io/role/elb"},
	{"private", "kubernetes.io/role/internal-elb"},
}

// makeSubnets makes the declared subnets, or cuts a /24 for each role and zone out of the VPC.
func (a *AWS) makeSubnets() []types.Subnet {
	if len(a.opts.Subnets) > 0 {
		return mapped(a.opts.Subnets, a.sdkSubnet)
	}
	var out []types.Subnet
	cidr := netip.MustParsePrefix(a.opts.VPCCIDRs[0]).Addr().As4()
	for _, r := range subnetRoles {
		for i, zone := range a.opts.Zones {
			n := len(out) + 1
			out = append(out, types.Subnet{
				SubnetId:                aws.String(fmt.Sprintf("subnet-%017x", n)),
				VpcId:                   aws.String(a.opts.VPC),
				State:                   types.SubnetStateAvailable,
				AvailabilityZone:        aws.String(zone),
				AvailabilityZoneId:      aws.String(zoneID(a.opts.Region, i)),
				CidrBlock:               aws.String(fmt.Sprintf("%d.%d.%d.0/24", cidr[0], cidr[1], n)),
				AvailableIpAddressCount: aws.Int32(251),
				Tags: []types.Tag{
					{Key: aws.String("Name"), Value: aws.String(r.name + "-" + zone)},
					{Key: aws.String(r.role), Value: aws.String("1")},
				},
			})
		}
	}
	return out
}

func (a *AWS) sdkSubnet(s Subnet) types.Subnet {
	out := types.Subnet{
		SubnetId: aws.String(s.ID), VpcId: aws.String(a.opts.VPC), State: types.SubnetStateAvailable,
		AvailabilityZone: aws.String(s.Zone), AvailabilityZoneId: aws.String(zoneID(a.opts.Region, slices.Index(a.opts.Zones, s.Zone))),
		CidrBlock: aws.String(s.CIDR), AvailableIpAddressCount: aws.Int32(s.FreeAddresses), Tags: ec2Tags(s.Tags),
	}
	if s.IPv6CIDR != "" {
		out.Ipv6CidrBlockAssociationSet = []types.SubnetIpv6CidrBlockAssociation{{
			Ipv6CidrBlock:      aws.String(s.IPv6CIDR),
			Ipv6CidrBlockState: &types.SubnetCidrBlockState{State: types.SubnetCidrBlockStateCodeAssociated},
		}}
	}
	return out
}

// ec2Tags are tags as EC2 has them, by key.
func ec2Tags(tags map[string]string) []types.Tag {
	var out []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return out
}

// zoneID abbreviates as AWS does: eu-west-1 and 0 make euw1-az1.
func zoneID(region string, i int) string {
	parts := strings.Split(region, "-")
	short := parts[0]
	for _, p := range parts[1:] {
		short += p[:1]
	}
	return fmt.Sprintf("%s-az%d", short, i+1)
}

func (a *AWS) subnet(id string) (types.Subnet, bool) {
	i := slices.IndexFunc(a.subnets, func(s types.Subnet) bool { return *s.SubnetId == id })
	if i < 0 {
		return types.Subnet{}, false
	}
	return a.subnets[i], true
}

func (a *AWS) describeAvailabilityZones(in *ec2.DescribeAvailabilityZonesInput) (*ec2.DescribeAvailabilityZonesOutput, error) {
	out := &ec2.DescribeAvailabilityZonesOutput{}
	for i, zone := range a.opts.Zones {
		id := zoneID(a.opts.Region, i)
		if wanted(in.ZoneIds, &id) && wanted(in.ZoneNames, &zone) {
			out.AvailabilityZones = append(out.AvailabilityZones, types.AvailabilityZone{
				ZoneId: aws.String(id), ZoneName: aws.String(zone), ZoneType: aws.String("availability-zone"),
				RegionName: aws.String(a.opts.Region), State: types.AvailabilityZoneStateAvailable,
			})
		}
	}
	return out, nil
}

func (a *AWS) describeSubnets(in *ec2.DescribeSubnetsInput) (*ec2.DescribeSubnetsOutput, error) {
	for _, id := range in.SubnetIds {
		if _, ok := a.subnet(id); !ok {
			return nil, apiError("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
		}
	}
	out := &ec2.DescribeSubnetsOutput{}
	for _, s := range a.subnets {
		ok, err := matches(in.Filters, map[string]string{
			"vpc-id": *s.VpcId, "subnet-id": *s.SubnetId, "availability-zone": *s.AvailabilityZone, "state": string(s.State),
		}, s.Tags)
		if err != nil {
			return nil, err
		}
		if ok && wanted(in.SubnetIds, s.SubnetId) {
			out.Subnets = append(out.Subnets, s)
		}
	}
	return out, nil
}

func (a *AWS) describeVpcs(in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
	for _, id := range in.VpcIds {
		if id != a.opts.VPC {
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
		}
	}
	vpc := types.Vpc{VpcId: aws.String(a.opts.VPC), CidrBlock: aws.String(a.opts.VPCCIDRs[0]), State: types.VpcStateAvailable}
	for _, cidr := range append(slices.Clone(a.opts.VPCCIDRs), a.opts.PodCIDR) {
		vpc.CidrBlockAssociationSet = append(vpc.CidrBlockAssociationSet, types.VpcCidrBlockAssociation{
			CidrBlock:      aws.String(cidr),
			CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
		})
	}
	return &ec2.DescribeVpcsOutput{Vpcs: []types.Vpc{vpc}}, nil
}

// describeRouteTables shows the main table, and one that leads to an internet gateway for the declared public subnets.
// Of the default subnets it is known by their tags which are public.
func (a *AWS) describeRouteTables(*ec2.DescribeRouteTablesInput) (*ec2.DescribeRouteTablesOutput, error) {
	main := types.RouteTable{
		RouteTableId: aws.String("rtb-0123456789abcdef0"), VpcId: aws.String(a.opts.VPC),
		Associations: []types.RouteTableAssociation{{Main: aws.Bool(true)}},
	}
	public := types.RouteTable{
		RouteTableId: aws.String("rtb-0123456789abcdef1"), VpcId: aws.String(a.opts.VPC),
		Routes: []types.Route{{DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: aws.String("igw-0123456789abcdef0")}},
	}
	for _, s := range a.opts.Subnets {
		if s.Public {
			public.Associations = append(public.Associations, types.RouteTableAssociation{SubnetId: aws.String(s.ID)})
		}
	}
	return &ec2.DescribeRouteTablesOutput{RouteTables: []types.RouteTable{main, public}}, nil
}

// matches applies EC2 filters to an object with these fields and tags.
func matches(filters []types.Filter, fields map[string]string, tags []types.Tag) (bool, error) {
	for _, f := range filters {
		name := aws.ToString(f.Name)
		if key, ok := strings.CutPrefix(name, "tag:"); ok {
			if !slices.ContainsFunc(tags, func(t types.Tag) bool {
				return aws.ToString(t.Key) == key && slices.Contains(f.Values, aws.ToString(t.Value))
			}) {
				return false, nil
			}
			continue
		}
		if name == "tag-key" {
			if !slices.ContainsFunc(tags, func(t types.Tag) bool { return slices.Contains(f.Values, aws.ToString(t.Key)) }) {
				return false, nil
			}
			continue
		}
		value, ok := fields[name]
		if !ok {
			return false, apiError("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		if !slices.Contains(f.Values, value) {
			return false, nil
		}
	}
	return true, nil
}
