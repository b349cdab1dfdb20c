// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// received is how many segments a TCP socket has received, and for how long neither data nor an acknowledgement has
// been among them (tcp(7), TCP_INFO). Of a closed socket it is nothing.
func received(c syscall.RawConn) (segments uint32, quiet time.Duration) {
	var info *unix.TCPInfo
	var err error
	if controlErr := c.Control(func(fd uintptr) {
		info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); controlErr != nil || err != nil {
		return 0, 0
	}
	return info.Segs_in, time.Duration(min(info.Last_data_recv, info.Last_ack_recv)) * time.Millisecond
}
