// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb_test

import (
	"crypto/tls"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/nlb"
)

// held is a target that hands its connections to the test.
func held(t *testing.T) (address string, connections <-chan *net.TCPConn) {
	t.Helper()
	c, ended := make(chan *net.TCPConn, 8), make(chan struct{})
	address, stop := accept(t, func(conn net.Conn) {
		c <- conn.(*net.TCPConn)
		<-ended
		_ = conn.Close() // the test may have closed it
	})
	t.Cleanup(func() { close(ended); stop() })
	return address, c
}

// idleAfter is a listener whose connections are idle after some of its seconds.
func idleAfter(g nlb.Group, seconds string, second time.Duration) nlb.Spec {
	s := tcpListener(g)
	s.Listener.Attributes, s.Second = map[string]string{"tcp.idle_timeout.seconds": seconds}, second
	return s
}

// noKeepalive dials as clients do that send no keep-alives.
func noKeepalive(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	c := dial(t, address)
	require.NoError(t, c.SetKeepAlive(false))
	return c
}

// hears tells what a read gives within the time that nothing should come.
func hears(t *testing.T, c net.Conn) error {
	t.Helper()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(500*time.Millisecond)))
	_, err := c.Read(make([]byte, 1))
	require.NoError(t, c.SetReadDeadline(time.Now().Add(patience)))
	return err
}

func TestRow58NothingIsSentAfterTheIdleTimeoutUntilTheNextPacketWhichGetsRST(t *testing.T) {
	t.Parallel()
	address, targets := held(t)
	_, lb := start(t, idleAfter(group(t, new(switchboard), nil, member(t, address, "a")), "1", 100*time.Millisecond))
	client := noKeepalive(t, lb)
	target := <-targets
	require.NoError(t, target.SetKeepAlive(false))
	require.ErrorIs(t, hears(t, client), os.ErrDeadlineExceeded, "row 58: no FIN and no RST to the client")
	require.ErrorIs(t, hears(t, target), os.ErrDeadlineExceeded, "row 58: nor to the target")

	_, err := io.WriteString(client, "late")
	require.NoError(t, err)
	require.ErrorIs(t, ended(client), syscall.ECONNRESET, "row 58: the client's next packet gets RST")
	require.ErrorIs(t, hears(t, target), os.ErrDeadlineExceeded, "row 58: the target still knows nothing, and never gets the packet")
	_, err = io.WriteString(target, "late")
	require.NoError(t, err)
	assert.ErrorIs(t, ended(target), syscall.ECONNRESET, "row 58: the target's next packet gets RST")
}

func TestRow58TLSListenersIdleTimeoutIsFixed(t *testing.T) {
	t.Parallel()
	address, _ := echo(t, "1")
	s := tlsListener(t, group(t, new(switchboard), nil, member(t, address, "a")))
	s.Listener.Attributes = map[string]string{"tcp.idle_timeout.seconds": "6000000"}
	s.Second = time.Millisecond
	_, lb := start(t, s)
	c := dialTLS(t, lb, &tls.Config{})
	take(t, c, 1)
	require.ErrorIs(t, hears(t, c.NetConn()), os.ErrDeadlineExceeded)
	_, err := io.WriteString(c.NetConn(), "late")
	require.NoError(t, err)
	assert.ErrorIs(t, ended(c.NetConn()), syscall.ECONNRESET)
}

func TestRow58DataKeepsAConnectionAlive(t *testing.T) {
	t.Parallel()
	address, _ := echo(t, "1")
	_, lb := start(t, idleAfter(group(t, new(switchboard), nil, member(t, address, "a")), "2", time.Second))
	c := noKeepalive(t, lb)
	take(t, c, 1)
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); <-time.After(100 * time.Millisecond) {
		_, err := io.WriteString(c, "ping")
		require.NoError(t, err)
		require.Equal(t, "ping", take(t, c, 4))
	}
}

func TestRow58KeepalivesOfEitherSideResetTheIdleTimeout(t *testing.T) {
	t.Parallel()
	address, targets := held(t)
	_, lb := start(t, idleAfter(group(t, new(switchboard), nil, member(t, address, "a")), "4", time.Second))
	type ends struct{ client, target *net.TCPConn }
	open := func() ends {
		e := ends{client: noKeepalive(t, lb), target: <-targets}
		require.NoError(t, e.target.SetKeepAlive(false))
		return e
	}
	client, target, nobody := open(), open(), open()
	keepAlive(t, client.client)
	keepAlive(t, target.target)
	<-time.After(6 * time.Second) // one and a half times the timeout
	for who, e := range map[string]ends{"client": client, "target": target, "nobody": nobody} {
		t.Run("row 58: keep-alives of the "+who, func(t *testing.T) {
			_, err := io.WriteString(e.client, "late")
			require.NoError(t, err)
			if who == "nobody" {
				assert.ErrorIs(t, ended(e.client), syscall.ECONNRESET)
				return
			}
			require.NoError(t, e.target.SetReadDeadline(time.Now().Add(patience)))
			assert.Equal(t, "late", take(t, e.target, 4))
		})
	}
}

// keepAlive sends a keep-alive each second of silence, which is as often as the kernel can.
func keepAlive(t *testing.T, c *net.TCPConn) {
	t.Helper()
	require.NoError(t, c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second}))
}
