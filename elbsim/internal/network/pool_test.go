// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/network"
)

func newPool(t *testing.T, cidr string) *network.Pool {
	t.Helper()
	pool, err := network.NewPool(netip.MustParsePrefix(cidr))
	require.NoError(t, err)
	return pool
}

func take(t *testing.T, pool *network.Pool, owner string) string {
	t.Helper()
	addr, err := pool.Address(owner)
	require.NoError(t, err)
	return addr.String()
}

func TestPoolHandsOutEveryAddressButTheFirstAndLast(t *testing.T) {
	pool := newPool(t, "10.0.0.0/29")
	var got []string
	for _, owner := range []string{"a", "b", "c", "d", "e", "f"} {
		got = append(got, take(t, pool, owner))
	}
	assert.Equal(t, []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"}, got)
	_, err := pool.Address("g")
	require.ErrorContains(t, err, "all 6 addresses are in use; give a wider --address-pool")
}

func TestPoolKeepsAnOwnersAddress(t *testing.T) {
	pool := newPool(t, "10.0.0.0/24")
	first := take(t, pool, "a")
	take(t, pool, "b")
	assert.Equal(t, first, take(t, pool, "a"))
}

func TestPoolDoesNotReuseAReleasedAddressAtOnce(t *testing.T) {
	pool := newPool(t, "10.0.0.0/29")
	released := take(t, pool, "a")
	take(t, pool, "b")
	pool.Keep(func(owner string) bool { return owner == "b" })
	for _, owner := range []string{"c", "d", "e", "f"} {
		assert.NotEqual(t, released, take(t, pool, owner))
	}
	assert.Equal(t, released, take(t, pool, "g"), "the range has been gone through")
}

func TestPoolIgnoresHostBitsOfItsRange(t *testing.T) {
	assert.Equal(t, "10.0.0.1", take(t, newPool(t, "10.0.0.77/24"), "a"))
}

func TestNewPoolRefusesRangesItCannotServe(t *testing.T) {
	for _, cidr := range []string{"10.0.0.0/31", "10.0.0.1/32", "fd00::/64"} {
		_, err := network.NewPool(netip.MustParsePrefix(cidr))
		assert.ErrorContains(t, err, "want an IPv4 range of /30 or wider", cidr)
	}
	_, err := network.NewPool(netip.Prefix{})
	assert.ErrorContains(t, err, "want an IPv4 range of /30 or wider")
}

func TestPoolGivesBackTheAddressOfARunBefore(t *testing.T) {
	pool := newPool(t, "10.0.0.0/29")
	pool.Take("a", netip.MustParseAddr("10.0.0.1"))
	pool.Take("b", netip.MustParseAddr("10.0.0.1")) // somebody's
	pool.Take("c", netip.MustParseAddr("10.9.9.9")) // of another range
	pool.Take("d", netip.MustParseAddr("10.0.0.0"))
	pool.Take("e", netip.MustParseAddr("10.0.0.7"))
	pool.Take("f", netip.Addr{})
	var got []string
	for _, owner := range []string{"b", "c", "d", "e", "f", "a"} {
		got = append(got, take(t, pool, owner))
	}
	assert.Equal(t, []string{"10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.1"}, got)
}
