// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func (a *account) authorize(group *string, permissions ...ec2types.IpPermission) error {
	_, err := a.ec2.AuthorizeSecurityGroupIngress(a.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: permissions})
	return err
}

func tcp(port int) ec2types.IpPermission {
	return ec2types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(int32(port)), ToPort: aws.Int32(int32(port))}
}

func cidr(port int, cidrs ...string) ec2types.IpPermission {
	p := tcp(port)
	for _, c := range cidrs {
		if strings.Contains(c, ":") {
			p.Ipv6Ranges = append(p.Ipv6Ranges, ec2types.Ipv6Range{CidrIpv6: aws.String(c)})
		} else {
			p.IpRanges = append(p.IpRanges, ec2types.IpRange{CidrIp: aws.String(c)})
		}
	}
	return p
}

func prefixes(port int, id string) ec2types.IpPermission {
	p := tcp(port)
	p.PrefixListIds = []ec2types.PrefixListId{{PrefixListId: aws.String(id)}}
	return p
}

func TestSecurityGroupRuleLimits(t *testing.T) {
	member := tcp(80)
	member.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: aws.String("sg-none")}}
	wrong := cidr(80, "10.0.0.0/8")
	wrong.FromPort = aws.Int32(81)
	for _, c := range []struct {
		name        string
		permissions []ec2types.IpPermission
		code, what  string // empty: EC2 takes it
	}{
		{"a range twice in one call", []ec2types.IpPermission{cidr(80, "10.0.0.0/8", "10.0.0.0/8")}, "InvalidParameterValue", "must not appear multiple times"},
		{"a rule that is there", []ec2types.IpPermission{cidr(22, "10.0.0.0/8")}, "InvalidPermission.Duplicate", "tcp 22-22"},
		{"a range that is none", []ec2types.IpPermission{cidr(80, "ten")}, "InvalidParameterValue", "CIDR block ten is malformed"},
		{"ports the wrong way round", []ec2types.IpPermission{wrong}, "InvalidParameterValue", "81-80"},
		{"a group that is unknown", []ec2types.IpPermission{member}, "InvalidGroup.NotFound", "sg-none"},
		{"a prefix list that is unknown", []ec2types.IpPermission{prefixes(80, "pl-none")}, "InvalidPrefixListID.NotFound", "pl-none"},
		{"a prefix list counts with its maximum", []ec2types.IpPermission{prefixes(80, "pl-many"), cidr(81, "10.0.0.0/8")}, "RulesPerSecurityGroupLimitExceeded", "61 for IPv4 and 59 for IPv6"},
		{"IPv6 counts apart", []ec2types.IpPermission{prefixes(80, "pl-many"), cidr(81, "2001:db8::/32")}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{Closed: true, PrefixLists: []fakeaws.PrefixList{{ID: "pl-many", Entries: []string{"10.0.0.0/8"}, MaxEntries: 59}}})
			g, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("g"), Description: aws.String("g"), VpcId: aws.String(a.VPC())})
			require.NoError(t, err)
			require.NoError(t, a.authorize(g.GroupId, cidr(22, "10.0.0.0/8")))
			err = a.authorize(g.GroupId, c.permissions...)
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, c.code, c.what)
		})
	}
}

func TestSecurityGroupNames(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	for name, description := range map[string]string{"sg-mine": "x", "a<b": "x", strings.Repeat("a", 256): "x", "fine": ""} {
		_, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String(name), Description: aws.String(description), VpcId: aws.String(a.VPC())})
		code(t, err, "InvalidParameterValue", "Invalid security group")
	}
	_, err := a.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{GroupName: aws.String("many"), Description: aws.String("x"), VpcId: aws.String(a.VPC()),
		TagSpecifications: []ec2types.TagSpecification{{Tags: manyEC2Tags(51)}}})
	code(t, err, "TagLimitExceeded", "50")
}

func manyEC2Tags(n int) []ec2types.Tag {
	var out []ec2types.Tag
	for _, x := range manyTags(n) {
		out = append(out, ec2types.Tag{Key: x.Key})
	}
	return out
}
