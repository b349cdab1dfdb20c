// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/nodes"
	"github.com/istio-aws/istio-aws/elbsim/internal/preflight"
)

// waysEvery is how often the way to pods that were not reached is tried again.
const waysEvery = 3 * time.Second

// The ways out of a network that does not lead to the pods.
const (
	cureOutside = "run elbsim on the nodes' network: docker run --network NETWORK --cap-add NET_ADMIN, with an --address-pool of that network"
	cureInside  = "elbsim sends what is for pods to the node whose podCIDR they are in: with a pod network of other ranges, or nodes that do not forward, add routes here"
)

// ports fails if a port that elbsim needs is not to be had.
func (s *simulator) ports() error {
	return errors.Join(
		preflight.Port("listen", s.api),
		preflight.Port("webhook-bind-port", net.JoinHostPort(s.own.String(), strconv.Itoa(s.config.WebhookPort()))),
	)
}

// permitted fails if elbsim may not do in the cluster what it needs, and logs what else it may not.
func (s *simulator) permitted(ctx context.Context) error {
	missing, err := preflight.Permissions(ctx, s.kube)
	if err != nil {
		return err
	}
	if err := missing.Err(); err != nil {
		return err
	}
	if len(missing.Optional) > 0 {
		s.log.Warn("elbsim may not do all that it can use", "user", missing.User, "missing", strings.Join(missing.Optional, "; "), "cure", missing.Cure())
	}
	return nil
}

// ways tells of nodes whose pods this machine does not reach.
func (s *simulator) ways() *preflight.Ways {
	cure := cureInside
	if s.pool.Prefix().Addr().IsLoopback() {
		cure = cureOutside
	}
	return &preflight.Ways{Ready: s.readyPods, Reach: preflight.Connect, Log: s.log, Cure: cure, Every: waysEvery}
}

// readyPods are addresses of ready pods by their node, as far as pods are known.
func (s *simulator) readyPods() (map[string]netip.Addr, error) {
	names := s.pods.Load()
	if names == nil {
		return nil, nil
	}
	return names.ReadyByNode()
}

// outside fails if the address pool has the address of a node.
func outside(pool netip.Prefix, found []nodes.Instance) error {
	for _, inst := range found {
		if pool.Contains(inst.Address) {
			return fmt.Errorf("address pool %s contains the address %s of node %s: give an --address-pool that nothing else uses, such as the upper half of the nodes' network", pool, inst.Address, inst.Node)
		}
	}
	return nil
}
