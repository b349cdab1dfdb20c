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
	if source.IsValid() && (!source.IsLoopback() || target.IsLoopback()) && source.Is4() == target.Is4() {
		d.LocalAddr = &net.TCPAddr{IP: source.AsSlice()}
	}
	return d
}
