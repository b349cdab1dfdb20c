// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/handover"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// members are the targets of a group as routing needs them: an Application Load Balancer stands for its nodes, one in
// each of its zones (row 76). All others stand for themselves.
func members(tg elb.TargetGroup, lbs []elb.LoadBalancer) []elb.Target {
	if tg.TargetType != "alb" {
		return tg.Targets
	}
	var out []elb.Target
	for _, t := range tg.Targets {
		for _, lb := range lbs {
			for _, node := range lb.Addresses {
				if lb.ARN == t.ID {
					of := t
					of.Address, of.Zone = node.IP, node.Zone
					out = append(out, of)
				}
			}
		}
	}
	return out
}

// handOver connects a client to a node of an Application Load Balancer of this plane, which sees the client's own
// address. The load balancer's security groups decide as for any client.
func (p *Plane) handOver(client, node netip.AddrPort) (net.Conn, error) {
	known, ok := p.balancers.Load(node.String())
	if !ok {
		return nil, fmt.Errorf("no load balancer listens on %s: %w", node, syscall.ECONNREFUSED)
	}
	near, far, err := handover.Pair(client, node)
	if err != nil {
		return nil, err
	}
	if err := known.(*socket).take(far); err != nil {
		return nil, errors.Join(err, near.Close(), far.Close())
	}
	return near, nil
}
