// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/istio-aws/istio-aws/elbsim/internal/network"
)

func TestOwnAddress(t *testing.T) {
	given := netip.MustParseAddr("192.0.2.1")
	for _, c := range []struct {
		name, server string
		asked, want  netip.Addr
		wantError    string
	}{
		{name: "the address that is asked for wins", asked: given, server: "https://127.0.0.1:6443", want: given},
		{name: "otherwise it is the one that reaches the API server", server: "https://127.0.0.1:6443", want: netip.MustParseAddr("127.0.0.1")},
		{name: "a server without port has that of https", server: "https://127.0.0.1", want: netip.MustParseAddr("127.0.0.1")},
		{name: "a server that is no URL is an error", server: "https://[::1", wantError: "server of the kubeconfig"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ownAddress(c.asked, &rest.Config{Host: c.server}, netip.MustParsePrefix("127.64.0.0/16"))
			if c.wantError != "" {
				require.ErrorContains(t, err, c.wantError)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestOwnAddressBesideAPlainKindClusterIsOnThePoolsNetwork(t *testing.T) {
	want, errWant := network.Own("198.51.100.1:443") // whichever way this machine has
	got, err := ownAddress(netip.Addr{}, &rest.Config{Host: "https://127.0.0.1:40123"}, netip.MustParsePrefix("198.51.100.0/24"))
	assert.Equal(t, errWant == nil, err == nil)
	assert.Equal(t, want, got)
	assert.NotEqual(t, netip.MustParseAddr("127.0.0.1"), got)
}

func TestAPIAddress(t *testing.T) {
	own := netip.MustParseAddr("172.18.0.9")
	for _, c := range []struct{ name, listen, want, wantError string }{
		{name: "without a host only the own address is taken", listen: ":8080", want: "172.18.0.9:8080"},
		{name: "a host is kept", listen: "0.0.0.0:80", want: "0.0.0.0:80"},
		{name: "a port alone is refused", listen: "8080", wantError: `--listen "8080": want host:port or :port`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := apiAddress(c.listen, own)
			if c.wantError != "" {
				require.ErrorContains(t, err, c.wantError)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestClientNetworks(t *testing.T) {
	got, err := clientNetworks([]string{"0.0.0.0/0", "10.1.2.3/8"})
	require.NoError(t, err)
	assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("10.0.0.0/8")}, got)
	_, err = clientNetworks([]string{"10.0.0.1"})
	require.ErrorContains(t, err, `--client-network: netip.ParsePrefix("10.0.0.1")`)
}
