// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"fmt"
	"net/netip"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/network"
	"github.com/istio-aws/istio-aws/elbsim/internal/nodes"
)

// instancesChanged hands the cluster's nodes to the account and makes their pods reachable.
func (s *simulator) instancesChanged(found []nodes.Instance) error {
	if err := outside(s.pool.Prefix(), found); err != nil {
		return err
	}
	s.nodes.Store(&found)
	s.account.SetInstances(instances(found))
	if err := s.adapter.SetRoutes(routes(found)); err != nil {
		return fmt.Errorf("make pods reachable: %w", err)
	}
	return nil
}

func instances(found []nodes.Instance) []fakeaws.Instance {
	out := make([]fakeaws.Instance, len(found))
	for i, inst := range found {
		out[i] = fakeaws.Instance{ID: inst.ID, Address: inst.Address.String(), Zone: inst.Zone}
		for _, pods := range inst.Pods {
			out[i].PodCIDRs = append(out[i].PodCIDRs, pods.String())
		}
	}
	return out
}

func routes(found []nodes.Instance) []network.Route {
	var out []network.Route
	for _, inst := range found {
		for _, pods := range inst.Pods {
			out = append(out, network.Route{To: pods, Via: inst.Address})
		}
	}
	return out
}

// host is the ID of the instance that an address is on, "" if it is on none.
func (s *simulator) host(a netip.Addr) string {
	if found := s.nodes.Load(); found != nil {
		return nodes.Host(*found, a)
	}
	return ""
}
