// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package network makes the addresses of load balancers reachable and pods reachable from them: it adds
// addresses to the interface that leads to the cluster, and routes to the nodes' pod ranges. It has the kernel
// drop what no load balancer listens for, and deliver what targets answer to connections that were opened in a
// client's name. It decides nothing about load balancers and touches no address outside its pool and no route
// or rule of others.
package network

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// Adapter makes a machine's network agree with what is wanted. The two setters are idempotent and
// take the whole of what is wanted.
type Adapter interface {
	// SetAddresses makes the machine answer on exactly these addresses of the pool.
	SetAddresses(want []netip.Addr) error
	// SetRoutes makes exactly these pod ranges reachable.
	SetRoutes(want []Route) error
	// Returns tells whether what a target sends to a client comes back to this machine, so that a connection
	// to the target can be opened in the client's name. A load balancer that is itself a target is on this
	// machine and would answer the client straight.
	Returns(client, target netip.Addr) bool
	// Close takes back all that was put on the system's network.
	Close() error
}

// Route leads to the pods of a node.
type Route struct {
	To  netip.Prefix // pod range
	Via netip.Addr   // the node's address
}

// Options are what is known of the network around this machine.
type Options struct {
	// ClientNetworks hold the clients for whom Returns is true. They are IPv4 ranges; loopback addresses need
	// not be named.
	ClientNetworks []netip.Prefix
	// Log takes what this machine cannot do.
	Log *slog.Logger
}

// Open chooses the adapter for a pool: a pool of loopback addresses needs none of the system's
// network changed, any other is served on the interface that has the address own. The pool must not
// contain own: its ports are not the load balancers'.
func Open(pool *Pool, own netip.Addr, opts Options) (Adapter, error) {
	if pool.Prefix().Contains(own) {
		return nil, fmt.Errorf("address pool %s contains elbsim's own address %s: give an --address-pool that nothing else uses", pool.Prefix(), own)
	}
	for _, n := range opts.ClientNetworks {
		if !n.IsValid() || !n.Addr().Is4() {
			return nil, fmt.Errorf("client network %q: want an IPv4 range, such as 0.0.0.0/0", n)
		}
	}
	if pool.Prefix().Addr().IsLoopback() {
		opts.Log.Debug("ports without a listener refuse connections: on loopback addresses they cannot be silent", "pool", pool.Prefix().String())
		return loopback{}, nil
	}
	return openLink(pool.Prefix(), own, opts)
}

// Own is the address of this machine from which it reaches server (host:port), and so the address
// under which that server reaches this machine. Nothing is sent.
func Own(server string) (netip.Addr, error) {
	conn, err := net.Dial("udp", server)
	if errors.Is(err, syscall.ENETUNREACH) {
		return netip.Addr{}, fmt.Errorf("find own address towards %s: %w: this machine is not on the cluster's network; run elbsim in a container there (docker run --network NETWORK --cap-add NET_ADMIN), or check --address-pool", server, err)
	}
	if err != nil {
		return netip.Addr{}, fmt.Errorf("find own address towards %s: %w", server, err)
	}
	local := conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
	if err := conn.Close(); err != nil {
		return netip.Addr{}, fmt.Errorf("find own address towards %s: %w", server, err)
	}
	return local, nil
}

// loopback serves pools inside 127.0.0.0/8: every one of those addresses is local without being added,
// and whoever uses it has routes to the pods or has no pods.
type loopback struct{}

func (loopback) SetAddresses([]netip.Addr) error { return nil }
func (loopback) SetRoutes([]Route) error         { return nil }
func (loopback) Returns(client, target netip.Addr) bool {
	return client.IsLoopback() && target.IsLoopback()
}
func (loopback) Close() error { return nil }

// containedIn tells whether any of the networks has an address.
func containedIn(networks []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(addr) })
}

// difference tells what to add to and what to remove from have to make it want.
func difference[T comparable](have, want []T) (add, remove []T) {
	has, wants := map[T]bool{}, map[T]bool{}
	for _, t := range have {
		has[t] = true
	}
	for _, t := range want {
		if !has[t] && !wants[t] {
			add = append(add, t)
		}
		wants[t] = true
	}
	for _, t := range have {
		if !wants[t] {
			remove = append(remove, t)
		}
	}
	return add, remove
}
