// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network_test

import (
	"log/slog"
	"net/netip"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/istio-aws/istio-aws/elbsim/internal/network"
)

func TestRow60ForWhomConnectionsCanBeOpened(t *testing.T) {
	w := lay(t, clientNetwork)
	pod := netip.MustParseAddr(w.lb.TargetGroups[0].Targets[0].Address)
	assert.True(t, w.adapter.Returns(w.client.address, pod))
	assert.False(t, w.adapter.Returns(netip.MustParseAddr("192.0.2.7"), pod), "a client of another network")
	assert.False(t, w.adapter.Returns(w.client.address, netip.MustParseAddr(w.address())), "a target that is a load balancer")
}

func TestWithoutPermissionTheLogSaysWhatIsMissingAndHowToGiveIt(t *testing.T) {
	w := lay(t, clientNetwork)
	require.NoError(t, w.adapter.Close())
	pool, err := network.NewPool(poolRange)
	require.NoError(t, err)
	log := &logs{}
	var adapter network.Adapter
	var addressErr error
	withoutNetAdmin(t, func() {
		adapter, err = network.Open(pool, w.target.gateway, network.Options{ClientNetworks: []netip.Prefix{clientNetwork}, Log: slog.New(slog.NewTextHandler(log, nil))})
		addressErr = adapter.SetAddresses([]netip.Addr{netip.MustParseAddr(w.address())})
	})
	require.NoError(t, err)
	assert.Contains(t, log.String(), "ports without a listener refuse connections")
	assert.Contains(t, log.String(), "--cap-add NET_ADMIN")
	assert.False(t, adapter.Returns(w.client.address, w.target.address), "nothing is promised")
	assert.ErrorContains(t, addressErr, "--cap-add NET_ADMIN")
	assert.Empty(t, left(t))
}

// withoutNetAdmin runs f on a thread that has lost the capability.
func withoutNetAdmin(t *testing.T, f func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() { // ends with its thread
		runtime.LockOSThread()
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var data [2]unix.CapUserData
		err := unix.Capget(&header, &data[0])
		data[0].Effective &^= 1 << unix.CAP_NET_ADMIN
		if err == nil {
			err = unix.Capset(&header, &data[0])
		}
		if err == nil {
			f()
		}
		done <- err
	}()
	require.NoError(t, <-done)
}

func TestAPoolOfAnotherNetworkIsToldWithTheNetworksThatThereAre(t *testing.T) {
	m := newMachine(t, "target", targetNetwork)
	for _, c := range []struct{ name, pool, want string }{
		{name: "a part of the network is well", pool: "10.9.2.64/26"},
		{name: "a network beside it is not part of it", pool: "10.9.4.0/24",
			want: "address pool 10.9.4.0/24 is not part of a network of target, which has 10.9.2.0/24: give an --address-pool inside one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := &logs{}
			pool, err := network.NewPool(netip.MustParsePrefix(c.pool))
			require.NoError(t, err)
			adapter, err := network.Open(pool, m.gateway, network.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
			require.NoError(t, err)
			defer func() { require.NoError(t, adapter.Close()) }()
			if c.want == "" {
				assert.Empty(t, log.String())
				return
			}
			assert.Contains(t, log.String(), "only this machine reaches the load balancers")
			assert.Contains(t, log.String(), c.want)
		})
	}
}

func TestAMachineThatIsNotOnTheClustersNetworkIsToldHowToBe(t *testing.T) {
	_, err := network.Own("198.51.100.1:443")
	assert.ErrorContains(t, err, "find own address towards 198.51.100.1:443")
	assert.ErrorContains(t, err, "docker run --network NETWORK --cap-add NET_ADMIN")
}
