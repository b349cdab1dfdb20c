// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package inbound decides which clients the security groups of a load balancer let in, and drops the others
// as silently as AWS does. It never looks at what a client sends.
package inbound

import (
	"net/netip"
	"slices"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Sources are the address ranges that reach one port. The zero value is nobody.
type Sources struct {
	Everyone bool
	Ranges   []netip.Prefix
}

// For returns who reaches a port of a load balancer over a transport, tcp or udp. A Network Load Balancer without security groups is
// open to everyone (row 73). Rules whose source is a prefix list or a security group let nobody in: no
// client of the simulator is a member of one.
func For(lb elb.LoadBalancer, transport string, port int32) Sources {
	if len(lb.SecurityGroups) == 0 && lb.Type == elb.Network {
		return Sources{Everyone: true}
	}
	var out Sources
	for _, g := range lb.SecurityGroups {
		for _, r := range g.Inbound {
			anyPort := r.Protocol == "-1"
			if !anyPort && (r.Protocol != transport || port < r.FromPort || r.ToPort < port) {
				continue
			}
			p, err := netip.ParsePrefix(r.Source)
			if err != nil {
				continue // pl-… or sg-…
			}
			if p.Bits() == 0 && p.Addr().Is4() {
				return Sources{Everyone: true}
			}
			if !slices.Contains(out.Ranges, p.Masked()) {
				out.Ranges = append(out.Ranges, p.Masked())
			}
		}
	}
	return out
}

// Allow tells whether a client gets in.
func (s Sources) Allow(a netip.Addr) bool {
	return s.Everyone || slices.ContainsFunc(s.Ranges, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// Equal tells whether two are the same.
func (s Sources) Equal(o Sources) bool {
	return s.Everyone == o.Everyone && slices.Equal(s.Ranges, o.Ranges)
}
