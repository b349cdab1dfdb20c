// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// nodeGroupID is the security group of the cluster's nodes.
const nodeGroupID = "sg-0123456789abcdef0"

func (a *AWS) securityGroupOperations() []operation {
	return []operation{
		reads(a.describeSecurityGroups), lasting(a.createSecurityGroup), lasting(a.deleteSecurityGroup),
		changes(a.authorizeIngress), changes(a.revokeIngress), changes(a.createEC2Tags), changes(a.deleteEC2Tags),
	}
}

func (a *AWS) addNodeGroup() {
	a.groups.put(nodeGroupID, &types.SecurityGroup{
		GroupId: aws.String(nodeGroupID), GroupName: aws.String("nodes"), VpcId: aws.String(a.opts.VPC),
		Tags: []types.Tag{
			{Key: aws.String("Name"), Value: aws.String("nodes")},
			{Key: aws.String("kubernetes.io/cluster/" + a.opts.Cluster), Value: aws.String("owned")},
		},
	})
}

func (a *AWS) addSecurityGroups() {
	for _, g := range a.opts.SecurityGroups {
		out := &types.SecurityGroup{GroupId: aws.String(g.ID), GroupName: aws.String(g.Name), VpcId: aws.String(a.opts.VPC), Tags: ec2Tags(g.Tags)}
		for _, r := range g.Inbound {
			out.IpPermissions = append(out.IpPermissions, sdkPermission(r))
		}
		a.groups.put(g.ID, out)
	}
}

func sdkPermission(r elb.InboundRule) types.IpPermission {
	out := types.IpPermission{IpProtocol: aws.String(r.Protocol), FromPort: aws.Int32(r.FromPort), ToPort: aws.Int32(r.ToPort)}
	switch {
	case strings.HasPrefix(r.Source, "sg-"):
		out.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: aws.String(r.Source)}}
	case strings.HasPrefix(r.Source, "pl-"):
		out.PrefixListIds = []types.PrefixListId{{PrefixListId: aws.String(r.Source)}}
	case strings.Contains(r.Source, ":"):
		out.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String(r.Source)}}
	default:
		out.IpRanges = []types.IpRange{{CidrIp: aws.String(r.Source)}}
	}
	return out
}

func (a *AWS) group(id *string) (*types.SecurityGroup, error) {
	if g := a.groups.get(aws.ToString(id)); g != nil {
		return g, nil
	}
	return nil, apiError("InvalidGroup.NotFound", "The security group '%s' does not exist", aws.ToString(id))
}

// tagKey is the key under which tables find what carries a tag.
func tagKey(key, value string) string { return "tag:" + key + "=" + value }

func groupKeys(g *types.SecurityGroup) []string {
	out := []string{aws.ToString(g.GroupName)}
	for _, t := range g.Tags {
		out = append(out, tagKey(aws.ToString(t.Key), aws.ToString(t.Value)))
	}
	return out
}

// groupsFor returns the groups that a description can be about: those that are named, or carry one of
// the tags asked for, or all.
func (a *AWS) groupsFor(in *ec2.DescribeSecurityGroupsInput) []*types.SecurityGroup {
	if len(in.GroupIds) > 0 {
		return some(a.groups, in.GroupIds, nil)
	}
	var keys []string
	for _, f := range in.Filters {
		if len(f.Values) != 1 {
			continue
		}
		if key, ok := strings.CutPrefix(aws.ToString(f.Name), "tag:"); ok {
			keys = append(keys, tagKey(key, f.Values[0]))
		} else if aws.ToString(f.Name) == "group-name" {
			keys = append(keys, f.Values[0])
		}
	}
	return a.groups.byAll(keys)
}

func (a *AWS) describeSecurityGroups(in *ec2.DescribeSecurityGroupsInput) (*ec2.DescribeSecurityGroupsOutput, error) {
	for _, id := range in.GroupIds {
		if _, err := a.group(&id); err != nil {
			return nil, err
		}
	}
	out := &ec2.DescribeSecurityGroupsOutput{}
	for _, g := range a.groupsFor(in) {
		ok, err := matches(in.Filters, map[string]string{
			"vpc-id": aws.ToString(g.VpcId), "group-id": *g.GroupId, "group-name": aws.ToString(g.GroupName),
		}, g.Tags)
		if err != nil {
			return nil, err
		}
		if ok && wanted(in.GroupIds, g.GroupId) {
			out.SecurityGroups = append(out.SecurityGroups, *g)
		}
	}
	return out, nil
}

func (a *AWS) createSecurityGroup(in *ec2.CreateSecurityGroupInput) (*ec2.CreateSecurityGroupOutput, error) {
	if err := a.checkNewGroup(in); err != nil {
		return nil, err
	}
	if a.groups.has(aws.ToString(in.GroupName)) {
		return nil, apiError("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", aws.ToString(in.GroupName), a.opts.VPC)
	}
	g := &types.SecurityGroup{
		GroupId: aws.String("sg-" + a.id(17)), GroupName: in.GroupName, Description: in.Description, VpcId: in.VpcId,
	}
	for _, t := range in.TagSpecifications {
		g.Tags = append(g.Tags, t.Tags...)
	}
	a.groups.put(*g.GroupId, g)
	return &ec2.CreateSecurityGroupOutput{GroupId: g.GroupId, Tags: g.Tags}, nil
}

