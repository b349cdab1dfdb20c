// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dial_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
)

func TestConnectionsComeFromTheLoadBalancer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	d := dial.From(netip.MustParseAddr("127.0.0.77"), netip.MustParseAddr("127.0.0.1"), time.Minute)
	c, err := d.DialContext(context.Background(), "tcp", l.Addr().String())
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	assert.Equal(t, "127.0.0.77", c.LocalAddr().(*net.TCPAddr).IP.String())
}

func TestSourceIsLeftOpenWhereItCannotWork(t *testing.T) {
	for name, pair := range map[string][2]string{
		"loopback to elsewhere": {"127.0.0.77", "10.0.0.1"},
		"IPv4 to IPv6":          {"10.0.0.1", "2001:db8::1"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Nil(t, dial.From(netip.MustParseAddr(pair[0]), netip.MustParseAddr(pair[1]), 0).LocalAddr)
		})
	}
}
