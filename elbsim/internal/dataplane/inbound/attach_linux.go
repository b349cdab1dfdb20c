// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package inbound

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Attach puts the filter on a TCP socket before it listens, or in place of the one it has. Connections that
// were accepted stay, as they do in AWS, where security groups track them.
func (s Sources) Attach(c syscall.RawConn) error {
	program, err := s.program()
	if err != nil {
		return fmt.Errorf("assemble socket filter: %w", err)
	}
	filters := make([]unix.SockFilter, len(program))
	for i, x := range program {
		filters[i] = unix.SockFilter{Code: x.Op, Jt: x.Jt, Jf: x.Jf, K: x.K}
	}
	prog := unix.SockFprog{Len: uint16(len(filters)), Filter: (*unix.SockFilter)(unsafe.Pointer(&filters[0]))}
	var set error
	if err := c.Control(func(fd uintptr) {
		set = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog)
	}); err != nil {
		return fmt.Errorf("attach socket filter: %w", err)
	}
	if set != nil {
		return fmt.Errorf("attach socket filter: %w", set)
	}
	return nil
}
