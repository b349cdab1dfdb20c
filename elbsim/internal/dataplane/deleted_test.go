// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build linux

package dataplane_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// speaking makes a target that echoes what comes after an upgrade, and leaves any other answer unfinished
// until the client is gone, apart from short ones.
func speaking(t *testing.T) elb.Target {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Upgrade") != "":
			c, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return // the client sees it
			}
			defer func() { _ = c.Close() }() // the client is gone
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			_, _ = io.Copy(c, rw)
		case r.URL.Path == "/endless":
			_, _ = io.WriteString(w, "begin")
			_ = http.NewResponseController(w).Flush() // the client sees it
			<-r.Context().Done()
		default:
			_, _ = io.WriteString(w, "short")
		}
	}))
	t.Cleanup(s.Close)
	return targetAt(t, s.Listener.Addr().String())
}

// held counts what the process holds.
func held(t *testing.T) (files, goroutines int) {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(open), runtime.NumGoroutine()
}

// Not parallel: it counts the files and goroutines of the process.
func TestNothingIsLeftOfADeletedLoadBalancer(t *testing.T) {
	const arn = "arn:aws:acm:eu-west-1:111122223333:certificate/one"
	ca, err := authority.New("deleted")
	require.NoError(t, err)
	certificate, err := ca.Issue("shop.example.com")
	require.NoError(t, err)
	p := plane(t, dataplane.Options{Certificates: func(string, string) (*tls.Certificate, error) { return certificate, nil }})
	target := speaking(t)
	stays, network, application := nlb(t, target), nlb(t, target), alb(t, target)
	secure := application.Listeners[0]
	secure.Port++
	secure.Protocol, secure.Certificates = "HTTPS", []string{arn}
	application.Listeners = append(application.Listeners, secure)
	apply(t, p, stays)
	eventuallyHealth(t, p, stays, target, elb.Health{State: elb.Healthy})
	files, goroutines := held(t)

	apply(t, p, stays, network, application)
	ended := map[string]func(){} // by what is open: returns when the load balancer has ended it
	talk := func(name, address, request, answer string) {
		c, err := net.Dial("tcp", address)
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
		_, err = io.WriteString(c, request)
		require.NoError(t, err)
		line, err := bufio.NewReader(c).ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, answer, line)
		ended[name] = func() {
			_, err := io.Copy(io.Discard, c)
			assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, name)
			require.NoError(t, c.Close())
		}
	}
	const ok, switching = "HTTP/1.1 200 OK\r\n", "HTTP/1.1 101 Switching Protocols\r\n"
	talk("a kept connection", addressOf(application), "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ok)
	talk("an answer on its way", addressOf(application), "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n", ok)
	talk("a WebSocket", addressOf(application), "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n", switching)
	talk("a TCP stream", addressOf(network), "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n", ok)
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("https://%s:%d/endless", application.Addresses[0].IP, secure.Port), nil)
	require.NoError(t, err)
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	require.Equal(t, "HTTP/2.0", resp.Proto)
	ended["a stream of HTTP/2"] = func() {
		_, err := io.Copy(io.Discard, resp.Body)
		assert.Error(t, err)
		assert.NoError(t, ctx.Err(), "a stream of HTTP/2")
		require.NoError(t, resp.Body.Close())
		transport.CloseIdleConnections()
	}

	apply(t, p, stays)
	for _, end := range ended {
		end()
	}
	for deadline := time.Now().Add(patience); ; runtime.Gosched() {
		nowFiles, nowGoroutines := held(t)
		if nowFiles <= files && nowGoroutines <= goroutines {
			return
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d files and %d goroutines are left, there were %d and %d:\n%s", nowFiles, nowGoroutines, files, goroutines, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
