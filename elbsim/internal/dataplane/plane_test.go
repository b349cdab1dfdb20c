// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// noLag lets changes of targets take effect at once.
var noLag = dataplane.Options{ALBPropagationLag: -1, NLBPropagationLag: -1}

func TestListenersAcceptWhenApplyReturns(t *testing.T) {
	t.Parallel()
	p := plane(t, noLag)
	target := server(t, "one", nil)
	application, network := alb(t, target), nlb(t, target)
	apply(t, p, application, network)
	requireBody(t, addressOf(application), "one")
	requireBody(t, addressOf(network), "one")
}

func TestApplyKeepsConnectionsOfWhatStays(t *testing.T) {
	t.Parallel()
	p := plane(t, noLag)
	target := server(t, "one", nil)
	application, other := alb(t, target), alb(t, target)
	apply(t, p, application, other)
	c, err := net.Dial("tcp", addressOf(application))
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	r := bufio.NewReader(c)
	ask := func() int {
		_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		require.NoError(t, err)
		resp, err := http.ReadResponse(r, nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		return resp.StatusCode
	}
	require.Equal(t, http.StatusOK, ask())
	application.Listeners[0].DefaultActions = []elb.Action{{Type: "fixed-response", FixedResponse: &elb.FixedResponse{StatusCode: 418}}}
	apply(t, p, application)
	assert.Equal(t, 418, ask(), "the new rule on the old connection")
}

func TestDeletedLoadBalancerRefusesAndItsAddressServesAnother(t *testing.T) {
	t.Parallel()
	p := plane(t, noLag)
	old := alb(t, server(t, "old", nil))
	apply(t, p, old)
	requireBody(t, addressOf(old), "old")

	next := alb(t, server(t, "next", nil))
	next.Addresses, next.Listeners[0].Port = old.Addresses, old.Listeners[0].Port
	apply(t, p, next)
	requireBody(t, addressOf(next), "next")

	apply(t, p)
	_, err := net.Dial("tcp", addressOf(old))
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestWhatCannotBeServedIsNamedAndTheRestIsServed(t *testing.T) {
	t.Parallel()
	p := plane(t, noLag)
	target := server(t, "one", nil)
	good, quic, taken, unchecked := alb(t, target), nlb(t, target), alb(t, target), alb(t, target)
	quic.Listeners[0].Protocol = "QUIC"
	unchecked.TargetGroups[0].HealthCheck.Matcher = ""
	holder, err := net.Listen("tcp", addressOf(taken))
	require.NoError(t, err)
	defer func() { require.NoError(t, holder.Close()) }()

	err = p.Apply(context.Background(), []elb.LoadBalancer{quic, taken, unchecked, good})
	require.ErrorContains(t, err, "load balancer "+quic.Stack+": listener QUIC "+addressOf(quic)+": protocol \"QUIC\" is not served")
	require.ErrorContains(t, err, "load balancer "+taken.Stack+": listener HTTP "+addressOf(taken))
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	require.ErrorContains(t, err, "`ss -lnp sport = :"+strconv.Itoa(int(taken.Listeners[0].Port))+"` names it")
	require.ErrorContains(t, err, "load balancer "+unchecked.Stack+": target group shop/echo:80: health check matcher \"\"")
	requireBody(t, addressOf(good), "one")
}

func TestLoadBalancerWithoutAddressesIsNotServedYet(t *testing.T) {
	t.Parallel()
	p := plane(t, noLag)
	target := server(t, "one", nil)
	lb := alb(t, target)
	given := lb.Addresses
	lb.Addresses = nil
	apply(t, p, lb)
	assert.Equal(t, elb.Health{State: elb.Initial, Reason: "Elb.RegistrationInProgress", Description: "Target registration is in progress"},
		p.Health(lb.TargetGroups[0].ARN, target))
	lb.Addresses = given
	apply(t, p, lb)
	requireBody(t, addressOf(lb), "one")
}

func TestListenersShareATargetGroup(t *testing.T) {
	for name, kind := range map[string]func(*testing.T, ...elb.Target) elb.LoadBalancer{"ALB": alb, "NLB": nlb} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plane(t, noLag)
			one, two := server(t, "one", nil), server(t, "two", nil)
			lb := kind(t, one)
			other := lb.Listeners[0]
			other.Port++
			lb.Listeners = append(lb.Listeners, other)
			second := lb
			second.Listeners = lb.Listeners[1:]
			apply(t, p, lb)
			requireBody(t, addressOf(lb), "one")
			requireBody(t, addressOf(second), "one")

			lb.TargetGroups[0].Targets = []elb.Target{two}
			apply(t, p, lb)
			requireBody(t, addressOf(lb), "two")
			requireBody(t, addressOf(second), "two")

			lb.Listeners = lb.Listeners[1:]
			apply(t, p, lb)
			requireBody(t, addressOf(second), "two")
		})
	}
}

