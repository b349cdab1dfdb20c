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

// Members returns the addresses that a security group (sg-…) or a prefix list (pl-…) stands for. known is false for
// one that nobody has described.
type Members func(source string) (ranges []netip.Prefix, known bool)

// For returns who reaches a port of a load balancer over a transport, tcp or udp. A Network Load Balancer without
// security groups is open to everyone (row 73). A rule whose source is a prefix list or a security group lets its
// members in; unknown are the sources of rules for this port that let nobody in, because nobody knows members of theirs.
func For(lb elb.LoadBalancer, transport string, port int32, members Members) (sources Sources, unknown []string) {
	if len(lb.SecurityGroups) == 0 && lb.Type == elb.Network {
		return Sources{Everyone: true}, nil
	}
	for _, g := range lb.SecurityGroups {
		for _, r := range g.Inbound {
			anyPort := r.Protocol == "-1"
			if !anyPort && (r.Protocol != transport || port < r.FromPort || r.ToPort < port) {
				continue
			}
			ranges, known := rangesOf(r.Source, members)
			if !known {
				unknown = append(unknown, r.Source)
			}
			for _, p := range ranges {
				sources.add(p.Masked())
			}
		}
	}
	if sources.Everyone {
		sources.Ranges = nil
	}
	return sources, unknown
}

func rangesOf(source string, members Members) (ranges []netip.Prefix, known bool) {
	if p, err := netip.ParsePrefix(source); err == nil {
		return []netip.Prefix{p}, true
	}
	if members == nil {
		return nil, false
	}
	return members(source)
}

func (s *Sources) add(p netip.Prefix) {
	if p.Bits() == 0 && p.Addr().Is4() {
		s.Everyone = true
	}
	if !slices.Contains(s.Ranges, p) {
		s.Ranges = append(s.Ranges, p)
	}
}

// Allow tells whether a client gets in.
func (s Sources) Allow(a netip.Addr) bool {
	return s.Everyone || slices.ContainsFunc(s.Ranges, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// Equal tells whether two are the same.
func (s Sources) Equal(o Sources) bool {
	return s.Everyone == o.Everyone && slices.Equal(s.Ranges, o.Ranges)
}
