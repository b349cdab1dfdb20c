// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	poolRange     = netip.MustParsePrefix("10.9.2.128/25")
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
