// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"net/netip"
	"slices"
)

// Members returns the addresses on a prefix list (pl-…), or those that are in a security group (sg-…): in that of the nodes all instances and their pods,
// which have their node's groups unless they ask for others; in any group the load balancers that have it, and the
// members that are declared. known is false for what is neither in the account.
func (a *AWS) Members(source string) (ranges []netip.Prefix, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if list, ok := a.prefixList(source); ok {
		return appendRanges(nil, list.Entries), true
	}
	if a.groups.get(source) == nil {
		return nil, false
	}
	if declared, ok := find(a.opts.SecurityGroups, func(g SecurityGroup) bool { return g.ID == source }); ok {
		ranges = appendRanges(ranges, declared.Members)
	}
	if source == nodeGroupID {
		for _, id := range slices.Sorted(maps.Keys(a.instances)) {
			i := a.instances[id]
			ranges = appendAddress(ranges, i.Address)
			ranges = appendRanges(ranges, i.PodCIDRs)
		}
	}
	for _, lb := range a.lbs.values() {
		if !slices.Contains(lb.sdk.SecurityGroups, source) {
			continue
		}
		for _, address := range lb.addresses {
			ranges = appendAddress(ranges, address.IP)
		}
	}
	return ranges, true
}

func appendRanges(ranges []netip.Prefix, cidrs []string) []netip.Prefix {
	for _, cidr := range cidrs {
		if p, err := netip.ParsePrefix(cidr); err == nil {
			ranges = append(ranges, p)
		}
	}
	return ranges
}

// appendAddress appends a single address; what is none, of an instance that has none yet, is no member.
func appendAddress(ranges []netip.Prefix, address string) []netip.Prefix {
	if addr, err := netip.ParseAddr(address); err == nil {
		return append(ranges, netip.PrefixFrom(addr, addr.BitLen()))
	}
	return ranges
}
