// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/nlb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// patience is how long a test waits for what must come. It is never how long something takes.
const patience = 20 * time.Second

// switchboard makes checks whose outcome a test sets for each target.
type switchboard struct{ sick sync.Map }

func (s *switchboard) set(address string, healthy bool) { s.sick.Store(address, !healthy) }

func (s *switchboard) checks() target.Checks {
	return target.Checks{
		Make: []func(*target.Target) health.Check{func(t *target.Target) health.Check {
			return func(context.Context) health.Result {
				sick, ok := s.sick.Load(t.Addr.String())
				return health.Result{OK: !ok || !sick.(bool)}
			}
		}},
		Plan: health.Plan{Interval: 5 * time.Millisecond, Timeout: time.Hour, Thresholds: health.Thresholds{Healthy: 1, Unhealthy: 1}},
	}
}

// group is a target group; settings are AWS's defaults with changes.
func group(t *testing.T, board *switchboard, edit func(*target.Settings), members ...elb.Target) nlb.Group {
	t.Helper()
	settings := target.Settings{Threshold: target.Threshold{Count: 1}, CutUnhealthy: true}
	if edit != nil {
		edit(&settings)
	}
	g := target.New(settings, board.checks(), members, 0, func() {})
	t.Cleanup(g.Close)
	require.Eventually(t, func() bool {
		for _, m := range members {
			if g.Health(m).State == elb.Initial {
				return false
			}
		}
		return true
	}, patience, time.Millisecond)
	return nlb.Group{Group: g}
}

func member(t *testing.T, address, zone string) elb.Target {
	t.Helper()
	a, err := netip.ParseAddrPort(address)
	require.NoError(t, err)
	return elb.Target{ID: a.String(), Address: a.Addr().String(), Port: int32(a.Port()), Zone: zone}
}

func tcpListener(g nlb.Group) nlb.Spec {
	return nlb.Spec{
		Listener: elb.Listener{Port: 80, Protocol: "TCP",
			DefaultActions: []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "tg", Weight: 1}}}}},
		Node:           elb.Address{Zone: "a", IP: "127.0.0.1"},
		Groups:         map[string]nlb.Group{"tg": g},
		ConnectTimeout: patience, Second: time.Second, Log: slog.New(slog.DiscardHandler),
	}
}

func tlsListener(t *testing.T, g nlb.Group) nlb.Spec {
	t.Helper()
	s := tcpListener(g)
	s.Listener.Protocol, s.Listener.Certificates = "TLS", []string{"arn"}
	c := selfSigned(t)
	s.Certificates = func(string, string) (*tls.Certificate, error) { return c, nil }
	return s
}

func selfSigned(t *testing.T) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"shop.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// start serves a spec on a loopback port and returns the listener and its address.
func start(t *testing.T, s nlb.Spec) (*nlb.Listener, string) {
	t.Helper()
	l, err := nlb.New(s)
	require.NoError(t, err)
	address, stop := accept(t, l.Serve)
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		stop()
	})
	return l, address
}

// accept gives each connection of a loopback port to serve. stop ends it when all have been served.
func accept(t *testing.T, serve func(net.Conn)) (address string, stop func()) {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := socket.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { serve(c) })
		}
	})
	return socket.Addr().String(), func() {
		_ = socket.Close() // a second time, if the target was taken away before
		wg.Wait()
	}
}

// echo is a target that sends back its name and then what it gets. It counts its connections.
func echo(t *testing.T, name string) (address string, connections *atomic.Int64) {
	t.Helper()
	connections = new(atomic.Int64)
	address, stop := accept(t, func(c net.Conn) {
		connections.Add(1)
		defer func() { _ = c.Close() }() // the client asserts
		if _, err := io.WriteString(c, name); err != nil {
			return
		}
		_, _ = io.Copy(c, c) // until the client ends
	})
	t.Cleanup(stop)
	return address, connections
}

// dial connects to a listener.
func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

// take reads exactly n bytes.
func take(t *testing.T, r io.Reader, n int) string {
	t.Helper()
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	require.NoError(t, err)
	return string(b)
}

// ended reads to the end and returns the error that ended the connection, nil for a proper end.
func ended(c net.Conn) error {
	_, err := io.Copy(io.Discard, c)
	var network *net.OpError
	if errors.As(err, &network) {
		return network.Err
	}
	return err
}
