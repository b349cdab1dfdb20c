// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// patience is how long a test waits for what must come. It is never how long something takes.
const patience = 20 * time.Second

// tick is the pause between two looks.
const tick = time.Millisecond

const oneCertificate = "arn:aws:acm:eu-west-1:111122223333:certificate/one"

// group is a target group whose targets are healthy.
func group(t testing.TB, members ...elb.Target) alb.Group {
	t.Helper()
	return groupWith(t, nil, members...)
}

// groupWith is the same with changed settings.
func groupWith(t testing.TB, edit func(*target.Settings), members ...elb.Target) alb.Group {
	t.Helper()
	checks := target.Checks{
		Make: []func(*target.Target) health.Check{func(*target.Target) health.Check {
			return func(context.Context) health.Result { return health.Result{OK: true} }
		}},
		Plan: health.Plan{Interval: time.Hour, Timeout: time.Hour, Thresholds: health.Thresholds{Healthy: 1, Unhealthy: 1}},
	}
	settings := target.Settings{Threshold: target.Threshold{Count: 1}, CrossZone: true, CutGone: true}
	if edit != nil {
		edit(&settings)
	}
	g := target.New(settings, checks, members, 0, func() {})
	t.Cleanup(g.Close)
	return alb.Group{Group: g, Version: "HTTP1"}
}

// member describes the target at an address.
func member(t testing.TB, address string) elb.Target {
	t.Helper()
	a, err := netip.ParseAddrPort(address)
	require.NoError(t, err)
	return elb.Target{ID: a.Addr().String(), Address: a.Addr().String(), Port: int32(a.Port()), Zone: "a"}
}

func forward(groups ...string) []elb.Action {
	a := elb.Action{Type: "forward"}
	for _, g := range groups {
		a.Forward = append(a.Forward, elb.Weighted{TargetGroup: g, Weight: 1})
	}
	return []elb.Action{a}
}

// httpListener is a spec of an HTTP listener on port 80 that forwards everything to a group.
func httpListener(g alb.Group) alb.Spec {
	return alb.Spec{
		Listener:       elb.Listener{Port: 80, Protocol: "HTTP", DefaultActions: forward("tg")},
		Node:           elb.Address{Zone: "a", IP: "127.0.0.1"},
		DNSName:        "lb.example.com",
		Groups:         map[string]alb.Group{"tg": g},
		ConnectTimeout: patience, Second: time.Second, Log: slog.New(slog.DiscardHandler),
	}
}

// httpsListener is the same on port 443 with a certificate for shop.example.com.
func httpsListener(t testing.TB, g alb.Group) alb.Spec {
	t.Helper()
	s := httpListener(g)
	s.Listener.Port, s.Listener.Protocol = 443, "HTTPS"
	s.Listener.SSLPolicy, s.Listener.Certificates = "ELBSecurityPolicy-TLS13-1-2-2021-06", []string{oneCertificate}
	s.Certificates = certificates(t, map[string]string{oneCertificate: "shop.example.com"})
	return s
}

// certificates makes self-signed certificates by ARN and name.
func certificates(t testing.TB, names map[string]string) func(arn, serverName string) (*tls.Certificate, error) {
	t.Helper()
	made := map[string]*tls.Certificate{}
	for arn, name := range names {
		made[arn] = selfSigned(t, name, time.Now().Add(time.Hour))
	}
	return func(arn, _ string) (*tls.Certificate, error) {
		if c := made[arn]; c != nil {
			return c, nil
		}
		return nil, fmt.Errorf("certificate %q does not exist", arn)
	}
}

func selfSigned(t testing.TB, name string, until time.Time) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Unix(0, 0), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// start serves a spec on a loopback port and returns the listener and its address.
func start(t testing.TB, s alb.Spec) (*alb.Listener, string) {
	t.Helper()
	l, err := alb.New(s)
	require.NoError(t, err)
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := socket.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { l.Serve(c) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, socket.Close())
		require.NoError(t, l.Close())
		wg.Wait()
	})
	return l, socket.Addr().String()
}

// serve starts an HTTP target and returns its address.
func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// script starts a target that speaks raw bytes: talk gets each connection.
func script(t testing.TB, talk func(net.Conn)) string {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for {
			c, err := socket.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			wg.Go(func() { talk(c) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, socket.Close())
		mu.Lock()
		for _, c := range open {
			_ = c.Close() // most are closed already
		}
		mu.Unlock()
		wg.Wait()
	})
	return socket.Addr().String()
}

// readHead reads a message head with the empty line.
func readHead(r io.Reader) string {
	var out strings.Builder
	one := make([]byte, 1)
	for !strings.HasSuffix(out.String(), "\r\n\r\n") {
		if _, err := r.Read(one); err != nil {
			break
		}
		out.Write(one)
	}
	return out.String()
}

// recorder is a target that answers 200 and keeps the head of each request as it was on the wire.
func recorder(t testing.TB) (address string, heads <-chan string) {
	t.Helper()
	ch := make(chan string, 100)
	return script(t, func(c net.Conn) {
		for {
			head := readHead(c)
			if !strings.HasSuffix(head, "\r\n\r\n") {
				return
			}
			ch <- head
			if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); err != nil {
				return
			}
		}
	}), ch
}

// dial connects to a listener.
func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// exchange sends raw bytes on a new connection and reads one response with its body.
func exchange(t testing.TB, address, request string) (*http.Response, string) {
	t.Helper()
	c := dial(t, address)
	_, err := io.WriteString(c, request)
	require.NoError(t, err)
	return response(t, bufio.NewReader(c))
}

func response(t testing.TB, r *bufio.Reader) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

// next takes what a target has seen.
func next[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case x := <-ch:
		return x
	case <-time.After(patience):
		require.Fail(t, "the target has seen nothing")
		panic("unreachable")
	}
}

// fields returns the lines of a head with that name, as they were on the wire.
func fields(head, name string) []string {
	var out []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if before, value, ok := strings.Cut(line, ": "); ok && strings.EqualFold(before, name) {
			out = append(out, value)
		}
	}
	return out
}

// client is an HTTP client that trusts any certificate and connects to address, whatever the URL says.
func client(t testing.TB, address string, http2 bool) *http.Client {
	t.Helper()
	tr := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: http2,
	}
	if !http2 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
