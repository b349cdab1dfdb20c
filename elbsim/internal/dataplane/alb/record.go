// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/forwarded"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/tlscert"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// began starts the record of a request.
func began(cfg *config, req *message.Request, peer netip.AddrPort) {
	e := &req.Traffic
	e.Start, e.Client, e.Rule, e.Log = time.Now(), netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port()), cfg.traffic, cfg.accessLog
}

// ended counts a request. conn is the client's.
func ended(cfg *config, req *message.Request, conn net.Conn) {
	e := &req.Traffic
	if e.Wanted() {
		describe(cfg, req, conn)
	}
	e.Done()
}

// describe fills in what failures and access logs tell of a request.
func describe(cfg *config, req *message.Request, conn net.Conn) {
	r := &req.Traffic.Request
	r.Method, r.Scheme, r.Host = req.Method, "http", req.Fields.Get("Host")
	if r.Path == "" { // no transform has kept it
		r.Path = req.Target
	}
	r.Version = fmt.Sprintf("HTTP/%d.%d", req.Major, req.Minor)
	r.UserAgent, r.Trace = req.Fields.Get("User-Agent"), req.Fields.Get(forwarded.Trace)
	if cfg.tls != nil {
		r.Scheme = "https"
	}
	if m, ok := conn.(*meter); ok {
		conn = m.Conn
	}
	if secure, ok := conn.(*tls.Conn); ok {
		state := secure.ConnectionState()
		r.TLSCipher, r.TLSProtocol, r.ServerName = tlscert.CipherName(state.CipherSuite), tlscert.VersionName(state.Version), state.ServerName
	}
}

// planned notes in the record what a rule does with the request.
func planned(e *traffic.Exchange, act action, resp *message.Response) {
	switch {
	case act.redirect != nil:
		e.Request.Actions, e.Request.Redirect = "redirect", resp.Fields.Get("Location")
	case act.fixed != nil:
		e.Request.Actions = "fixed-response"
		e.Reason = fixedReason(act.fixed)
	default:
		e.Request.Actions = "forward"
	}
}

// fixedReason: a fixed 5xx is how the controller stands for a Service that is missing.
func fixedReason(f *elb.FixedResponse) string {
	if f.StatusCode < http.StatusInternalServerError {
		return ""
	}
	return fmt.Sprintf("the rule's fixed-response action: %q", f.Body)
}

// meter is a client's connection that counts its bytes, without TLS.
type meter struct {
	net.Conn
	read, written atomic.Int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.read.Add(int64(n))
	return n, err
}

func (m *meter) Write(p []byte) (int, error) {
	n, err := m.Conn.Write(p)
	m.written.Add(int64(n))
	return n, err
}

func (m *meter) CloseWrite() error {
	if half, ok := m.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// meteredBody counts the bytes of a request's body over HTTP/2, whose heads are compressed and not counted.
type meteredBody struct {
	io.Reader
	read atomic.Int64
}

func (m *meteredBody) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	m.read.Add(int64(n))
	return n, err
}

// meteredWriter counts the bytes of a response's body over HTTP/2.
type meteredWriter struct {
	http.ResponseWriter
	written int64
}

func (m *meteredWriter) Write(p []byte) (int, error) {
	n, err := m.ResponseWriter.Write(p)
	m.written += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find what the writer can do.
func (m *meteredWriter) Unwrap() http.ResponseWriter { return m.ResponseWriter }
