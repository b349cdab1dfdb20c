//go:build !unix

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package handover connects one load balancer of this process to another in the name of a client; this system has no
// means for it.
package handover

import (
	"errors"
	"net"
	"net/netip"
)

// Pair fails.
func Pair(netip.AddrPort, netip.AddrPort) (near, far net.Conn, err error) {
	return nil, nil, errors.New("an Application Load Balancer as a target is not served on this system")
}
