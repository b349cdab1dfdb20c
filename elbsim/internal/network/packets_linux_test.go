// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/network"
)

const (
	// patience is how long a test waits for what must come. It is never how long something takes.
	patience = 20 * time.Second
	// silence is how long what is to get no answer waits for one.
	silence = 500 * time.Millisecond
	// port is that of the listener; nothing listens on the other.
	port, otherPort = 80, 81
)

var (
	clientNetwork = netip.MustParsePrefix("10.9.1.0/24")
	targetNetwork = netip.MustParsePrefix("10.9.2.0/24")
	poolRange     = netip.MustParsePrefix("10.9.3.0/24")
	podRange      = netip.MustParsePrefix("10.244.7.0/24")
)

// logs is a log that tests read.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// wire is a client and a target with a load balancer between them, each a machine of its own.
type wire struct {
	client, target *machine
	adapter        network.Adapter
	plane          *dataplane.Plane
	log            *logs
	lb             elb.LoadBalancer
}

// lay connects client, load balancer and target. The target is a pod on the address of podRange.
func lay(t *testing.T, clients ...netip.Prefix) *wire {
	t.Helper()
	w := &wire{client: newMachine(t, "client", clientNetwork), target: newMachine(t, "target", targetNetwork), log: &logs{}}
	pod := podRange.Addr().Next()
	w.target.do(func() error { return plug("lo", pod, 32) })
	w.open(t, clients...)
	require.NoError(t, w.adapter.SetRoutes([]network.Route{{To: podRange, Via: w.target.address}}))
	address := poolRange.Addr().Next()
	require.NoError(t, w.adapter.SetAddresses([]netip.Addr{address}))
	w.plane = dataplane.New(dataplane.Options{Log: slog.New(slog.NewTextHandler(w.log, nil)), Paths: dial.Paths{Returns: w.adapter.Returns}})
	t.Cleanup(func() { require.NoError(t, w.plane.Close()) })
	w.lb = elb.LoadBalancer{
		Stack: "shop/echo", ARN: "arn:lb", Type: elb.Network, Addresses: []elb.Address{{Zone: "a", IP: address.String()}},
		Listeners: []elb.Listener{{Port: port, Protocol: "TCP",
			DefaultActions: []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "shop/echo:80", Weight: 1}}}}}},
		TargetGroups: []elb.TargetGroup{{
			Name: "shop/echo:80", ARN: "arn:tg", Protocol: "TCP", TargetType: "ip",
			HealthCheck: elb.HealthCheck{Protocol: "TCP", Port: "traffic-port", IntervalSeconds: 10, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 2},
			Targets:     []elb.Target{{ID: pod.String(), Address: pod.String(), Port: w.witness(t, pod), Zone: "a"}},
		}},
	}
	return w
}

func (w *wire) open(t *testing.T, clients ...netip.Prefix) {
	t.Helper()
	pool, err := network.NewPool(poolRange)
	require.NoError(t, err)
	w.adapter, err = network.Open(pool, w.target.gateway, network.Options{ClientNetworks: clients, Log: slog.New(slog.NewTextHandler(w.log, nil))})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.adapter.Close()) })
	require.Empty(t, w.log.String())
}

func (w *wire) apply(t *testing.T, preserve string, lbs ...elb.LoadBalancer) {
	t.Helper()
	w.lb.TargetGroups[0].Attributes = map[string]string{"preserve_client_ip.enabled": preserve}
	require.NoError(t, w.plane.Apply(t.Context(), lbs))
}

// witness listens on the target's machine, tells each connection who it comes from, and echoes.
func (w *wire) witness(t *testing.T, address netip.Addr) int32 {
	t.Helper()
	var l net.Listener
	w.target.do(func() (err error) {
		l, err = net.Listen("tcp", net.JoinHostPort(address.String(), "0"))
		return err
	})
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
	return int32(l.Addr().(*net.TCPAddr).Port)
}

// dial connects from the client's machine.
func (w *wire) dial(network, address string, port int, limit time.Duration) (c net.Conn, err error) {
	w.client.do(func() error {
		d := net.Dialer{Timeout: limit}
		c, err = d.DialContext(context.Background(), network, net.JoinHostPort(address, strconv.Itoa(port)))
		return nil // the caller judges
	})
	return c, err
}

func (w *wire) address() string { return w.lb.Addresses[0].IP }

func TestRow60ThePodSeesTheClientAndItsAnswersReachIt(t *testing.T) {
	w := lay(t, clientNetwork)
	for _, preserve := range []string{"true", "false"} {
		t.Run("row 60: preservation "+preserve, func(t *testing.T) {
			w.apply(t, preserve, w.lb)
			c, err := w.dial("tcp", w.address(), port, patience)
			require.NoError(t, err)
			defer func() { require.NoError(t, c.Close()) }()
			require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
			r := bufio.NewReader(c)
			peer, err := r.ReadString('\n')
			require.NoError(t, err)
			if preserve == "true" {
				assert.Equal(t, c.LocalAddr().String(), strings.TrimSpace(peer), "address and port")
			} else {
				assert.Equal(t, w.address(), strings.Split(peer, ":")[0])
			}
			big := strings.Repeat("x", 1<<20) // more than any buffer holds: both directions flow
			go func() { _, _ = io.WriteString(c, big) }()
			got := make([]byte, len(big))
			_, err = io.ReadFull(r, got)
			require.NoError(t, err)
			assert.Equal(t, big, string(got))
		})
	}
	assert.Empty(t, w.log.String())
}

