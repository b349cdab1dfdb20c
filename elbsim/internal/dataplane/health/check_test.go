// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package health_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func matcher(t *testing.T, text string) health.Matcher {
	t.Helper()
	m, err := health.ParseMatcher(text)
	require.NoError(t, err)
	return m
}

// target starts an HTTP target of a kind.
func target(t *testing.T, h http.HandlerFunc, start func(*httptest.Server)) netip.AddrPort {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	start(s)
	t.Cleanup(s.Close)
	return s.Listener.Addr().(*net.TCPAddr).AddrPort()
}

func plain2(s *httptest.Server) {
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
}

func secure2(s *httptest.Server) {
	s.EnableHTTP2 = true
	s.StartTLS()
}

func grpcStatus(code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/AWS.ALB/healthcheck" || r.Header.Get("Content-Type") != "application/grpc" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set(http.TrailerPrefix+"Grpc-Status", code)
	}
}

func TestApplicationChecksInTheProtocolOfTheGroup(t *testing.T) {
	ok := func(major int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != major {
				w.WriteHeader(http.StatusHTTPVersionNotSupported)
			}
		}
	}
	tests := []struct {
		name  string
		check health.Application
		want  health.Result
	}{
		{"HTTP1", health.Application{Target: target(t, ok(1), (*httptest.Server).Start), Matcher: matcher(t, "200")}, health.Result{OK: true}},
		{"row 27: HTTPS with any certificate", health.Application{Target: target(t, ok(1), (*httptest.Server).StartTLS), TLS: true, Matcher: matcher(t, "200")}, health.Result{OK: true}},
		{"HTTP2", health.Application{Target: target(t, ok(2), plain2), Version: "HTTP2", Matcher: matcher(t, "200")}, health.Result{OK: true}},
		{"HTTP2 over TLS", health.Application{Target: target(t, ok(2), secure2), TLS: true, Version: "HTTP2", Matcher: matcher(t, "200")}, health.Result{OK: true}},
		{"row 49: GRPC, status 12", health.Application{Target: target(t, grpcStatus("12"), plain2), Version: "GRPC", Path: "/AWS.ALB/healthcheck", Matcher: matcher(t, "12")}, health.Result{OK: true}},
		{"row 49: GRPC, another status", health.Application{Target: target(t, grpcStatus("5"), plain2), Version: "GRPC", Path: "/AWS.ALB/healthcheck", Matcher: matcher(t, "12")},
			health.Result{Reason: "Target.ResponseCodeMismatch", Description: "Health checks failed with these codes: [5]"}},
		{"GRPC at a target without it", health.Application{Target: target(t, ok(2), plain2), Version: "GRPC", Matcher: matcher(t, "12")},
			health.Result{Reason: "Target.FailedHealthChecks", Description: "Health checks failed"}},
		{"a redirect is not followed", health.Application{Target: target(t, http.RedirectHandler("/", http.StatusFound).ServeHTTP, (*httptest.Server).Start), Matcher: matcher(t, "200")},
			health.Result{Reason: "Target.ResponseCodeMismatch", Description: "Health checks failed with these codes: [302]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			assert.Equal(t, tt.want, tt.check.Check(ctx))
		})
	}
}

func TestRow64NetworkChecksCarryAProxyHeader(t *testing.T) {
	for _, protocol := range []string{"TCP", "HTTP"} {
		t.Run(protocol, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, l.Close()) })
			first := make(chan string, 1)
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				line, _ := bufio.NewReader(c).ReadString('\n')                           // compared below
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") // compared below
				_ = c.Close()
				first <- line
			}()
			n := health.Network{Target: l.Addr().(*net.TCPAddr).AddrPort(), Protocol: protocol, Path: "/", Host: "192.0.2.1:80", Matcher: matcher(t, "200"),
				Preamble: func(own netip.AddrPort) ([]byte, error) { return []byte("PROXY " + own.Addr().String() + "\n"), nil }}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			assert.Equal(t, health.Result{OK: true}, n.Check(ctx))
			assert.Equal(t, "PROXY 127.0.0.1\n", <-first)
		})
	}
}

func TestRow67NetworkChecks(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	failed := health.Result{Reason: "Target.FailedHealthChecks", Description: "Health checks failed"}
	tests := []struct {
		name  string
		check health.Network
		limit time.Duration
		want  health.Result
	}{
		{"HTTP, a code of the matcher", health.Network{Target: target(t, status(302), (*httptest.Server).Start), Protocol: "HTTP", Matcher: matcher(t, "200-399")}, 20 * time.Second, health.Result{OK: true}},
		{"HTTP, another code", health.Network{Target: target(t, status(404), (*httptest.Server).Start), Protocol: "HTTP", Matcher: matcher(t, "200-399")}, 20 * time.Second, failed},
		{"HTTPS with any certificate", health.Network{Target: target(t, status(200), (*httptest.Server).StartTLS), Protocol: "HTTPS", Matcher: matcher(t, "200")}, 20 * time.Second, health.Result{OK: true}},
		{"HTTP, no answer in time", health.Network{Target: target(t, hang, (*httptest.Server).Start), Protocol: "HTTP", Matcher: matcher(t, "200")}, 100 * time.Millisecond, failed},
		{"HTTPS of a target with TLS 1.3 alone", health.Network{Target: target(t, status(200), func(s *httptest.Server) {
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
			s.StartTLS()
		}), Protocol: "HTTPS", Matcher: matcher(t, "200")}, 20 * time.Second, failed},
		{"TCP, nobody listens", health.Network{Target: netip.MustParseAddrPort("127.0.0.1:1"), Protocol: "TCP"}, 20 * time.Second, failed},
	}
	for _, tt := range tests {
		t.Run("row 67: "+tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), tt.limit)
			defer cancel()
			tt.check.Host, tt.check.Path = "192.0.2.1:80", "/"
			assert.Equal(t, tt.want, tt.check.Check(ctx))
		})
	}
}

func TestRow50OnlyALBsTellTimeoutsApart(t *testing.T) {
	assert.Equal(t, "Target.Timeout", health.Unreachable(elb.Application, context.DeadlineExceeded).Reason)
	assert.Equal(t, "Target.FailedHealthChecks", health.Unreachable(elb.Application, syscall.ECONNREFUSED).Reason)
	assert.Equal(t, "Target.FailedHealthChecks", health.Unreachable(elb.Network, context.DeadlineExceeded).Reason)
}

func TestRow67NetworkChecksNameTheLoadBalancerAsHost(t *testing.T) {
	seen := make(chan *http.Request, 1)
	n := health.Network{Target: target(t, func(_ http.ResponseWriter, r *http.Request) { seen <- r }, (*httptest.Server).Start),
		Protocol: "HTTP", Path: "/ready", Host: "192.0.2.1:80", Matcher: matcher(t, "200-399")}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	require.Equal(t, health.Result{OK: true}, n.Check(ctx))
	r := <-seen
	assert.Equal(t, "192.0.2.1:80", r.Host, "row 67: address of the node and port of the listener")
	assert.Equal(t, "ELB-HealthChecker/2.0", r.UserAgent())
	assert.Equal(t, "GET /ready", r.Method+" "+r.URL.Path)
}