// deleteSecurityGroup refuses a group that a load balancer or another group's rule refers to.
func (a *AWS) deleteSecurityGroup(in *ec2.DeleteSecurityGroupInput) (*ec2.DeleteSecurityGroupOutput, error) {
	g, err := a.group(in.GroupId)
	if err != nil {
		return nil, err
	}
	used := *g.GroupId == nodeGroupID
	for _, lb := range a.lbs.values() {
		used = used || slices.Contains(lb.sdk.SecurityGroups, *g.GroupId)
	}
	for _, other := range a.groups.values() {
		used = used || other != g && slices.ContainsFunc(other.IpPermissions, func(p types.IpPermission) bool {
			return slices.ContainsFunc(p.UserIdGroupPairs, func(u types.UserIdGroupPair) bool { return aws.ToString(u.GroupId) == *g.GroupId })
		})
	}
	if used {
		return nil, apiError("DependencyViolation", "resource %s has a dependent object", *g.GroupId)
	}
	a.groups.drop(*g.GroupId)
	return &ec2.DeleteSecurityGroupOutput{}, nil
}

// Permissions are kept one source each, as LBC sends them; a permission that lists several sources
// is taken apart.
func (a *AWS) authorizeIngress(in *ec2.AuthorizeSecurityGroupIngressInput) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	g, err := a.group(in.GroupId)
	if err != nil {
		return nil, err
	}
	added := splitPermissions(in.IpPermissions)
	if err := a.checkPermissions(g, added); err != nil {
		return nil, err
	}
	g.IpPermissions = append(g.IpPermissions, added...)
	return &ec2.AuthorizeSecurityGroupIngressOutput{Return: aws.Bool(true)}, nil
}

func (a *AWS) revokeIngress(in *ec2.RevokeSecurityGroupIngressInput) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	g, err := a.group(in.GroupId)
	if err != nil {
		return nil, err
	}
	for _, p := range splitPermissions(in.IpPermissions) {
		i := indexPermission(g.IpPermissions, p)
		if i < 0 {
			return nil, apiError("InvalidPermission.NotFound", "The specified rule does not exist in this security group: %s", permissionKey(p))
		}
		g.IpPermissions = slices.Delete(g.IpPermissions, i, i+1)
	}
	return &ec2.RevokeSecurityGroupIngressOutput{Return: aws.Bool(true)}, nil
}

func splitPermissions(in []types.IpPermission) []types.IpPermission {
	var out []types.IpPermission
	for _, p := range in {
		one := types.IpPermission{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort}
		for _, r := range p.IpRanges {
			q := one
			q.IpRanges = []types.IpRange{r}
			out = append(out, q)
		}
		for _, r := range p.Ipv6Ranges {
			q := one
			q.Ipv6Ranges = []types.Ipv6Range{r}
			out = append(out, q)
		}
		for _, r := range p.PrefixListIds {
			q := one
			q.PrefixListIds = []types.PrefixListId{r}
			out = append(out, q)
		}
		for _, r := range p.UserIdGroupPairs {
			q := one
			q.UserIdGroupPairs = []types.UserIdGroupPair{r}
			out = append(out, q)
		}
	}
	return out
}

func permissionSource(p types.IpPermission) string {
	switch {
	case len(p.IpRanges) > 0:
		return aws.ToString(p.IpRanges[0].CidrIp)
	case len(p.Ipv6Ranges) > 0:
		return aws.ToString(p.Ipv6Ranges[0].CidrIpv6)
	case len(p.PrefixListIds) > 0:
		return aws.ToString(p.PrefixListIds[0].PrefixListId)
	case len(p.UserIdGroupPairs) > 0:
		return aws.ToString(p.UserIdGroupPairs[0].GroupId)
	}
	return ""
}

// permissionKey names a permission by what it allows; a description does not tell two apart.
func permissionKey(p types.IpPermission) string {
	return fmt.Sprintf("%s %d-%d from %s", aws.ToString(p.IpProtocol), aws.ToInt32(p.FromPort), aws.ToInt32(p.ToPort), permissionSource(p))
}

func indexPermission(all []types.IpPermission, p types.IpPermission) int {
	key := permissionKey(p)
	return slices.IndexFunc(all, func(q types.IpPermission) bool { return permissionKey(q) == key })
}

func (a *AWS) createEC2Tags(in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
	for _, id := range in.Resources {
		g, err := a.group(&id)
		if err != nil {
			return nil, err
		}
		for _, t := range in.Tags {
			g.Tags = append(withoutTag(g.Tags, t.Key), t)
		}
		a.groups.put(id, g)
	}
	return &ec2.CreateTagsOutput{}, nil
}

func (a *AWS) deleteEC2Tags(in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
	for _, id := range in.Resources {
		g, err := a.group(&id)
		if err != nil {
			return nil, err
		}
		for _, t := range in.Tags {
			g.Tags = withoutTag(g.Tags, t.Key)
		}
		a.groups.put(id, g)
	}
	return &ec2.DeleteTagsOutput{}, nil
}

func withoutTag(tags []types.Tag, key *string) []types.Tag {
	return slices.DeleteFunc(tags, func(t types.Tag) bool { return *t.Key == *key })
}
