// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package health

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/net/http2"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// userAgent is what both kinds of load balancer call themselves (row 47).
const userAgent = "ELB-HealthChecker/2.0"

// Application is the check of an Application Load Balancer.
type Application struct {
	Source  netip.Addr     // of the load balancer
	Target  netip.AddrPort // with the health check's port
	TLS     bool
	Version string // HTTP1 HTTP2 GRPC
	Path    string
	Matcher Matcher
}

// Check asks with a new connection, as every check of AWS does (row 47).
func (a Application) Check(ctx context.Context) Result {
	code, err := a.ask(ctx)
	switch {
	case err != nil:
		return Unreachable(elb.Application, err)
	case !a.Matcher.Match(code):
		return Result{Reason: reasonMismatch, Description: fmt.Sprintf("Health checks failed with these codes: [%d]", code)}
	}
	return Result{OK: true}
}

// Unreachable is the result of a check that got no answer. Only Application Load Balancers tell a timeout apart
// (API TargetHealth: Target.Timeout).
func Unreachable(kind elb.Type, err error) Result {
	if kind == elb.Application && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)) {
		return Result{Reason: reasonTimeout, Description: "Request timed out"}
	}
	return Result{Reason: reasonFailed, Description: "Health checks failed"}
}

func (a Application) ask(ctx context.Context) (code int, err error) {
	scheme := "http"
	if a.TLS {
		scheme = "https"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+a.Target.String()+a.Path, nil)
	if err != nil {
		return 0, err
	}
	if a.Version == "GRPC" {
		const emptyMessage = "\x00\x00\x00\x00\x00" // uncompressed, of length 0
		req.Method, req.Body = http.MethodPost, io.NopCloser(strings.NewReader(emptyMessage))
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("Te", "trailers")
	}
	req.Header.Set("User-Agent", userAgent)
	transport, done := a.transport()
	defer done()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if a.Version != "GRPC" {
		return resp.StatusCode, nil
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0, err
	}
	return grpcStatus(resp)
}

// transport makes a connection for one request; done closes it.
func (a Application) transport() (rt http.RoundTripper, done func()) {
	d := dial.From(a.Source, a.Target.Addr(), 0)
	config := &tls.Config{InsecureSkipVerify: true} // row 27: AWS never validates the certificate of a target
	if a.Version == "" || a.Version == "HTTP1" {
		t := &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true, DisableCompression: true, TLSClientConfig: config}
		return t, t.CloseIdleConnections
	}
	config.NextProtos = []string{"h2"}
	t := &http2.Transport{AllowHTTP: true, DisableCompression: true, IdleConnTimeout: time.Nanosecond,
		DialTLSContext: func(ctx context.Context, network, addr string, _ *tls.Config) (net.Conn, error) {
			if a.TLS {
				return (&tls.Dialer{NetDialer: d, Config: config}).DialContext(ctx, network, addr)
			}
			return d.DialContext(ctx, network, addr)
		}}
	return t, t.CloseIdleConnections
}

func grpcStatus(resp *http.Response) (int, error) {
	text := resp.Trailer.Get("Grpc-Status")
	if text == "" {
		text = resp.Header.Get("Grpc-Status")
	}
	var code int
	if _, err := fmt.Sscanf(text, "%d", &code); err != nil {
		return 0, fmt.Errorf("grpc-status %q: %w", text, err)
	}
	return code, nil
}
