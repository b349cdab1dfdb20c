// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package inbound_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/inbound"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRow73Sources(t *testing.T) {
	rule := func(protocol string, from, to int32, source string) elb.SecurityGroup {
		return elb.SecurityGroup{Inbound: []elb.InboundRule{{Protocol: protocol, FromPort: from, ToPort: to, Source: source}}}
	}
	groups := func(g ...elb.SecurityGroup) []elb.SecurityGroup { return g }
	tests := []struct {
		name   string
		kind   elb.Type
		groups []elb.SecurityGroup
		want   bool
	}{
		{"an NLB without groups is open to everyone", elb.Network, nil, true},
		{"an ALB without groups is open to nobody", elb.Application, nil, false},
		{"a rule for the port and the client", elb.Network, groups(rule("tcp", 443, 443, "192.0.2.0/24")), true},
		{"a rule for another client", elb.Network, groups(rule("tcp", 443, 443, "198.51.100.0/24")), false},
		{"a rule for other ports", elb.Network, groups(rule("tcp", 80, 442, "0.0.0.0/0")), false},
		{"a range of ports", elb.Network, groups(rule("tcp", 80, 500, "0.0.0.0/0")), true},
		{"a rule for UDP", elb.Network, groups(rule("udp", 443, 443, "0.0.0.0/0")), false},
		{"a rule for every protocol", elb.Network, groups(rule("-1", 0, 0, "0.0.0.0/0")), true},
		{"any rule of any group suffices", elb.Network, groups(rule("tcp", 80, 80, "0.0.0.0/0"), rule("tcp", 443, 443, "192.0.2.7/32")), true},
		{"a prefix list lets the networks on it in", elb.Network, groups(rule("tcp", 443, 443, "pl-client")), true},
		{"a prefix list lets no other network in", elb.Network, groups(rule("tcp", 443, 443, "pl-other")), false},
		{"a security group lets its members in", elb.Network, groups(rule("tcp", 443, 443, "sg-client")), true},
		{"a security group lets nobody else in", elb.Network, groups(rule("tcp", 443, 443, "sg-other")), false},
		{"an unknown prefix list lets nobody in", elb.Network, groups(rule("tcp", 443, 443, "pl-unknown")), false},
		{"IPv6 for everyone is not IPv4", elb.Network, groups(rule("tcp", 443, 443, "::/0")), false},
	}
	for _, tt := range tests {
		t.Run("row 73: "+tt.name, func(t *testing.T) {
			s, _ := inbound.For(elb.LoadBalancer{Type: tt.kind, SecurityGroups: tt.groups}, "tcp", 443, members)
			assert.Equal(t, tt.want, s.Allow(netip.MustParseAddr("192.0.2.7")))
			assert.Equal(t, tt.want, s.Allow(netip.MustParseAddr("::ffff:192.0.2.7")), "the same address as a dual-stack socket sees it")
		})
	}
}

// members knows a group and a list that the client is on, and one of each that it is not on.
func members(source string) ([]netip.Prefix, bool) {
	ranges, ok := map[string][]netip.Prefix{
		"pl-client": {netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("192.0.2.0/24")}, "pl-other": {netip.MustParsePrefix("198.51.100.0/24")},
		"sg-client": {netip.MustParsePrefix("192.0.2.7/32")}, "sg-other": {},
	}[source]
	return ranges, ok
}

func TestRow73SourcesWithoutKnownMembersAreNamed(t *testing.T) {
	lb := elb.LoadBalancer{Type: elb.Network, SecurityGroups: []elb.SecurityGroup{{Inbound: []elb.InboundRule{
		{Protocol: "tcp", FromPort: 443, ToPort: 443, Source: "pl-unknown"},
		{Protocol: "tcp", FromPort: 443, ToPort: 443, Source: "sg-other"},
		{Protocol: "tcp", FromPort: 80, ToPort: 80, Source: "pl-of-another-port"},
	}}}}
	_, unknown := inbound.For(lb, "tcp", 443, members)
	assert.Equal(t, []string{"pl-unknown"}, unknown)
	_, unknown = inbound.For(lb, "tcp", 443, nil)
	assert.Equal(t, []string{"pl-unknown", "sg-other"}, unknown, "without anyone to ask")
}
