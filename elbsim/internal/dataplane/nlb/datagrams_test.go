// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/nlb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func udpListener(g nlb.Group) nlb.Spec {
	s := tcpListener(g)
	s.Listener.Protocol = "UDP"
	return s
}

func everyone(netip.Addr) bool { return true }

// startDatagrams serves a spec on a loopback port.
func startDatagrams(t *testing.T, s nlb.Spec, allow func(netip.Addr) bool) (*nlb.Datagrams, string) {
	t.Helper()
	d, err := nlb.NewDatagrams(s)
	require.NoError(t, err)
	socket := udpSocket(t)
	ended := make(chan struct{})
	go func() { defer close(ended); d.Serve(socket, allow) }()
	t.Cleanup(func() {
		require.NoError(t, d.Close())
		_ = socket.Close()
		<-ended
	})
	return d, socket.LocalAddr().String()
}

func udpSocket(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() }) // some are closed by the test
	return c
}

// udpEcho is a target that answers each packet with its name, the peer's port and the packet. flows counts its peers.
func udpEcho(t *testing.T, name string) (address string, flows *atomic.Int64) {
	t.Helper()
	c, peers := udpSocket(t), map[string]bool{}
	flows = new(atomic.Int64)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, 1<<16)
		for {
			n, peer, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if !peers[peer.String()] {
				peers[peer.String()] = true
				flows.Add(1)
			}
			_, _ = c.WriteTo(append([]byte(name), b[:n]...), peer) // the client asserts
		}
	}()
	t.Cleanup(func() { _ = c.Close(); <-ended })
	return c.LocalAddr().String(), flows
}

// client is a UDP client that takes answers from the load balancer's address only.
func udpClient(t *testing.T, lb string) *net.UDPConn {
	t.Helper()
	a, err := net.ResolveUDPAddr("udp", lb)
	require.NoError(t, err)
	c, err := net.DialUDP("udp", nil, a)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// exchange sends a packet and returns the answer within a limit.
func exchange(c *net.UDPConn, packet string, limit time.Duration) (string, error) {
	if _, err := c.Write([]byte(packet)); err != nil {
		return "", err
	}
	if err := c.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return "", err
	}
	b := make([]byte, 1<<16)
	n, err := c.Read(b)
	return string(b[:n]), err
}

func TestRow57FlowsOfDatagramsSpreadAndNeverMove(t *testing.T) {
	t.Parallel()
	one, _ := udpEcho(t, "1")
	two, _ := udpEcho(t, "2")
	_, lb := startDatagrams(t, udpListener(group(t, new(switchboard), nil, member(t, one, "a"), member(t, two, "a"))), everyone)
	seen := map[string]bool{}
	for deadline := time.Now().Add(patience); len(seen) < 2 && time.Now().Before(deadline); {
		c := udpClient(t, lb)
		first, err := exchange(c, "ping", patience)
		require.NoError(t, err)
		for range 5 {
			got, err := exchange(c, "ping", patience)
			require.NoError(t, err)
			require.Equal(t, first, got, "row 57: the flow moved")
		}
		seen[first] = true
	}
	assert.Equal(t, map[string]bool{"1ping": true, "2ping": true}, seen, "row 57: flows spread over targets")
}

func TestRow57SameFlowFindsTheSameTargetAfterItWasForgotten(t *testing.T) {
	t.Parallel()
	var members []elb.Target
	for i := range 8 {
		address, _ := udpEcho(t, fmt.Sprint(i))
		members = append(members, member(t, address, "a"))
	}
	s := udpListener(group(t, new(switchboard), nil, members...))
	s.Second = time.Millisecond / 10 // flows end after 12 ms
	_, lb := startDatagrams(t, s, everyone)
	c := udpClient(t, lb)
	first, err := exchange(c, "", patience)
	require.NoError(t, err)
	for range 10 {
		<-time.After(20 * time.Millisecond) // longer than a flow lives; if it is not, the test is weaker, not wrong
		got, err := exchange(c, "", patience)
		require.NoError(t, err)
		require.Equal(t, first, got, "row 57: the hash has no sequence number for UDP")
	}
}

func TestRow57IdleFlowIsForgotten(t *testing.T) {
	t.Parallel()
	address, flows := udpEcho(t, "1")
	s := udpListener(group(t, new(switchboard), nil, member(t, address, "a")))
	s.Second = time.Millisecond
	_, lb := startDatagrams(t, s, everyone)
	c := udpClient(t, lb)
	_, err := exchange(c, "x", patience)
	require.NoError(t, err)
	require.EqualValues(t, 1, flows.Load())
	require.Eventually(t, func() bool {
		_, err := exchange(c, "x", patience)
		return err == nil && flows.Load() > 1
	}, patience, 200*time.Millisecond, "row 57: after 120 s without packets a new flow begins")
}

