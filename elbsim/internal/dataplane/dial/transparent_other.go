//go:build !linux

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dial

import (
	"net/netip"
	"syscall"
)

// transparent does nothing where sockets can be bound to this machine's addresses only.
func transparent(netip.AddrPort) func(network, address string, c syscall.RawConn) error {
	return func(string, string, syscall.RawConn) error { return nil }
}
