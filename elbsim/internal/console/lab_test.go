// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build browser

package console_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/admin"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// lab is load balancers at work without a cluster: a data plane with targets, and the API.
type lab struct {
	plane   *dataplane.Plane
	traffic *traffic.Recorder
	lbs     []elb.LoadBalancer
	names   map[string]string
	sick    atomic.Bool // whether the target at 127.71.0.2 fails its health checks
	address string      // of the API
	stop    context.CancelFunc
	ended   chan error
}

// newLab starts a lab with an ALB of three rules, one whose target refuses connections, and an NLB.
func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{traffic: traffic.New(), names: map[string]string{}}
	l.plane = dataplane.New(dataplane.Options{Traffic: l.traffic})
	t.Cleanup(func() { require.NoError(t, l.plane.Close()) })
	web := []elb.Target{
		l.target(t, "127.71.0.1", "eu-west-1a", "istio-ingress/public-6c9f7d5b8-4xkzq", nil),
		l.target(t, "127.71.0.2", "eu-west-1b", "istio-ingress/public-6c9f7d5b8-t9wvm", &l.sick),
		l.target(t, "127.71.0.3", "eu-west-1c", "istio-ingress/public-6c9f7d5b8-zz2lp", nil),
	}
	api := []elb.Target{l.target(t, "127.71.0.4", "eu-west-1a", "istio-ingress/internal-5d7c6b9f4-8hhqn", nil)}
	gone := l.target(t, "127.71.0.5", "eu-west-1b", "shop/<b>legacy</b>-0", nil)
	gone.Port = 9 // nobody listens
	forward := func(groups ...string) []elb.Action {
		a := elb.Action{Type: "forward"}
		for i, g := range groups {
			a.Forward = append(a.Forward, elb.Weighted{TargetGroup: g, Weight: []int32{90, 10}[i]})
		}
		return []elb.Action{a}
	}
	public := balancer("istio-ingress/public", elb.Application, "127.70.0.1", group("istio-ingress/public:80", "HTTP", web...), group("istio-ingress/internal:80", "HTTP", api...))
	public.Listeners = []elb.Listener{{Port: 8080, Protocol: "HTTP", DefaultActions: forward("istio-ingress/public:80", "istio-ingress/internal:80"), Rules: []elb.Rule{
		{Priority: 1, Conditions: []elb.Condition{{Field: "host-header", Values: []string{"shop.example.com"}}, {Field: "path-pattern", Values: []string{"/cart/*"}}}, Actions: forward("istio-ingress/public:80")},
		{Priority: 2, Conditions: []elb.Condition{{Field: "path-pattern", Values: []string{"/old/*"}}}, Actions: []elb.Action{{Type: "redirect", Redirect: &elb.Redirect{Protocol: "HTTPS", Path: "/new", StatusCode: 301}}}},
	}}}
	legacy := balancer("shop/legacy", elb.Application, "127.70.0.4", group("shop/legacy:80", "HTTP", gone))
	legacy.Listeners = []elb.Listener{{Port: 8080, Protocol: "HTTP", DefaultActions: forward("shop/legacy:80")}}
	tcp := balancer("istio-ingress/tcp", elb.Network, "127.70.0.7", group("istio-ingress/tcp:5432", "TCP", api...))
	tcp.Listeners = []elb.Listener{{Port: 5432, Protocol: "TCP", DefaultActions: forward("istio-ingress/tcp:5432")}}
	l.lbs = []elb.LoadBalancer{public, tcp, legacy}
	require.NoError(t, l.plane.Apply(t.Context(), l.lbs))
	l.serve(t, "127.0.0.1:0")
	return l
}