func TestRow57LargestDatagramsPass(t *testing.T) {
	t.Parallel()
	address, _ := udpEcho(t, "1")
	_, lb := startDatagrams(t, udpListener(group(t, new(switchboard), nil, member(t, address, "a"))), everyone)
	c := udpClient(t, lb)
	for _, size := range []int{0, 1, 1472, 65506} {
		packet := string(make([]byte, size))
		got, err := exchange(c, packet, patience)
		require.NoError(t, err)
		assert.Equal(t, "1"+packet, got, "%d bytes", size)
	}
}

func TestRow57FlowOutlivesATargetThatIsAwayForAWhile(t *testing.T) {
	t.Parallel()
	away := udpSocket(t)
	address := away.LocalAddr().String()
	require.NoError(t, away.Close())
	_, lb := startDatagrams(t, udpListener(group(t, new(switchboard), nil, member(t, address, "a"))), everyone)
	c := udpClient(t, lb)
	_, err := exchange(c, "lost", 50*time.Millisecond)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "the client is told nothing")

	back, err := net.ListenPacket("udp", address)
	require.NoError(t, err)
	defer func() { require.NoError(t, back.Close()) }()
	_, err = c.Write([]byte("found"))
	require.NoError(t, err)
	require.NoError(t, back.SetReadDeadline(time.Now().Add(patience)))
	b := make([]byte, 16)
	n, _, err := back.ReadFrom(b)
	require.NoError(t, err)
	assert.Equal(t, "found", string(b[:n]), "the error of the first packet did not keep the second back")
}

func TestRow70DeregistrationEndsFlowsOfDatagrams(t *testing.T) {
	t.Parallel()
	old, _ := udpEcho(t, "o")
	fresh, _ := udpEcho(t, "f")
	board, settings := new(switchboard), target.Settings{Threshold: target.Threshold{Count: 1}, CutGone: true}
	g := group(t, board, func(s *target.Settings) { *s = settings }, member(t, old, "a"))
	_, lb := startDatagrams(t, udpListener(g), everyone)
	c := udpClient(t, lb)
	got, err := exchange(c, "", patience)
	require.NoError(t, err)
	require.Equal(t, "o", got)
	g.Update(settings, board.checks(), []elb.Target{member(t, fresh, "a")})
	require.Eventually(t, func() bool {
		got, err := exchange(c, "", patience)
		return err == nil && got == "f"
	}, patience, time.Millisecond, "row 70: the flow is cut and begins anew")
}

func TestRow73SecurityGroupsLetNewFlowsInOnly(t *testing.T) {
	t.Parallel()
	address, _ := udpEcho(t, "1")
	var open atomic.Bool
	_, lb := startDatagrams(t, udpListener(group(t, new(switchboard), nil, member(t, address, "a"))), func(netip.Addr) bool { return open.Load() })
	early := udpClient(t, lb)
	_, err := exchange(early, "x", 50*time.Millisecond)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "row 73: an excluded client gets no answer")
	open.Store(true)
	_, err = exchange(early, "x", patience)
	require.NoError(t, err)
	open.Store(false)
	_, err = exchange(early, "x", patience)
	assert.NoError(t, err, "row 73: a flow that exists stays when the rules change")
	_, err = exchange(udpClient(t, lb), "x", 50*time.Millisecond)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestDatagramsWithoutATargetAreDropped(t *testing.T) {
	t.Parallel()
	_, lb := startDatagrams(t, udpListener(group(t, new(switchboard), nil)), everyone)
	_, err := exchange(udpClient(t, lb), "x", 50*time.Millisecond)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestDatagramsThatCannotBeServedAreRefused(t *testing.T) {
	s := udpListener(nlb.Group{})
	s.Listener.Protocol = "QUIC"
	_, err := nlb.NewDatagrams(s)
	assert.EqualError(t, err, "protocol \"QUIC\" is not served by a network load balancer here; served are TCP, TLS, UDP and TCP_UDP")
}

func TestFlowsEndWithTheirListener(t *testing.T) {
	t.Parallel()
	address, _ := udpEcho(t, "1")
	d, lb := startDatagrams(t, udpListener(group(t, new(switchboard), nil, member(t, address, "a"))), everyone)
	c := udpClient(t, lb)
	_, err := exchange(c, "x", patience)
	require.NoError(t, err)
	require.NoError(t, d.Close())
	_, err = exchange(c, "x", 50*time.Millisecond)
	assert.True(t, errors.Is(err, os.ErrDeadlineExceeded), "got %v", err)
}
