// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// groupText is what names and descriptions of security groups are made of (API: CreateSecurityGroup).
var groupText = regexp.MustCompile(`^[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}$`)

func (a *AWS) checkNewGroup(in *ec2.CreateSecurityGroupInput) error {
	name := aws.ToString(in.GroupName)
	tags := 0
	for _, s := range in.TagSpecifications {
		tags += len(s.Tags)
	}
	switch {
	case !groupText.MatchString(name) || strings.HasPrefix(name, "sg-"):
		return apiError("InvalidParameterValue", "Invalid security group name '%s': it has up to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, and does not begin with sg-", name)
	case !groupText.MatchString(aws.ToString(in.Description)):
		return apiError("InvalidParameterValue", "Invalid security group description '%s': it has 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*", aws.ToString(in.Description))
	case tags > maxTags:
		return apiError("TagLimitExceeded", "The maximum number of tags for a resource, %d, has been reached", maxTags)
	case a.groups.len() >= a.opts.Quotas[securityGroupsPerVPC]:
		return apiError("SecurityGroupLimitExceeded", "%s", *a.quotaReached(securityGroupsPerVPC))
	}
	return nil
}

// checkPermissions applies EC2's limits to permissions that are to be added to a group, each with one source. Source:
// API reference, AuthorizeSecurityGroupIngress; EC2's error codes; user guide, "Security group rules".
func (a *AWS) checkPermissions(g *types.SecurityGroup, added []types.IpPermission) error {
	for i, p := range added {
		if err := a.checkPermission(p); err != nil {
			return err
		}
		if indexPermission(added[:i], p) >= 0 {
			return apiError("InvalidParameterValue", "The same permission must not appear multiple times: %s", permissionKey(p))
		}
		if indexPermission(g.IpPermissions, p) >= 0 {
			return apiError("InvalidPermission.Duplicate", "the specified rule %q already exists", permissionKey(p))
		}
	}
	v4, v6 := 0, 0
	for _, all := range [][]types.IpPermission{g.IpPermissions, added} {
		for _, p := range all {
			four, six := a.weight(p)
			v4, v6 = v4+four, v6+six
		}
	}
	if max(v4, v6) > a.opts.Quotas[rulesPerSecurityGroup] {
		return apiError("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached: %d for IPv4 and %d for IPv6 with the new ones, and %s",
			v4, v6, *a.quotaReached(rulesPerSecurityGroup))
	}
	return nil
}

// weight is for how many rules a permission counts among those for IPv4 and for IPv6. A security group counts for
// one of each, a prefix list for its maximum of entries of each.
func (a *AWS) weight(p types.IpPermission) (v4, v6 int) {
	switch {
	case len(p.IpRanges) > 0:
		return 1, 0
	case len(p.Ipv6Ranges) > 0:
		return 0, 1
	case len(p.PrefixListIds) > 0:
		if list, ok := a.prefixList(aws.ToString(p.PrefixListIds[0].PrefixListId)); ok {
			n := max(list.MaxEntries, len(list.Entries))
			return n, n
		}
	}
	return 1, 1
}

func (a *AWS) checkPermission(p types.IpPermission) error {
	from, to := aws.ToInt32(p.FromPort), aws.ToInt32(p.ToPort)
	if protocol := aws.ToString(p.IpProtocol); protocol == "tcp" || protocol == "udp" {
		if from < 0 || to > 65535 || from > to {
			return apiError("InvalidParameterValue", "Invalid ports %d-%d of a rule for %s: they are between 0 and 65535, the lower one first", from, to, protocol)
		}
	}
	switch source := permissionSource(p); {
	case len(p.IpRanges) > 0:
		return checkRange(source, netip.Addr.Is4)
	case len(p.Ipv6Ranges) > 0:
		return checkRange(source, netip.Addr.Is6)
	case len(p.PrefixListIds) > 0:
		if _, ok := a.prefixList(source); !ok && (a.opts.Closed || !strings.HasPrefix(source, "pl-")) {
			return apiError("InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", source)
		}
	default:
		if _, err := a.group(&source); err != nil {
			return err
		}
	}
	return nil
}

func checkRange(cidr string, family func(netip.Addr) bool) error {
	if p, err := netip.ParsePrefix(cidr); err != nil || !family(p.Addr()) {
		return apiError("InvalidParameterValue", "CIDR block %s is malformed", cidr)
	}
	return nil
}
