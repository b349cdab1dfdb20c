// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build clients

// Package clients tests load balancers with programs that nobody wrote for them: clients (curl, h2load, openssl, gRPC,
// WebSocket) and targets that read PROXY headers (HAProxy, Envoy). It is run by `make test-clients`, which provides the
// programs. It holds nothing but tests.
package clients

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

const (
	// patience is how long a test waits for what must come. It is never how long something takes.
	patience = 30 * time.Second
	// tick is the pause between two looks.
	tick = 20 * time.Millisecond
	zone = "eu-west-1a"
	// tls12 and tls13 are policies with these as oldest versions.
	tls12 = "ELBSecurityPolicy-TLS13-1-2-2021-06"
	tls13 = "ELBSecurityPolicy-TLS13-1-3-2021-06"
)

// envoy is the path of Envoy, set by TestMain.
var envoy string

// TestMain fails before the first test where a program is missing.
func TestMain(m *testing.M) {
	var missing []string
	for _, program := range []string{"curl", "openssl", "h2load", "haproxy"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	if envoy = os.Getenv("ENVOY"); envoy == "" {
		missing = append(missing, "envoy (its path in ENVOY)")
	}
	if len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "clients: missing: %s; run: make test-clients\n", strings.Join(missing, ", "))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// lab is a data plane with a certificate authority.
type lab struct {
	plane *dataplane.Plane
	ca    *authority.Authority
	// trusted are authorities of clients, by the ARN of a trust store. Tests fill it before they apply.
	trusted map[string]*x509.CertPool
	// CA is the path of the authority's certificate.
	CA string
}

// start makes a data plane with certificates by ARN, each for one name.
func start(t *testing.T, names map[string]string) *lab {
	t.Helper()
	ca, err := authority.New("elbsim test clients")
	require.NoError(t, err)
	l := &lab{ca: ca, trusted: map[string]*x509.CertPool{}, CA: filepath.Join(t.TempDir(), "ca.pem")}
	require.NoError(t, os.WriteFile(l.CA, ca.PEM(), 0o600))
	l.plane = dataplane.New(dataplane.Options{Certificates: certificates(t, ca, names), TrustStores: func(arn string) (*x509.CertPool, error) {
		if pool := l.trusted[arn]; pool != nil {
			return pool, nil
		}
		return nil, fmt.Errorf("trust store %q does not exist", arn)
	}})
	t.Cleanup(func() { require.NoError(t, l.plane.Close()) })
	return l
}

func (l *lab) apply(t *testing.T, lbs ...elb.LoadBalancer) {
	t.Helper()
	require.NoError(t, l.plane.Apply(context.Background(), lbs))
}

// healthy waits until all targets of a load balancer pass their checks, so that no test lives on fail-open.
func (l *lab) healthy(t *testing.T, lb elb.LoadBalancer) {
	t.Helper()
	for _, g := range lb.TargetGroups {
		for _, target := range g.Targets {
			var last elb.Health
			require.Eventually(t, func() bool {
				last = l.plane.Health(g.ARN, target)
				return last.State == elb.Healthy
			}, patience, tick, "target %s:%d of %s", target.Address, target.Port, g.Name)
		}
	}
}

// addresses hands out a loopback address of its own to each load balancer of a process.
var addresses atomic.Uint32

func address() string {
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", 64+pid>>8&0x1f, pid&0xff, addresses.Add(1))
}

// freePort is a port of an address that nobody listens on.
func freePort(t *testing.T, ip string) int32 {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return int32(l.Addr().(*net.TCPAddr).Port)
}

// loadBalancer describes a load balancer that everybody reaches, with one group of one target.
func loadBalancer(kind elb.Type, group elb.TargetGroup, listeners ...elb.Listener) elb.LoadBalancer {
	ip := address()
	group.Name, group.ARN, group.TargetType = "shop/echo:80", "arn:"+ip, "ip"
	everyone := []elb.SecurityGroup{{Managed: true, Inbound: []elb.InboundRule{{Protocol: "tcp", FromPort: 1, ToPort: 65535, Source: "0.0.0.0/0"}}}}
	return elb.LoadBalancer{Stack: "shop/" + ip, ARN: "lb:" + ip, Type: kind, SecurityGroups: everyone,
		Addresses: []elb.Address{{Zone: zone, IP: ip}}, Listeners: listeners, TargetGroups: []elb.TargetGroup{group}}
}

func forward() []elb.Action {
	return []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "shop/echo:80", Weight: 1}}}}
}

// httpGroup is a group of an ALB with the address of a target as host:port.
func httpGroup(t *testing.T, version, target string) elb.TargetGroup {
	t.Helper()
	g := elb.TargetGroup{Protocol: "HTTP", ProtocolVersion: version, Targets: []elb.Target{targetAt(t, target)},
		HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/", Matcher: "200",
			IntervalSeconds: 15, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 2}}
	if version == "GRPC" {
		g.HealthCheck.Path, g.HealthCheck.Matcher = "/AWS.ALB/healthcheck", "12"
	}
	return g
}

func targetAt(t *testing.T, hostPort string) elb.Target {
	t.Helper()
	a, err := netip.ParseAddrPort(hostPort)
	require.NoError(t, err)
	return elb.Target{ID: a.Addr().String(), Address: a.Addr().String(), Port: int32(a.Port()), Zone: zone}
}

// at is host:port of a listener.
func at(lb elb.LoadBalancer, listener int) string {
	return net.JoinHostPort(lb.Addresses[0].IP, strconv.Itoa(int(lb.Listeners[listener].Port)))
}

// serve starts an HTTP target.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// result is what a client printed and how it ended.
type result struct {
	stdout, stderr string
	status         int
}

// client runs a program to its end, with an empty input.
func client(t *testing.T, program string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err, program)
	}
	require.NoError(t, ctx.Err(), "%s %s\n%s%s", program, strings.Join(args, " "), stdout.String(), stderr.String())
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}
