// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dial

import (
	"fmt"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// transparent lets a socket be bound to a client's address and port: IP_TRANSPARENT for an address that is not
// this machine's (ip(7); it needs the capability NET_ADMIN), SO_REUSEADDR so that one client can be connected to
// several targets from one port.
func transparent(client netip.AddrPort) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var set error
		if err := c.Control(func(fd uintptr) {
			if set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); set != nil {
				return
			}
			if client.Port() == 0 {
				if set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); set != nil {
					return
				}
			}
			if !client.Addr().IsLoopback() {
				if set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TRANSPARENT, 1); set != nil {
					set = fmt.Errorf("set IP_TRANSPARENT: %w", set)
				}
			}
		}); err != nil {
			return err
		}
		return set
	}
}
