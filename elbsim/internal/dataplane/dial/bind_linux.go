// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dial

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// bindLate lets the kernel choose the source port when it knows the destination, so that all targets together
// do not share one range of ports.
func bindLate(_, _ string, c syscall.RawConn) error {
	var set error
	err := c.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
	if err != nil {
		return err
	}
	return set
}
