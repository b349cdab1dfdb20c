// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"maps"
	"net/netip"
	"slices"
)

// Members returns the addresses that are in a security group: in that of the nodes all instances and their pods,
// which have their node's groups unless they ask for others; in any group the load balancers that have it.
// known is false for what is no security group of the account.
func (a *AWS) Members(source string) (ranges []netip.Prefix, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.groups.get(source) == nil {
		return nil, false
	}
	if source == nodeGroupID {
		for _, id := range slices.Sorted(maps.Keys(a.instances)) {
			i := a.instances[id]
			ranges = appendAddress(ranges, i.Address)
			for _, pods := range i.PodCIDRs {
				if p, err := netip.ParsePrefix(pods); err == nil {
					ranges = append(ranges, p)
				}
			}
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

// appendAddress appends a single address; what is none, of an instance that has none yet, is no member.
func appendAddress(ranges []netip.Prefix, address string) []netip.Prefix {
	if addr, err := netip.ParseAddr(address); err == nil {
		return append(ranges, netip.PrefixFrom(addr, addr.BitLen()))
	}
	return ranges
}