func TestRow56TargetsChangeAfterTheLag(t *testing.T) {
	t.Parallel()
	const never = time.Hour
	tests := []struct {
		name    string
		make    func(*testing.T, ...elb.Target) elb.LoadBalancer
		lags    dataplane.Options
		changes bool
	}{
		{"row 56: an ALB changes its targets when its lag has passed", alb, dataplane.Options{ALBPropagationLag: tick, NLBPropagationLag: never}, true},
		{"row 56: not before", alb, dataplane.Options{ALBPropagationLag: never, NLBPropagationLag: tick}, false},
		{"row 56: an NLB changes its targets when its lag has passed", nlb, dataplane.Options{ALBPropagationLag: never, NLBPropagationLag: tick}, true},
		{"row 56: not before its own", nlb, dataplane.Options{ALBPropagationLag: tick, NLBPropagationLag: never}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			one, two := server(t, "one", nil), server(t, "two", nil)
			lb := tt.make(t, one)
			p := plane(t, tt.lags)
			apply(t, p, lb)
			requireBody(t, addressOf(lb), "one")
			lb.TargetGroups[0].Targets = []elb.Target{two}
			apply(t, p, lb)
			if tt.changes {
				require.Eventually(t, func() bool { _, body, err := get(addressOf(lb)); return err == nil && body == "two" }, patience, tick)
				return
			}
			for range 10 {
				requireBody(t, addressOf(lb), "one")
			}
			assert.Equal(t, elb.Initial, p.Health(lb.TargetGroups[0].ARN, two).State)
		})
	}
}

func TestRow56LagsAreOnByDefault(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(*testing.T, ...elb.Target) elb.LoadBalancer{"row 56: ALB": alb, "row 56: NLB": nlb} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two := server(t, "one", nil), server(t, "two", nil)
			lb := make(t, one)
			p := plane(t, dataplane.Options{})
			apply(t, p, lb)
			lb.TargetGroups[0].Targets = []elb.Target{two}
			apply(t, p, lb)
			assert.Equal(t, "Elb.RegistrationInProgress", p.Health(lb.TargetGroups[0].ARN, two).Reason, "the new target is not known yet")
		})
	}
}

// Not parallel: it counts the goroutines of the process.
func TestNothingIsLeftAfterClose(t *testing.T) {
	before := runtime.NumGoroutine()
	p := dataplane.New(dataplane.Options{})
	target := targetAt(t, "127.0.0.1:1") // refuses; health checks go on
	application, network, packets := alb(t, target), nlb(t, target), datagrams(t, "TCP_UDP", target)
	apply(t, p, application, network, packets)
	_, _, err := ask(t, packets, "127.0.0.9", tick) // leaves a flow
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	open, err := net.Dial("tcp", addressOf(application))
	require.NoError(t, err)
	application.TargetGroups[0].Targets = nil // on its way when Close comes
	apply(t, p, application, network, packets)
	require.NoError(t, p.Close())

	require.NoError(t, open.SetReadDeadline(time.Now().Add(patience)))
	_, err = open.Read(make([]byte, 1))
	assert.Error(t, err)
	assert.NotErrorIs(t, err, syscall.ETIMEDOUT)
	require.NoError(t, open.Close())
	_, err = net.Dial("tcp", addressOf(network))
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
	assert.ErrorIs(t, p.Apply(context.Background(), nil), net.ErrClosed)
}

func TestAWebACLThatBlocksNothingIsLoggedOnce(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	p := plane(t, dataplane.Options{Log: slog.New(slog.NewTextHandler(&text, nil))})
	lb := alb(t, server(t, "one", nil))
	apply(t, p, lb)
	require.Empty(t, text.String(), "no web ACL")
	lb.WebACL = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/0a1b2c"
	apply(t, p, lb)
	apply(t, p, lb)
	assert.Equal(t, 1, strings.Count(text.String(), "level=WARN"), text.String())
	assert.Contains(t, text.String(), "webACL="+lb.WebACL)
	requireBody(t, addressOf(lb), "one")
}
