// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network

import (
	"fmt"
	"net/netip"
)

// Pool hands out the addresses of a range to owners and remembers them. The zero value is not usable.
// A released address is not handed out again before the range has been gone through once, so that clients
// of a deleted load balancer do not meet another one.
type Pool struct {
	prefix netip.Prefix
	last   netip.Addr
	owned  map[string]netip.Addr // by owner
	taken  map[netip.Addr]bool
}

// NewPool makes a pool of an IPv4 range. The first and the last address of the range are never handed
// out: they may be a network's own and its broadcast address.
func NewPool(prefix netip.Prefix) (*Pool, error) {
	if !prefix.IsValid() || !prefix.Addr().Is4() || prefix.Bits() > 30 {
		return nil, fmt.Errorf("address pool %q: want an IPv4 range of /30 or wider, such as 172.30.128.0/17", prefix)
	}
	prefix = prefix.Masked()
	return &Pool{prefix: prefix, last: prefix.Addr(), owned: map[string]netip.Addr{}, taken: map[netip.Addr]bool{}}, nil
}

// Prefix is the range of the pool.
func (p *Pool) Prefix() netip.Prefix {
	return p.prefix
}

// Address is the owner's address: the one it has, or the next free one. It fails when none is left.
func (p *Pool) Address(owner string) (netip.Addr, error) {
	if addr, ok := p.owned[owner]; ok {
		return addr, nil
	}
	if len(p.taken) >= 1<<(32-p.prefix.Bits())-2 {
		return netip.Addr{}, fmt.Errorf("address pool %s: all %d addresses are in use; give a wider --address-pool", p.prefix, len(p.taken))
	}
	addr := p.next(p.last)
	for p.taken[addr] {
		addr = p.next(addr)
	}
	p.owned[owner], p.taken[addr], p.last = addr, true, addr
	return addr, nil
}

// Take gives an owner the address that it had before, if the range has it and nobody else does.
func (p *Pool) Take(owner string, addr netip.Addr) {
	first := p.prefix.Addr()
	if _, ok := p.owned[owner]; ok || p.taken[addr] || addr == first || !p.prefix.Contains(addr) || !p.prefix.Contains(addr.Next()) {
		return
	}
	p.owned[owner], p.taken[addr] = addr, true
}

// Keep releases the addresses of all owners that keep refuses.
func (p *Pool) Keep(keep func(owner string) bool) {
	for owner, addr := range p.owned {
		if !keep(owner) {
			delete(p.owned, owner)
			delete(p.taken, addr)
		}
	}
}

// next is the address after addr that may be handed out, around the end of the range.
func (p *Pool) next(addr netip.Addr) netip.Addr {
	after := addr.Next()
	if !p.prefix.Contains(after) || !p.prefix.Contains(after.Next()) {
		return p.prefix.Addr().Next()
	}
	return after
}
