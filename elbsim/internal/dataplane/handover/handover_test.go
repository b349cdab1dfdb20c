// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package handover_test

import (
	"io"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/handover"
)

func TestRow76EndsHaveTheAddressesOfAConnectionFromTheClient(t *testing.T) {
	client, server := netip.MustParseAddrPort("192.0.2.7:50000"), netip.MustParseAddrPort("10.0.0.1:80")
	near, far, err := handover.Pair(client, server)
	require.NoError(t, err)
	assert.Equal(t, "192.0.2.7:50000 10.0.0.1:80", near.LocalAddr().String()+" "+near.RemoteAddr().String())
	assert.Equal(t, "10.0.0.1:80 192.0.2.7:50000", far.LocalAddr().String()+" "+far.RemoteAddr().String())
	_, err = io.WriteString(near, "to the server")
	require.NoError(t, err)
	require.NoError(t, near.(interface{ CloseWrite() error }).CloseWrite())
	got, err := io.ReadAll(far)
	require.NoError(t, err)
	assert.Equal(t, "to the server", string(got))
	_, err = io.WriteString(far, "back")
	require.NoError(t, err)
	require.NoError(t, far.Close())
	got, err = io.ReadAll(near)
	require.NoError(t, err)
	assert.Equal(t, "back", string(got))
	require.NoError(t, near.Close())
}
