// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Paths is what has to be known of the network around the load balancers before a connection is opened in a
// client's name. The zero value knows loopback addresses alone.
type Paths struct {
	// Returns tells whether what a target answers to a client's address comes back to this machine.
	Returns func(client, target netip.Addr) bool
	// Host names the machine that an address is on: the node of a node's own address and of its pods'. It is ""
	// for an address that is on none.
	Host func(netip.Addr) string
}

// Preserves tells whether a connection to target can come from client's address. An IPv6 client of an IPv4
// target never keeps its own (row 60). Loopback addresses reach each other only.
func (p Paths) Preserves(client, target netip.Addr) bool {
	switch {
	case client.Is4() != target.Is4():
		return false
	case client.IsLoopback() || target.IsLoopback():
		return client.IsLoopback() && target.IsLoopback()
	}
	return p.Returns != nil && p.Returns(client, target)
}

// SameHost tells whether two addresses are on one machine (row 62).
func (p Paths) SameHost(a, b netip.Addr) bool {
	if a == b || p.Host == nil {
		return a == b
	}
	host := p.Host(a)
	return host != "" && host == p.Host(b)
}

// As opens a connection ("tcp") or a socket ("udp") to a target in a client's name: from its address and port,
// or from another port of its address where a socket of this machine has the port already.
func As(ctx context.Context, network string, client, target netip.AddrPort, timeout time.Duration) (net.Conn, error) {
	c, err := as(ctx, network, client, target, timeout)
	if errors.Is(err, syscall.EADDRINUSE) {
		c, err = as(ctx, network, netip.AddrPortFrom(client.Addr(), 0), target, timeout)
	}
	if err != nil {
		return nil, fmt.Errorf("connect in the name of client %s: %w", client, err)
	}
	return c, nil
}

func as(ctx context.Context, network string, client, target netip.AddrPort, timeout time.Duration) (net.Conn, error) {
	d := &net.Dialer{Timeout: timeout, KeepAlive: -1, LocalAddr: net.TCPAddrFromAddrPort(client), Control: transparent(client)}
	if network == "udp" {
		d.LocalAddr = net.UDPAddrFromAddrPort(client)
	}
	return d.DialContext(ctx, network, target.String())
}
