// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// silence is after how long a connection that is not accepted counts as dropped: many times what one takes.
const silence = 2 * time.Second

// addressOutsideLabs is an address of this machine that is in no lab's network. One that has Docker has one.
func addressOutsideLabs(t *testing.T) netip.Addr {
	t.Helper()
	labs := netip.MustParsePrefix("172.28.0.0/14")
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, address := range addresses {
		prefix, err := netip.ParsePrefix(address.String())
		require.NoError(t, err)
		if a := prefix.Addr(); a.Is4() && !a.IsLoopback() && !labs.Contains(a) {
			return a
		}
	}
	require.FailNow(t, "this machine has no address outside "+labs.String())
	return netip.Addr{}
}

// connectFrom opens a connection from an address of this machine and closes it. What comes of it is the observation.
func connectFrom(source netip.Addr, address, port string) func(context.Context) (error, error) {
	return func(ctx context.Context) (error, error) {
		d := net.Dialer{Timeout: silence, LocalAddr: &net.TCPAddr{IP: source.AsSlice()}}
		c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(address, port))
		if err != nil {
			return err, nil
		}
		return nil, c.Close()
	}
}

// connected wants a connection.
func connected(err error) error { return err }

// timedOut wants no answer at all, neither a connection nor a refusal.
func timedOut(err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return nil
	}
	return fmt.Errorf("want a time-out, got %v", err)
}
