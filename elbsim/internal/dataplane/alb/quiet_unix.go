//go:build unix

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// probe looks at an idle connection. It is made once for each, so that a look allocates nothing.
type probe struct {
	raw   syscall.RawConn
	look  func(fd uintptr)
	quiet bool
}

func newProbe(c syscall.RawConn) *probe {
	p := &probe{raw: c}
	p.look = func(fd uintptr) {
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		p.quiet = err == nil && ready == 0
	}
	return p
}

// holds tells whether the connection has neither data nor an end to read, that is, whether the target still holds
// it open. An ALB, which watches its idle connections, knows that too.
func (p *probe) holds() bool { return p.raw.Control(p.look) == nil && p.quiet }
