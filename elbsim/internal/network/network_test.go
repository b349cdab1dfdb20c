// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDifference(t *testing.T) {
	for _, c := range []struct {
		name                    string
		have, want, add, remove []string
	}{
		{name: "nothing to do", have: []string{"a", "b"}, want: []string{"b", "a"}},
		{name: "from nothing, all are added in order", want: []string{"b", "a"}, add: []string{"b", "a"}},
		{name: "to nothing, all are removed", have: []string{"a", "b"}, remove: []string{"a", "b"}},
		{name: "what stays is left alone", have: []string{"a", "b"}, want: []string{"b", "c"}, add: []string{"c"}, remove: []string{"a"}},
		{name: "what is wanted twice is added once", want: []string{"a", "a"}, add: []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			add, remove := difference(c.have, c.want)
			assert.Equal(t, c.add, add)
			assert.Equal(t, c.remove, remove)
		})
	}
}

func TestOwnIsTheAddressTheServerSees(t *testing.T) {
	own, err := Own("127.0.0.1:6443")
	require.NoError(t, err)
	assert.Equal(t, netip.MustParseAddr("127.0.0.1"), own)

	_, err = Own("no-port")
	assert.ErrorContains(t, err, "find own address towards no-port")
}

func TestLoopbackPoolNeedsNoPermission(t *testing.T) {
	pool, err := NewPool(netip.MustParsePrefix("127.64.0.0/16"))
	require.NoError(t, err)
	adapter, err := Open(pool, netip.MustParseAddr("127.0.0.1"), quiet)
	require.NoError(t, err)
	addr, err := pool.Address("a")
	require.NoError(t, err)
	require.NoError(t, adapter.SetAddresses([]netip.Addr{addr}))
	listener, err := net.Listen("tcp", net.JoinHostPort(addr.String(), "0"))
	require.NoError(t, err)
	require.NoError(t, listener.Close())
}

func TestPoolWithTheOwnAddressIsRefused(t *testing.T) {
	pool, err := NewPool(netip.MustParsePrefix("127.0.0.0/8"))
	require.NoError(t, err)
	_, err = Open(pool, netip.MustParseAddr("127.0.0.1"), quiet)
	require.ErrorContains(t, err, "address pool 127.0.0.0/8 contains elbsim's own address 127.0.0.1")
}

func TestUnknownOwnAddressIsNamed(t *testing.T) {
	pool, err := NewPool(netip.MustParsePrefix("198.51.100.0/24"))
	require.NoError(t, err)
	_, err = Open(pool, netip.MustParseAddr("203.0.113.77"), quiet)
	require.ErrorContains(t, err, "203.0.113.77: no interface has this address")
}

func TestMissingPermissionNamesTheCure(t *testing.T) {
	err := explain(syscall.EPERM)
	require.ErrorIs(t, err, syscall.EPERM)
	assert.ErrorContains(t, err, "--cap-add NET_ADMIN")
	other := errors.New("other")
	assert.Equal(t, other, explain(other))
}

func TestPrefixOf(t *testing.T) {
	_, n, err := net.ParseCIDR("10.244.1.0/24")
	require.NoError(t, err)
	got, ok := prefixOf(n)
	assert.True(t, ok)
	assert.Equal(t, netip.MustParsePrefix("10.244.1.0/24"), got)
	_, ok = prefixOf(nil)
	assert.False(t, ok, "the default route has no destination")
}

// quiet are options without client networks and with a log that nobody reads.
var quiet = Options{Log: slog.New(slog.DiscardHandler)}

func TestClientNetworksOfOtherFamiliesAreRefused(t *testing.T) {
	pool, err := NewPool(netip.MustParsePrefix("127.64.0.0/16"))
	require.NoError(t, err)
	_, err = Open(pool, netip.MustParseAddr("127.0.0.1"), Options{Log: quiet.Log, ClientNetworks: []netip.Prefix{netip.MustParsePrefix("fd00::/8")}})
	require.ErrorContains(t, err, `client network "fd00::/8": want an IPv4 range, such as 0.0.0.0/0`)
}
