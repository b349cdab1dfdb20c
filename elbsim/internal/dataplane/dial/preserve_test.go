// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dial_test

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
)

func TestRow60WhoCanBePreserved(t *testing.T) {
	lab := dial.Paths{Returns: func(client, _ netip.Addr) bool { return netip.MustParsePrefix("10.0.0.0/8").Contains(client) }}
	for _, tt := range []struct {
		name           string
		paths          dial.Paths
		client, target string
		want           bool
	}{
		{"a client whose answers come back", lab, "10.1.2.3", "10.244.1.5", true},
		{"a client whose answers go elsewhere", lab, "192.0.2.7", "10.244.1.5", false},
		{"row 60: an IPv6 client of an IPv4 target", dial.Paths{Returns: func(_, _ netip.Addr) bool { return true }}, "2001:db8::7", "10.244.1.5", false},
		{"loopback to loopback", dial.Paths{}, "127.0.0.9", "127.0.0.1", true},
		{"loopback to elsewhere", lab, "127.0.0.9", "10.244.1.5", false},
		{"elsewhere to loopback", lab, "10.1.2.3", "127.0.0.1", false},
		{"nothing is known of the network", dial.Paths{}, "10.1.2.3", "10.244.1.5", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.paths.Preserves(netip.MustParseAddr(tt.client), netip.MustParseAddr(tt.target)))
		})
	}
}

func TestRow62HostsOfAddresses(t *testing.T) {
	nodes := dial.Paths{Host: func(a netip.Addr) string {
		for cidr, node := range map[string]string{"10.244.1.0/24": "one", "172.18.0.3/32": "one", "10.244.2.0/24": "two"} {
			if netip.MustParsePrefix(cidr).Contains(a) {
				return node
			}
		}
		return ""
	}}
	for _, tt := range []struct {
		name  string
		paths dial.Paths
		a, b  string
		want  bool
	}{
		{"row 62: two pods of a node", nodes, "10.244.1.5", "10.244.1.6", true},
		{"row 62: a pod and its node", nodes, "10.244.1.5", "172.18.0.3", true},
		{"row 62: pods of two nodes", nodes, "10.244.1.5", "10.244.2.5", false},
		{"row 62: two addresses that are on no node", nodes, "192.0.2.1", "192.0.2.2", false},
		{"row 62: an address that is on no node, and itself", nodes, "192.0.2.1", "192.0.2.1", true},
		{"row 62: one address of an unknown network", dial.Paths{}, "127.0.0.5", "127.0.0.5", true},
		{"row 62: two addresses of an unknown network", dial.Paths{}, "127.0.0.5", "127.0.0.6", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.paths.SameHost(netip.MustParseAddr(tt.a), netip.MustParseAddr(tt.b)))
		})
	}
}

// tcpPeers accepts connections and tells who they come from.
func tcpPeers(t *testing.T) (netip.AddrPort, <-chan netip.AddrPort) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	peers := make(chan netip.AddrPort, 8)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			peers <- c.RemoteAddr().(*net.TCPAddr).AddrPort()
			t.Cleanup(func() { _ = c.Close() }) // the test has seen what it wants
		}
	}()
	return l.Addr().(*net.TCPAddr).AddrPort(), peers
}

// freePort is a port of an address that nothing has.
func freePort(t *testing.T, address string) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", address+":0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func TestRow60TargetsSeeTheClientsAddressAndPort(t *testing.T) {
	one, peersOfOne := tcpPeers(t)
	two, peersOfTwo := tcpPeers(t)
	client := freePort(t, "127.0.0.78")
	for target, peers := range map[netip.AddrPort]<-chan netip.AddrPort{one: peersOfOne, two: peersOfTwo} {
		c, err := dial.As(context.Background(), "tcp", client, target, time.Minute)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, c.Close()) })
		assert.Equal(t, client, <-peers)
	}
}

func TestRow60ATakenPortIsReplacedByAnother(t *testing.T) {
	target, peers := tcpPeers(t)
	holder, err := net.Listen("tcp", "127.0.0.79:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, holder.Close()) }()
	taken := holder.Addr().(*net.TCPAddr).AddrPort()
	c, err := dial.As(context.Background(), "tcp", taken, target, time.Minute)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	seen := <-peers
	assert.Equal(t, taken.Addr(), seen.Addr())
	assert.NotEqual(t, taken.Port(), seen.Port())
}

func TestRow63OneClientPortReachesATargetOnce(t *testing.T) {
	target, _ := tcpPeers(t)
	client := freePort(t, "127.0.0.80")
	c, err := dial.As(context.Background(), "tcp", client, target, time.Minute)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = dial.As(context.Background(), "tcp", client, target, time.Minute)
	require.ErrorIs(t, err, syscall.EADDRNOTAVAIL, "the same client by way of another load balancer address")
	assert.ErrorContains(t, err, "connect in the name of client "+client.String())
}

func TestRow60DatagramsComeFromTheClient(t *testing.T) {
	target, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, target.Close()) }()
	client := freePort(t, "127.0.0.81")
	c, err := dial.As(context.Background(), "udp", client, target.LocalAddr().(*net.UDPAddr).AddrPort(), time.Minute)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = c.Write([]byte("ping"))
	require.NoError(t, err)
	b := make([]byte, 8)
	n, from, err := target.ReadFrom(b)
	require.NoError(t, err)
	assert.Equal(t, "ping", string(b[:n]))
	assert.Equal(t, client.String(), from.String())
}
