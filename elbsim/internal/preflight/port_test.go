// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package preflight_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/preflight"
)

func TestAFreePortIsFreeAfterwards(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	require.NoError(t, preflight.Port("listen", address))
	l, err = net.Listen("tcp", address)
	require.NoError(t, err, "it was given back")
	require.NoError(t, l.Close())
}

func TestAPortThatCannotBeHad(t *testing.T) {
	everywhere, err := net.Listen("tcp4", "0.0.0.0:0")
	require.NoError(t, err)
	defer everywhere.Close()
	_, taken, err := net.SplitHostPort(everywhere.Addr().String())
	require.NoError(t, err)
	for _, c := range []struct {
		name, address string
		cause         error
		want          []string
	}{
		{name: "taken by a program that listens on all addresses", address: "127.0.0.1:" + taken, cause: syscall.EADDRINUSE,
			want: []string{"127.0.0.1:" + taken, "perhaps another elbsim", "`ss -ltnp sport = :" + taken + "`", "another --listen"}},
		{name: "an address of another machine", address: "192.0.2.1:8080", cause: syscall.EADDRNOTAVAIL,
			want: []string{"192.0.2.1:8080", "this machine has no such address", "--address or --listen"}},
		{name: "no port at all", address: "127.0.0.1:port", want: []string{"127.0.0.1:port", "give another --listen"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := preflight.Port("listen", c.address)
			require.Error(t, err)
			for _, want := range c.want {
				assert.ErrorContains(t, err, want)
			}
			if c.cause != nil {
				assert.ErrorIs(t, err, c.cause)
			}
		})
	}
}
