// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package account

import (
	"cmp"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// Bounds of VPCs and subnets (VPC user guide, "VPC CIDR blocks" and "Subnet sizing"); the first four addresses of a
// subnet and its last are AWS's own.
const (
	widest, narrowest = 16, 28
	reservedFirst     = 4
	reserved          = reservedFirst + 1
)

// network reads VPC, zones and subnets.
func (c *checker) network(f file, o *fakeaws.Options) {
	var ranges []netip.Prefix
	for i, cidr := range f.VPC.CIDRs {
		if p, ok := c.block(at("vpc.cidrs", i), cidr); ok {
			ranges = append(ranges, p)
			o.VPCCIDRs = append(o.VPCCIDRs, cidr.value)
		}
	}
	if len(f.VPC.CIDRs) == 0 {
		ranges = []netip.Prefix{netip.MustParsePrefix(defaultVPC)}
	} else if len(f.Subnets) == 0 && len(ranges) > 0 && ranges[0].Bits() > widest {
		c.add("vpc.cidrs[0]", f.VPC.CIDRs[0], "the subnets that there are by default need a /16; name those of this VPC under subnets")
	}
	for i, z := range f.Zones {
		o.Zones = append(o.Zones, c.zone(at("zones", i), z, o.Region))
		c.once("the zone "+o.Zones[i], at("zones", i), z)
	}
	named := len(o.Zones) > 0
	var before []netip.Prefix
	for i, s := range f.Subnets {
		key := at("subnets", i)
		c.id(subnetForm, key+".id", s.ID)
		if s.Zone.line == 0 {
			c.missing(key+".zone", s.ID.line, "want a zone of "+o.Region+", by letter or name")
		}
		zone := c.zone(key+".zone", s.Zone, o.Region)
		switch {
		case slices.Contains(o.Zones, zone):
		case named && s.Zone.line > 0:
			c.add(key+".zone", s.Zone, "want one of the zones %s", list(o.Zones))
		default:
			o.Zones = append(o.Zones, zone)
		}
		out := fakeaws.Subnet{ID: s.ID.value, Zone: zone, CIDR: s.CIDR.value, IPv6CIDR: s.IPv6CIDR.value, Public: s.Public, Tags: values(s.Tags)}
		before = c.addresses(key, s, &out, ranges, before)
		o.Subnets = append(o.Subnets, out)
	}
	if !named {
		slices.Sort(o.Zones)
	}
}

// addresses reads the ranges of a subnet and returns those of all so far.
func (c *checker) addresses(key string, s subnet, out *fakeaws.Subnet, vpc, before []netip.Prefix) []netip.Prefix {
	if s.CIDR.line == 0 {
		c.missing(key+".cidr", s.ID.line, "want a part of the VPC's range")
		return before
	}
	own, ok := c.block(key+".cidr", s.CIDR)
	if !ok {
		return before
	}
	if !slices.ContainsFunc(vpc, func(p netip.Prefix) bool { return p.Bits() <= own.Bits() && p.Contains(own.Addr()) }) {
		c.add(key+".cidr", s.CIDR, "is outside of the VPC, %s; take a range inside, or add one to vpc.cidrs", joined(vpc))
	}
	if i := slices.IndexFunc(before, own.Overlaps); i >= 0 {
		c.add(key+".cidr", s.CIDR, "overlaps with %s of another subnet; take one that is free", before[i])
	}
	all := 1<<(32-own.Bits()) - reserved
	out.FreeAddresses = int32(min(all-len(s.TakenAddresses), math.MaxInt32)) //nolint:gosec // at most 2^16
	if free := s.FreeAddresses; free.line > 0 {
		if free.value > all {
			c.add(key+".freeAddresses", text{digits(free.value), free.line}, "want at most %d, which a /%d has", all, own.Bits())
		}
		out.FreeAddresses = int32(min(free.value, all)) //nolint:gosec // at most 2^16
	}
	for i, taken := range s.TakenAddresses {
		if addr, err := netip.ParseAddr(taken.value); err != nil || !own.Contains(addr) {
			c.add(at(key+".takenAddresses", i), taken, "want an address in %s", own)
		}
		out.Taken = append(out.Taken, taken.value)
	}
	if v6 := s.IPv6CIDR; v6.line > 0 {
		if p, err := netip.ParsePrefix(v6.value); err != nil || !p.Addr().Is6() || p.Bits() != 64 || p != p.Masked() {
			c.add(key+".ipv6CIDR", v6, "want an IPv6 range of /64 such as 2001:db8:0:1::/64")
		}
	}
	return append(before, own)
}

// block reads an IPv4 range as a VPC or a subnet can have it.
func (c *checker) block(key string, v text) (netip.Prefix, bool) {
	p, ok := c.prefix(key, v)
	if ok && (!p.Addr().Is4() || p.Bits() < widest || p.Bits() > narrowest) {
		c.add(key, v, "want an IPv4 range between /%d and /%d", widest, narrowest)
		return p, false
	}
	return p, ok
}

func (c *checker) prefix(key string, v text) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(v.value)
	if err != nil {
		c.add(key, v, "want a CIDR such as 192.168.1.0/24")
		return p, false
	}
	if p != p.Masked() {
		c.add(key, v, "has bits outside of its mask; want %s", p.Masked())
		return p, false
	}
	return p, true
}

// zone is the name of a zone that is given by letter or name.
func (c *checker) zone(key string, v text, region string) string {
	name := v.value
	if len(name) == 1 {
		name = region + name
	}
	if v.line > 0 && !regexp.MustCompile("^"+regexp.QuoteMeta(region)+"(-[a-z]+-[0-9])?[a-z]$").MatchString(name) {
		c.add(key, v, "is no zone of the region %s; want a letter or a name such as %sa", region, region)
	}
	return cmp.Or(name, region+"a")
}

func joined(ranges []netip.Prefix) string {
	var out []string
	for _, p := range ranges {
		out = append(out, p.String())
	}
	return strings.Join(out, " and ")
}
