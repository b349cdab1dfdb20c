// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/network"
	"github.com/istio-aws/istio-aws/elbsim/internal/nodes"
)

var found = []nodes.Instance{
	{Node: "one", ID: "i-1", Zone: "eu-west-1a", Address: netip.MustParseAddr("172.18.0.3"), Pods: []netip.Prefix{netip.MustParsePrefix("10.244.1.0/24"), netip.MustParsePrefix("10.244.9.0/24")}},
	{Node: "two", ID: "i-2", Zone: "eu-west-1b", Address: netip.MustParseAddr("172.18.0.4")},
}

func TestNodesBecomeInstances(t *testing.T) {
	assert.Equal(t, []fakeaws.Instance{
		{ID: "i-1", Address: "172.18.0.3", Zone: "eu-west-1a", PodCIDRs: []string{"10.244.1.0/24", "10.244.9.0/24"}},
		{ID: "i-2", Address: "172.18.0.4", Zone: "eu-west-1b"},
	}, instances(found))
}

func TestPodsAreReachedByWayOfTheirNode(t *testing.T) {
	via := netip.MustParseAddr("172.18.0.3")
	assert.Equal(t, []network.Route{
		{To: netip.MustParsePrefix("10.244.1.0/24"), Via: via},
		{To: netip.MustParsePrefix("10.244.9.0/24"), Via: via},
	}, routes(found))
}
