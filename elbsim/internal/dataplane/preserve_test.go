// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// witness is a target at an address that tells each client who it sees, and a line for each one that it gets.
func witness(t *testing.T, ip string) elb.Target {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }() // the client asserts
				if _, err := io.WriteString(c, c.RemoteAddr().String()+"\n"); err == nil {
					_, _ = io.Copy(c, c) // until the client ends
				}
			}()
		}
	}()
	return targetAt(t, l.Addr().String())
}

// dialFrom connects to a load balancer from an address of this machine, with a port that can be shared.
func dialFrom(t *testing.T, source string, lb elb.LoadBalancer) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Control: func(_, _ string, c syscall.RawConn) error {
		var set error
		err := c.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) })
		return errors.Join(err, set)
	}}
	c, err := d.Dial("tcp", addressOf(lb))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() }) // the test may have closed it
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return c
}

// seen reads whom the target sees.
func seen(t *testing.T, c net.Conn) netip.AddrPort {
	t.Helper()
	var line strings.Builder
	for b := make([]byte, 1); ; line.WriteByte(b[0]) {
		_, err := io.ReadFull(c, b)
		require.NoError(t, err)
		if b[0] == '\n' {
			break
		}
	}
	peer, err := netip.ParseAddrPort(line.String())
	require.NoError(t, err)
	return peer
}

func TestRow60WhomTargetsSee(t *testing.T) {
	t.Parallel()
	const client = "127.0.0.9"
	for _, tt := range []struct {
		name, targetType, protocol string
		attributes                 map[string]string
		preserved                  bool
	}{
		{"row 60: instance targets see the client", "instance", "TCP", nil, true},
		{"row 60: ip targets see the load balancer", "ip", "TCP", nil, false},
		{"row 60: ip targets see the client where that is switched on", "ip", "TCP", map[string]string{"preserve_client_ip.enabled": "true"}, true},
		{"row 60: instance targets see the load balancer where it is switched off", "instance", "TCP", map[string]string{"preserve_client_ip.enabled": "false"}, false},
		{"row 60: TCP_UDP groups always show the client", "ip", "TCP_UDP", nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lb := nlb(t, witness(t, "127.0.0.1"))
			lb.TargetGroups[0].TargetType, lb.TargetGroups[0].Protocol, lb.TargetGroups[0].Attributes = tt.targetType, tt.protocol, tt.attributes
			apply(t, plane(t, noLag), lb)
			c := dialFrom(t, client, lb)
			if tt.preserved {
				assert.Equal(t, c.LocalAddr().String(), seen(t, c).String(), "address and port of the client")
			} else {
				assert.Equal(t, lb.Addresses[0].IP, seen(t, c).Addr().String())
			}
		})
	}
}

func TestRow60AChangeActsOnNewConnections(t *testing.T) {
	t.Parallel()
	lb := nlb(t, witness(t, "127.0.0.1"))
	p := plane(t, noLag)
	apply(t, p, lb)
	before := dialFrom(t, "127.0.0.9", lb)
	require.Equal(t, lb.Addresses[0].IP, seen(t, before).Addr().String())
	lb.TargetGroups[0].Attributes = map[string]string{"preserve_client_ip.enabled": "true"}
	apply(t, p, lb)
	after := dialFrom(t, "127.0.0.9", lb)
	assert.Equal(t, "127.0.0.9", seen(t, after).Addr().String())
	_, err := io.WriteString(before, "ping")
	require.NoError(t, err)
	b := make([]byte, 4)
	_, err = io.ReadFull(before, b)
	require.NoError(t, err)
	assert.Equal(t, "ping", string(b), "the old connection goes on")
}

func TestRow60AnUnknownValueIsRefused(t *testing.T) {
	t.Parallel()
	lb := nlb(t)
	lb.TargetGroups[0].Attributes = map[string]string{"preserve_client_ip.enabled": "yes"}
	err := plane(t, noLag).Apply(t.Context(), []elb.LoadBalancer{lb})
	assert.ErrorContains(t, err, `attribute preserve_client_ip.enabled is "yes"; allowed are true and false`)
}

func TestRow62AClientOnTheHostOfTheTargetHearsNothing(t *testing.T) {
	t.Parallel()
	// Two nodes of 127.1.0.0/16 and 127.2.0.0/16; clients and targets are pods on them.
	nodes := dataplane.Options{ALBPropagationLag: -1, NLBPropagationLag: -1, Paths: dial.Paths{Host: func(a netip.Addr) string {
		for cidr, node := range map[string]string{"127.1.0.0/16": "one", "127.2.0.0/16": "two"} {
			if netip.MustParsePrefix(cidr).Contains(a) {
				return node
			}
		}
		return ""
	}}}
	for _, tt := range []struct {
		name, client, target, preserve string
		silent                         bool
	}{
		{"row 62: a target that is its own client", "127.1.0.5", "127.1.0.5", "true", true},
		{"row 62: another target on the client's node", "127.1.0.6", "127.1.0.5", "true", true},
		{"row 62: a target on another node", "127.2.0.6", "127.1.0.5", "true", false},
		{"row 62: the client's own target without preservation", "127.1.0.5", "127.1.0.5", "false", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lb := nlb(t, witness(t, tt.target))
			lb.TargetGroups[0].Attributes = map[string]string{"preserve_client_ip.enabled": tt.preserve}
			apply(t, plane(t, nodes), lb)
			c := dialFrom(t, tt.client, lb)
			if !tt.silent {
				seen(t, c)
				return
			}
			_, err := io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
			require.NoError(t, err)
			require.NoError(t, c.SetReadDeadline(time.Now().Add(silence)))
			n, err := c.Read(make([]byte, 1))
			assert.Zero(t, n)
			assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "neither an answer nor an end")
		})
	}
}

func TestRow62AClientThatWaitsInVainDoesNotKeepTheListenerFromClosing(t *testing.T) {
	t.Parallel()
	lb := nlb(t, witness(t, "127.0.0.9"))
	lb.TargetGroups[0].TargetType = "instance"
	p := plane(t, noLag)
	apply(t, p, lb)
	c := dialFrom(t, "127.0.0.9", lb)
	apply(t, p)
	_, err := c.Read(make([]byte, 1))
	assert.ErrorIs(t, err, syscall.ECONNRESET)
}
