// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
)

func TestRow60ThePodSeesTheClientAndItsAnswersReachIt(t *testing.T) {
	w := lay(t, clientNetwork)
	for _, preserve := range []string{"true", "false"} {
		t.Run("row 60: preservation "+preserve, func(t *testing.T) {
			w.apply(t, preserve, w.lb)
			c, err := w.dial("tcp", w.address(), port, patience)
			require.NoError(t, err)
			defer func() { require.NoError(t, c.Close()) }()
			require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
			r := bufio.NewReader(c)
			peer, err := r.ReadString('\n')
			require.NoError(t, err)
			if preserve == "true" {
				assert.Equal(t, c.LocalAddr().String(), strings.TrimSpace(peer), "address and port")
			} else {
				assert.Equal(t, w.address(), strings.Split(peer, ":")[0])
			}
			big := strings.Repeat("x", 1<<20) // more than any buffer holds: both directions flow
			go func() { _, _ = io.WriteString(c, big) }()
			got := make([]byte, len(big))
			_, err = io.ReadFull(r, got)
			require.NoError(t, err)
			assert.Equal(t, big, string(got))
		})
	}
	assert.Empty(t, w.log.String())
}

func TestRow60AClientOutsideTheClientNetworksIsServedAndNamedOnce(t *testing.T) {
	w := lay(t, netip.MustParsePrefix("192.0.2.0/24"))
	w.apply(t, "true", w.lb)
	for range 2 {
		c, err := w.dial("tcp", w.address(), port, patience)
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
		peer, err := bufio.NewReader(c).ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, w.address(), strings.Split(peer, ":")[0])
		require.NoError(t, c.Close())
	}
	assert.Equal(t, 1, strings.Count(w.log.String(), "--client-network"), w.log.String())
	assert.Contains(t, w.log.String(), "client="+w.client.address.String())
}

func TestRow59PortsWithoutAListenerAreSilent(t *testing.T) {
	w := lay(t)
	w.apply(t, "false", w.lb)
	everywhere, err := net.Listen("tcp", "0.0.0.0:0") // some other program of this machine
	require.NoError(t, err)
	defer func() { require.NoError(t, everywhere.Close()) }()
	foreign := everywhere.Addr().(*net.TCPAddr).Port
	go func() {
		for {
			c, err := everywhere.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "hello") // that it is there
			_ = c.Close()
		}
	}()

	t.Run("row 59: a port with a listener answers", func(t *testing.T) {
		c, err := w.dial("tcp", w.address(), port, patience)
		require.NoError(t, err)
		require.NoError(t, c.Close())
	})
	for _, tt := range []struct {
		name, transport string
		port            int
	}{
		{"row 59: TCP without a listener", "tcp", otherPort},
		{"row 59: UDP without a listener", "udp", otherPort},
		{"row 59: UDP where only TCP listens", "udp", port},
		{"row 59: a port on which another program listens", "tcp", foreign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assertSilent(t, w.knock(t, tt.transport, w.address(), tt.port))
		})
	}
	t.Run("the other program answers on this machine's own address", func(t *testing.T) {
		assert.NoError(t, w.knock(t, "tcp", w.client.gateway.String(), foreign))
	})
	t.Run("this machine's own address refuses as ever", func(t *testing.T) {
		for _, transport := range []string{"tcp", "udp"} {
			assert.ErrorIs(t, w.knock(t, transport, w.client.gateway.String(), otherPort), syscall.ECONNREFUSED, transport)
		}
	})
	t.Run("row 59: the port of a deleted listener falls silent", func(t *testing.T) {
		w.apply(t, "false")
		assertSilent(t, w.knock(t, "tcp", w.address(), port))
	})
	t.Run("row 59: the address of a deleted load balancer does not refuse", func(t *testing.T) {
		require.NoError(t, w.adapter.SetAddresses(nil))
		err := w.knock(t, "tcp", w.address(), port)
		require.Error(t, err)
		assert.NotErrorIs(t, err, syscall.ECONNREFUSED)
	})
}

// knock tries to get any answer from a port and returns why there was none.
func (w *wire) knock(t *testing.T, transport, address string, port int) error {
	t.Helper()
	c, err := w.dial(transport, address, port, silence)
	if err != nil {
		return err
	}
	defer func() { require.NoError(t, c.Close()) }()
	require.NoError(t, c.SetDeadline(time.Now().Add(silence)))
	if _, err := c.Write([]byte("ping")); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 1))
	return err
}

func assertSilent(t *testing.T, err error) {
	t.Helper()
	var timeout net.Error
	assert.True(t, errors.As(err, &timeout) && timeout.Timeout(), "want a time-out, got %v", err)
}

// left is what the kernel still has of us.
func left(t *testing.T) (out []string) {
	t.Helper()
	conn, err := nftables.New()
	require.NoError(t, err)
	tables, err := conn.ListTables()
	require.NoError(t, err)
	for _, table := range tables {
		out = append(out, "table "+table.Name)
	}
	rules, err := netlink.RuleList(syscall.AF_INET)
	require.NoError(t, err)
	for _, r := range rules {
		if r.Mark != 0 {
			out = append(out, r.String())
		}
	}
	routes, err := netlink.RouteListFiltered(syscall.AF_INET, &netlink.Route{}, netlink.RT_FILTER_TABLE)
	require.NoError(t, err)
	for _, r := range routes {
		if r.Protocol == 0xeb {
			out = append(out, r.String())
		}
	}
	addresses, err := netlink.AddrList(nil, syscall.AF_INET)
	require.NoError(t, err)
	for _, a := range addresses {
		if ip, ok := netip.AddrFromSlice(a.IP); ok && poolRange.Contains(ip.Unmap()) {
			out = append(out, a.String())
		}
	}
	return out
}

func TestNothingIsLeftOnTheNetworkAfterClose(t *testing.T) {
	w := lay(t, clientNetwork)
	require.Len(t, left(t), 5, "table, rule, local route, route to the pods, address")
	require.NoError(t, w.adapter.Close())
	assert.Empty(t, left(t))
	require.NoError(t, w.adapter.Close(), "a second time")
}

func TestWhatACrashedRunLeftIsTakenOver(t *testing.T) {
	w := lay(t, clientNetwork)
	before := left(t)
	w.open(t, clientNetwork) // without closing the first
	require.NoError(t, w.adapter.SetAddresses([]netip.Addr{netip.MustParseAddr(w.address())}))
	assert.ElementsMatch(t, before, left(t), "nothing twice")
	w.apply(t, "true", w.lb)
	c, err := w.dial("tcp", w.address(), port, patience)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	peer, err := bufio.NewReader(c).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, c.LocalAddr().String(), strings.TrimSpace(peer))
	require.NoError(t, c.Close())
	require.NoError(t, w.adapter.Close())
	assert.Empty(t, left(t))
}
