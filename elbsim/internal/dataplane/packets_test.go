// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// both starts a target that answers "t" over TCP and "u" and the packet over UDP, on one port.
func both(t *testing.T) elb.Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c, err := net.ListenPacket("udp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()); require.NoError(t, c.Close()) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "t") // the client asserts
			_ = c.Close()
		}
	}()
	go func() {
		b := make([]byte, 1500)
		for {
			n, peer, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = c.WriteTo(append([]byte("u"), b[:n]...), peer) // the client asserts
		}
	}()
	return targetAt(t, l.Addr().String())
}

// datagrams describes an NLB with one listener of a protocol with UDP in it.
func datagrams(t *testing.T, protocol string, target elb.Target) elb.LoadBalancer {
	t.Helper()
	lb := nlb(t, target)
	lb.Listeners[0].Protocol, lb.TargetGroups[0].Protocol = protocol, protocol
	lb.TargetGroups[0].HealthCheck.Protocol = "TCP"
	return lb
}

// ask sends a packet to a load balancer from an address and returns the answer and who gave it.
func ask(t *testing.T, lb elb.LoadBalancer, source string, limit time.Duration) (string, netip.AddrPort, error) {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(source)})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = c.WriteToUDPAddrPort([]byte("ping"), netip.MustParseAddrPort(addressOf(lb)))
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(limit)))
	b := make([]byte, 1500)
	n, from, err := c.ReadFromUDPAddrPort(b)
	return string(b[:n]), from, err
}

func TestRow57UDPListenerAnswersFromItsOwnAddress(t *testing.T) {
	t.Parallel()
	p, lb := plane(t, noLag), datagrams(t, "UDP", both(t))
	apply(t, p, lb)
	got, from, err := ask(t, lb, "127.0.0.9", patience)
	require.NoError(t, err)
	assert.Equal(t, "uping", got)
	assert.Equal(t, addressOf(lb), from.String())
	_, err = net.DialTimeout("tcp", addressOf(lb), patience)
	assert.Error(t, err, "a UDP listener takes no TCP connections")
}

func TestRow57OneListenerForTCPAndUDP(t *testing.T) {
	t.Parallel()
	p, lb := plane(t, noLag), datagrams(t, "TCP_UDP", both(t))
	apply(t, p, lb)
	got, _, err := ask(t, lb, "127.0.0.9", patience)
	require.NoError(t, err)
	assert.Equal(t, "uping", got)
	all, err := io.ReadAll(dialFrom(t, "127.0.0.9", lb))
	require.NoError(t, err)
	assert.Equal(t, "t", string(all))

	lb.Listeners[0].Protocol, lb.TargetGroups[0].Protocol = "TCP", "TCP"
	apply(t, p, lb)
	_, _, err = ask(t, lb, "127.0.0.9", silence)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "the UDP half of the listener is gone")
	require.NoError(t, connect(lb, "127.0.0.1", patience))
}

func TestRow67GroupsOfUDPAreCheckedOverTCP(t *testing.T) {
	t.Parallel()
	p, target := plane(t, noLag), both(t)
	lb := datagrams(t, "UDP", target)
	apply(t, p, lb)
	eventuallyHealth(t, p, lb, target, elb.Health{State: elb.Healthy})
	deaf := targetAt(t, "127.0.0.1:1")
	lb.TargetGroups[0].Targets = []elb.Target{deaf}
	apply(t, p, lb)
	eventuallyHealth(t, p, lb, deaf, elb.Health{State: elb.Unhealthy, Reason: "Target.FailedHealthChecks", Description: "Health checks failed"})
}

func TestRow70DefaultsOfUDPGroups(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		attributes map[string]string
		cut        bool
	}{
		"row 70: flows are cut after the delay by default":        {nil, true},
		"row 70: they flow on if the termination is switched off": {map[string]string{"deregistration_delay.connection_termination.enabled": "false"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, lb := plane(t, noLag), datagrams(t, "UDP", both(t))
			lb.TargetGroups[0].Attributes = tt.attributes
			apply(t, p, lb)
			c, err := (&net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9)}}).Dial("udp", addressOf(lb))
			require.NoError(t, err)
			defer func() { require.NoError(t, c.Close()) }()
			ping := func(limit time.Duration) error {
				require.NoError(t, c.SetDeadline(time.Now().Add(limit)))
				if _, err := c.Write([]byte("x")); err != nil {
					return err
				}
				_, err := c.Read(make([]byte, 2))
				return err
			}
			require.NoError(t, ping(patience))
			lb.TargetGroups[0].Targets = nil
			apply(t, p, lb)
			if tt.cut {
				assert.ErrorIs(t, ping(silence), os.ErrDeadlineExceeded)
				return
			}
			assert.NoError(t, ping(patience))
		})
	}
}

func TestRow73RulesForUDP(t *testing.T) {
	t.Parallel()
	p, lb := plane(t, noLag), datagrams(t, "TCP_UDP", both(t))
	rule := func(protocol, source string) {
		lb.SecurityGroups = []elb.SecurityGroup{{Inbound: []elb.InboundRule{{Protocol: protocol, FromPort: 1, ToPort: 65535, Source: source}}}}
		apply(t, p, lb)
	}
	rule("tcp", "0.0.0.0/0")
	_, _, err := ask(t, lb, "127.0.0.9", silence)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "a rule for TCP lets no UDP in")
	require.NoError(t, connect(lb, "127.0.0.1", patience))
	rule("udp", "127.0.0.8/30")
	_, _, err = ask(t, lb, "127.0.0.7", silence)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "a client outside the range")
	got, _, err := ask(t, lb, "127.0.0.9", patience)
	require.NoError(t, err)
	assert.Equal(t, "uping", got)
	assert.ErrorContains(t, connect(lb, "127.0.0.9", silence), "i/o timeout", "a rule for UDP lets no TCP in")
}

func TestRow60TargetsOfUDPSeeTheClientsAddress(t *testing.T) {
	t.Parallel()
	peers := make(chan netip.AddrPort, 1)
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	go func() {
		if _, peer, err := c.ReadFromUDPAddrPort(make([]byte, 16)); err == nil {
			peers <- peer
		}
	}()
	p, lb := plane(t, noLag), datagrams(t, "UDP", targetAt(t, c.LocalAddr().String()))
	apply(t, p, lb)
	_, _, err = ask(t, lb, "127.0.0.9", silence)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "the target does not answer")
	assert.Equal(t, "127.0.0.9", (<-peers).Addr().String(), "row 60: preservation cannot be switched off for UDP")
}

func TestRow62HairpinOfUDP(t *testing.T) {
	t.Parallel()
	p, lb := plane(t, noLag), datagrams(t, "UDP", both(t))
	apply(t, p, lb)
	_, _, err := ask(t, lb, "127.0.0.1", silence)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "row 62: client and target are on one host")
}
