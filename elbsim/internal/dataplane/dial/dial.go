// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package dial opens connections to targets from the address of a load balancer.
package dial

import (
	"net"
	"net/netip"
	"time"
)

// From returns a dialer whose connections come from an address of the load balancer, as AWS's do. A load
// balancer on a loopback address reaches only loopback under it, so other targets see the host's address.
func From(source, target netip.Addr, timeout time.Duration) *net.Dialer {
	d := &net.Dialer{Timeout: timeout, KeepAlive: -1, Control: bindLate}
	if usable(source, target) {
		d.LocalAddr = &net.TCPAddr{IP: source.AsSlice()}
	}
	return d
}

// Datagrams opens a socket for UDP packets to and from a target. They come from an address of the load balancer, with
// the exception of From.
func Datagrams(source netip.Addr, target netip.AddrPort) (*net.UDPConn, error) {
	var local *net.UDPAddr
	if usable(source, target.Addr()) {
		local = &net.UDPAddr{IP: source.AsSlice()}
	}
	return net.DialUDP("udp", local, net.UDPAddrFromAddrPort(target))
}

// usable tells whether packets to a target can come from an address of the load balancer.
func usable(source, target netip.Addr) bool {
	return source.IsValid() && (!source.IsLoopback() || target.IsLoopback()) && source.Is4() == target.Is4()
}
