// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build clients

package clients

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// shop is an ALB that redirects HTTP to HTTPS, and a target that tells what it got.
func shop(t *testing.T) (l *lab, lb elb.LoadBalancer, curl func(args ...string) result) {
	t.Helper()
	l = start(t, map[string]string{shopARN: "shop.example.com"})
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprintf(w, "%s %s %s expect=%q body=%d err=%v", r.Method, r.Host, r.Header.Get("X-Forwarded-Proto"), r.Header.Get("Expect"), n, err) // the client asserts
	})
	lb = loadBalancer(elb.Application, httpGroup(t, "HTTP1", target),
		elb.Listener{Protocol: "HTTP", DefaultActions: forward()},
		elb.Listener{Protocol: "HTTPS", Certificates: []string{shopARN}, SSLPolicy: tls12, DefaultActions: forward()},
		elb.Listener{Protocol: "HTTP"})
	for i := range lb.Listeners {
		lb.Listeners[i].Port = freePort(t, lb.Addresses[0].IP)
	}
	lb.Listeners[2].DefaultActions = []elb.Action{{Type: "redirect",
		Redirect: &elb.Redirect{Protocol: "HTTPS", Port: strconv.Itoa(int(lb.Listeners[1].Port)), StatusCode: http.StatusMovedPermanently}}}
	l.apply(t, lb)
	l.healthy(t, lb)
	return l, lb, func(args ...string) result {
		all := []string{"--silent", "--show-error", "--cacert", l.CA, "--write-out", "\n%{http_code} %{http_version} %{num_redirects}"}
		for _, listener := range lb.Listeners {
			all = append(all, "--resolve", fmt.Sprintf("shop.example.com:%d:%s", listener.Port, lb.Addresses[0].IP))
		}
		return client(t, "curl", append(all, args...)...)
	}
}

func url(lb elb.LoadBalancer, listener int, scheme string) string {
	return fmt.Sprintf("%s://shop.example.com:%d/cart", scheme, lb.Listeners[listener].Port)
}

func TestCurl(t *testing.T) {
	_, lb, curl := shop(t)
	body := filepath.Join(t.TempDir(), "body")
	require.NoError(t, os.WriteFile(body, bytes.Repeat([]byte("x"), 3<<20), 0o600))
	host := func(listener int) string { return fmt.Sprintf("shop.example.com:%d", lb.Listeners[listener].Port) }
	got := func(method string, listener int, proto string, size int) string {
		return fmt.Sprintf("%s %s %s expect=\"\" body=%d err=<nil>", method, host(listener), proto, size)
	}
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"HTTP/1.1", []string{url(lb, 0, "http")}, got("GET", 0, "http", 0) + "\n200 1.1 0"},
		{"HTTP/1.0", []string{"--http1.0", url(lb, 0, "http")}, got("GET", 0, "http", 0) + "\n200 1.1 0"},
		{"row 21: HTTP/2 over TLS, with a certificate that it trusts", []string{"--http2", url(lb, 1, "https")}, got("GET", 1, "https", 0) + "\n200 2 0"},
		{"HTTP/1.1 over TLS", []string{"--http1.1", url(lb, 1, "https")}, got("GET", 1, "https", 0) + "\n200 1.1 0"},
		{"row 43: a redirect to HTTPS is followed", []string{"--location", url(lb, 2, "http")}, got("GET", 1, "https", 0) + "\n200 2 1"},
		{"an upload over HTTP/2", []string{"--http2", "--data-binary", "@" + body, url(lb, 1, "https")}, got("POST", 1, "https", 3<<20) + "\n200 2 0"},
		{"an upload in chunks", []string{"--header", "Transfer-Encoding: chunked", "--header", "Expect:", "--data-binary", "@" + body, url(lb, 0, "http")},
			got("POST", 0, "http", 3<<20) + "\n200 1.1 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := curl(tt.args...)
			require.Zero(t, r.status, r.stderr)
			assert.Equal(t, tt.want, r.stdout)
		})
	}
	t.Run("row 14: Expect is answered at once and the target does not see it", func(t *testing.T) {
		r := curl("--verbose", "--expect100-timeout", "20", "--header", "Expect: 100-continue", "--data-binary", "@"+body, url(lb, 0, "http"))
		require.Zero(t, r.status, r.stderr)
		assert.Contains(t, r.stderr, "< HTTP/1.1 100 Continue")
		assert.Equal(t, got("POST", 0, "http", 3<<20)+"\n200 1.1 0", r.stdout)
	})
	t.Run("row 21: HTTP/2 without TLS is refused", func(t *testing.T) {
		r := curl("--http2-prior-knowledge", url(lb, 0, "http"))
		assert.NotZero(t, r.status)
		assert.NotContains(t, r.stdout, "200")
	})
	t.Run("a certificate of another authority is refused", func(t *testing.T) {
		stranger := start(t, nil)
		r := curl("--cacert", stranger.CA, url(lb, 1, "https"))
		assert.Equal(t, 60, r.status, "curl's status for a certificate that it cannot verify")
	})
}

func TestH2load(t *testing.T) {
	_, lb, _ := shop(t)
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"row 21: HTTP/2 streams in parallel": {[]string{"--clients", "10", "--max-concurrent-streams", "32", "https://" + at(lb, 1) + "/"}, "Application protocol: h2"},
		"HTTP/1.1 over TLS":                  {[]string{"--h1", "--clients", "10", "https://" + at(lb, 1) + "/"}, "Application protocol: http/1.1"},
		"HTTP/1.1":                           {[]string{"--h1", "--clients", "10", "http://" + at(lb, 0) + "/"}, "Application protocol: http/1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := client(t, "h2load", append([]string{"--requests", "3000"}, tt.args...)...)
			require.Zero(t, r.status, r.stderr)
			assert.Contains(t, r.stdout, tt.want)
			assert.Contains(t, r.stdout, "requests: 3000 total, 3000 started, 3000 done, 3000 succeeded, 0 failed, 0 errored, 0 timeout")
			assert.Contains(t, r.stdout, "status codes: 3000 2xx, 0 3xx, 0 4xx, 0 5xx")
		})
	}
}