func TestRow60AClientOutsideTheClientNetworksIsServedAndNamedOnce(t *testing.T) {
	w := lay(t, netip.MustParsePrefix("192.0.2.0/24"))
	w.apply(t, "true", w.lb)
	for range 2 {
		c, err := w.dial("tcp", w.address(), port, patience)
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
		peer, err := bufio.NewReader(c).ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, w.address(), strings.Split(peer, ":")[0])
		require.NoError(t, c.Close())
	}
	assert.Equal(t, 1, strings.Count(w.log.String(), "--client-network"), w.log.String())
	assert.Contains(t, w.log.String(), "client="+w.client.address.String())
}

func TestRow59PortsWithoutAListenerAreSilent(t *testing.T) {
	w := lay(t)
	w.apply(t, "false", w.lb)
	everywhere, err := net.Listen("tcp", "0.0.0.0:0") // some other program of this machine
	require.NoError(t, err)
	defer func() { require.NoError(t, everywhere.Close()) }()
	foreign := everywhere.Addr().(*net.TCPAddr).Port
	go func() {
		for {
			c, err := everywhere.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "hello") // that it is there
			_ = c.Close()
		}
	}()

	t.Run("row 59: a port with a listener answers", func(t *testing.T) {
		c, err := w.dial("tcp", w.address(), port, patience)
		require.NoError(t, err)
		require.NoError(t, c.Close())
	})
	for _, tt := range []struct {
		name, transport string
		port            int
	}{
		{"row 59: TCP without a listener", "tcp", otherPort},
		{"row 59: UDP without a listener", "udp", otherPort},
		{"row 59: UDP where only TCP listens", "udp", port},
		{"row 59: a port on which another program listens", "tcp", foreign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assertSilent(t, w.knock(t, tt.transport, w.address(), tt.port))
		})
	}
	t.Run("the other program answers on this machine's own address", func(t *testing.T) {
		assert.NoError(t, w.knock(t, "tcp", w.client.gateway.String(), foreign))
	})
	t.Run("this machine's own address refuses as ever", func(t *testing.T) {
		for _, transport := range []string{"tcp", "udp"} {
			assert.ErrorIs(t, w.knock(t, transport, w.client.gateway.String(), otherPort), syscall.ECONNREFUSED, transport)
		}
	})
	t.Run("row 59: the port of a deleted listener falls silent", func(t *testing.T) {
		w.apply(t, "false")
		assertSilent(t, w.knock(t, "tcp", w.address(), port))
	})
	t.Run("row 59: the address of a deleted load balancer does not refuse", func(t *testing.T) {
		require.NoError(t, w.adapter.SetAddresses(nil))
		err := w.knock(t, "tcp", w.address(), port)
		require.Error(t, err)
		assert.NotErrorIs(t, err, syscall.ECONNREFUSED)
	})
}

// knock tries to get any answer from a port and returns why there was none.
func (w *wire) knock(t *testing.T, transport, address string, port int) error {
	t.Helper()
	c, err := w.dial(transport, address, port, silence)
	if err != nil {
		return err
	}
	defer func() { require.NoError(t, c.Close()) }()
	require.NoError(t, c.SetDeadline(time.Now().Add(silence)))
	if _, err := c.Write([]byte("ping")); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 1))
	return err
}

func assertSilent(t *testing.T, err error) {
	t.Helper()
	var timeout net.Error
	assert.True(t, errors.As(err, &timeout) && timeout.Timeout(), "want a time-out, got %v", err)
}

// left is what the kernel still has of us.
func left(t *testing.T) (out []string) {
	t.Helper()
	conn, err := nftables.New()
	require.NoError(t, err)
	tables, err := conn.ListTables()
	require.NoError(t, err)
	for _, table := range tables {
		out = append(out, "table "+table.Name)
	}
	rules, err := netlink.RuleList(syscall.AF_INET)
	require.NoError(t, err)
	for _, r := range rules {
		if r.Mark != 0 {
			out = append(out, r.String())
		}
	}
	routes, err := netlink.RouteListFiltered(syscall.AF_INET, &netlink.Route{}, netlink.RT_FILTER_TABLE)
	require.NoError(t, err)
	for _, r := range routes {
		if r.Protocol == 0xeb {
			out = append(out, r.String())
		}
	}
	addresses, err := netlink.AddrList(nil, syscall.AF_INET)
	require.NoError(t, err)
	for _, a := range addresses {
		if ip, ok := netip.AddrFromSlice(a.IP); ok && poolRange.Contains(ip.Unmap()) {
			out = append(out, a.String())
		}
	}
	return out
}

func TestNothingIsLeftOnTheNetworkAfterClose(t *testing.T) {
	w := lay(t, clientNetwork)
	require.Len(t, left(t), 5, "table, rule, local route, route to the pods, address")
	require.NoError(t, w.adapter.Close())
	assert.Empty(t, left(t))
	require.NoError(t, w.adapter.Close(), "a second time")
}

func TestWhatACrashedRunLeftIsTakenOver(t *testing.T) {
	w := lay(t, clientNetwork)
	before := left(t)
	w.open(t, clientNetwork) // without closing the first
	require.NoError(t, w.adapter.SetAddresses([]netip.Addr{netip.MustParseAddr(w.address())}))
	assert.ElementsMatch(t, before, left(t), "nothing twice")
	w.apply(t, "true", w.lb)
	c, err := w.dial("tcp", w.address(), port, patience)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	peer, err := bufio.NewReader(c).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, c.LocalAddr().String(), strings.TrimSpace(peer))
	require.NoError(t, c.Close())
	require.NoError(t, w.adapter.Close())
	assert.Empty(t, left(t))
}
