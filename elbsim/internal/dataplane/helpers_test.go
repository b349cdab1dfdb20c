// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

const (
	// patience is how long a test waits for what must come. It is never how long something takes.
	patience = 20 * time.Second
	// tick is the pause between two looks.
	tick = 5 * time.Millisecond
	// tenth is what tests let a second be in health checks.
	tenth = 100 * time.Millisecond
)

// plane makes a plane that ends with the test.
func plane(t *testing.T, opts dataplane.Options) *dataplane.Plane {
	t.Helper()
	p := dataplane.New(opts)
	p.SetSecond(tenth)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func apply(t *testing.T, p *dataplane.Plane, lbs ...elb.LoadBalancer) {
	t.Helper()
	require.NoError(t, p.Apply(context.Background(), lbs))
}

// addresses hands out a loopback address of its own to each load balancer.
var addresses atomic.Uint32

func freeAddress(t *testing.T) (ip string, port int32) {
	t.Helper()
	n, pid := int(addresses.Add(1)), os.Getpid() // test programs run beside each other
	ip = fmt.Sprintf("127.%d.%d.%d", 100+pid>>8&0x7f, (pid+n>>8)&0xff, n&0xff)
	l, err := net.Listen("tcp", ip+":0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return ip, int32(l.Addr().(*net.TCPAddr).Port)
}

func everyone() []elb.SecurityGroup { return from("0.0.0.0/0") }

func from(sources ...string) []elb.SecurityGroup {
	g := elb.SecurityGroup{Managed: true}
	for _, s := range sources {
		g.Inbound = append(g.Inbound, elb.InboundRule{Protocol: "tcp", FromPort: 1, ToPort: 65535, Source: s})
	}
	return []elb.SecurityGroup{g}
}

// alb describes an ALB with one HTTP listener, open to everyone, that forwards everything.
func alb(t *testing.T, targets ...elb.Target) elb.LoadBalancer {
	t.Helper()
	ip, port := freeAddress(t)
	arn := "arn:" + ip
	return elb.LoadBalancer{
		Stack: "shop/" + ip, Type: elb.Application, ARN: arn, SecurityGroups: everyone(),
		Addresses: []elb.Address{{Zone: "eu-west-1a", IP: ip}},
		Listeners: []elb.Listener{{Port: port, Protocol: "HTTP",
			DefaultActions: []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "shop/echo:80", Weight: 1}}}}}},
		TargetGroups: []elb.TargetGroup{{
			Name: "shop/echo:80", ARN: arn + "/tg", Protocol: "HTTP", ProtocolVersion: "HTTP1", TargetType: "ip", Targets: targets,
			HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/healthz/ready", Matcher: "200",
				IntervalSeconds: 1, TimeoutSeconds: 100, HealthyThreshold: 2, UnhealthyThreshold: 2},
		}},
	}
}

// nlb describes an NLB with one TCP listener that forwards everything.
func nlb(t *testing.T, targets ...elb.Target) elb.LoadBalancer {
	t.Helper()
	lb := alb(t, targets...)
	lb.Type, lb.SecurityGroups = elb.Network, nil
	lb.Listeners[0].Protocol, lb.TargetGroups[0].Protocol, lb.TargetGroups[0].ProtocolVersion = "TCP", "TCP", ""
	return lb
}

func addressOf(lb elb.LoadBalancer) string {
	return net.JoinHostPort(lb.Addresses[0].IP, strconv.Itoa(int(lb.Listeners[0].Port)))
}

// server starts an HTTP target that answers with its name, and health checks by health.
func server(t *testing.T, name string, health http.HandlerFunc) elb.Target {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz/ready" && health != nil {
			health(w, r)
			return
		}
		_, _ = io.WriteString(w, name) // the client asserts
	}))
	t.Cleanup(s.Close)
	return targetAt(t, s.Listener.Addr().String())
}

func targetAt(t *testing.T, address string) elb.Target {
	t.Helper()
	a, err := netip.ParseAddrPort(address)
	require.NoError(t, err)
	return elb.Target{ID: a.Addr().String(), Address: a.Addr().String(), Port: int32(a.Port()), Zone: "eu-west-1a"}
}

// get asks a load balancer once on a new connection.
func get(address string) (status int, body string, err error) {
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := c.Get("http://" + address + "/")
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }() // read to the end or failed
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func requireBody(t *testing.T, address, want string) {
	t.Helper()
	status, body, err := get(address)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, want, body)
}

// eventually polls until the health of a target is want, and says what it was last.
func eventuallyHealth(t *testing.T, p *dataplane.Plane, lb elb.LoadBalancer, target elb.Target, want elb.Health) {
	t.Helper()
	var last elb.Health
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if last = p.Health(lb.TargetGroups[0].ARN, target); last == want {
			return
		}
		select {
		case <-p.Changed():
		case <-time.After(tick):
		}
	}
	require.Equal(t, want, last)
}