// balancer has three addresses, the first of them given.
func balancer(stack string, kind elb.Type, first string, groups ...elb.TargetGroup) elb.LoadBalancer {
	ip := netip.MustParseAddr(first)
	lb := elb.LoadBalancer{
		Stack: stack, Type: kind, Scheme: "internet-facing", IPAddressType: "ipv4", State: "active", ARN: "arn:" + stack, TargetGroups: groups,
		DNSName:        "k8s-" + string(kind) + "-0123456789.eu-west-1.elb.amazonaws.com",
		SecurityGroups: []elb.SecurityGroup{{Managed: true, Inbound: []elb.InboundRule{{Protocol: "tcp", FromPort: 1, ToPort: 65535, Source: "0.0.0.0/0"}}}},
	}
	for _, zone := range []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"} {
		lb.Zones = append(lb.Zones, zone)
		lb.Addresses = append(lb.Addresses, elb.Address{Zone: zone, IP: ip.String(), InDNS: true})
		ip = ip.Next()
	}
	return lb
}

func group(name, protocol string, targets ...elb.Target) elb.TargetGroup {
	tg := elb.TargetGroup{Name: name, ARN: "arn:" + name, TargetType: "ip", Protocol: protocol, ProtocolVersion: "HTTP1", Targets: targets, Attributes: map[string]string{"load_balancing.cross_zone.enabled": "true"},
		HealthCheck: elb.HealthCheck{Protocol: "HTTP", Port: "traffic-port", Path: "/healthz/ready", Matcher: "200", IntervalSeconds: 1, TimeoutSeconds: 1, HealthyThreshold: 2, UnhealthyThreshold: 2}}
	if protocol == "TCP" {
		tg.ProtocolVersion = ""
	}
	return tg
}

// target starts a pod that answers, and fails its checks while sick.
func (l *lab) target(t *testing.T, ip, zone, pod string, sick *atomic.Bool) elb.Target {
	t.Helper()
	listener, err := net.Listen("tcp", ip+":0")
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/healthz/ready" && sick != nil && sick.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/missing":
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, "hello\n") // the client asserts
	}))
	require.NoError(t, server.Listener.Close())
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	l.names[ip] = pod
	return elb.Target{ID: ip, Address: ip, Port: int32(listener.Addr().(*net.TCPAddr).Port), Zone: zone}
}

// described are the load balancers with the health that the data plane knows.
func (l *lab) described() []elb.LoadBalancer {
	out := make([]elb.LoadBalancer, len(l.lbs))
	for i, lb := range l.lbs {
		out[i] = lb
		out[i].TargetGroups = nil
		for _, tg := range lb.TargetGroups {
			targets := make([]elb.Target, len(tg.Targets))
			for j, target := range tg.Targets {
				target.Health = l.plane.Health(tg.ARN, target)
				targets[j] = target
			}
			tg.Targets = targets
			out[i].TargetGroups = append(out[i].TargetGroups, tg)
		}
	}
	return out
}

// serve starts the API; at says where.
func (l *lab) serve(t *testing.T, at string) {
	t.Helper()
	free, err := net.Listen("tcp", at)
	require.NoError(t, err)
	l.address = free.Addr().String()
	require.NoError(t, free.Close())
	ctx, stop := context.WithCancel(context.Background())
	l.stop, l.ended = stop, make(chan error, 1)
	account := fakeaws.New(fakeaws.Options{})
	t.Cleanup(account.Close)
	handler := admin.Handler(admin.Source{
		Waiting: func() string { return "" }, LoadBalancers: l.described, Traffic: l.traffic, CA: []byte("pem"), Client: func() ([]byte, error) { return []byte("pem"), nil },
		Pods:   func() map[string]string { return l.names },
		Faults: account.Faults(),
		Calls: func(admin.CallQuery) any {
			return []fakeaws.Call{{Time: time.Unix(1e9, 0), Service: "Shield", Operation: "DescribeProtection", Input: struct{}{}, Error: "NotImplemented: elbsim does not implement DescribeProtection of Shield", Unimplemented: true}}
		},
	}, slog.New(slog.DiscardHandler))
	go func() { l.ended <- admin.Serve(ctx, l.address, handler) }()
	t.Cleanup(stop)
	require.Eventually(t, func() bool {
		res, err := http.Get("http://" + l.address + "/healthz")
		return err == nil && res.Body.Close() == nil
	}, patience, tick)
}

// ask sends a request to a load balancer and reads the answer.
func (l *lab) ask(t *testing.T, path string) int {
	t.Helper()
	res, err := http.Get(fmt.Sprintf("http://%s", path))
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode
}
