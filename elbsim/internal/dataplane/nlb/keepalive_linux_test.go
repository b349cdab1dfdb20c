// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb_test

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestRow58TLSListenerSendsKeepalivesToBothSidesWhenItSeesOne(t *testing.T) {
	t.Parallel()
	address, targets := held(t)
	s := tlsListener(t, group(t, new(switchboard), nil, member(t, address, "a")))
	s.Second = 50 * time.Millisecond // keep-alives come each second, the timeout is 17 s
	_, lb := start(t, s)
	c := dialTLS(t, lb, &tls.Config{})
	keepAlive(t, c.NetConn().(*net.TCPConn))
	target := <-targets
	require.NoError(t, target.SetKeepAlive(false))
	before := segmentsOf(t, target)
	require.Eventually(t, func() bool { return segmentsOf(t, target) >= before+3 }, patience, 10*time.Millisecond,
		"row 58: the target gets keep-alives though only the client sends some")
}

// segmentsOf is how many segments a socket has received.
func segmentsOf(t *testing.T, c *net.TCPConn) uint32 {
	t.Helper()
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	var info *unix.TCPInfo
	var infoErr error
	require.NoError(t, raw.Control(func(fd uintptr) { info, infoErr = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) }))
	require.NoError(t, infoErr)
	return info.Segs_in
}
