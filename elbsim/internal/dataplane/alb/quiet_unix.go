//go:build unix

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// quiet tells whether an idle connection has neither data nor an end to read, that is, whether the target still
// holds it open. An ALB, which watches its idle connections, knows that too.
func quiet(c syscall.RawConn) bool {
	if c == nil {
		return true
	}
	waiting := false
	err := c.Control(func(fd uintptr) {
		var one [1]byte
		_, _, err := unix.Recvfrom(int(fd), one[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		waiting = err == unix.EAGAIN || err == unix.EWOULDBLOCK
	})
	return err == nil && waiting
}
