// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/forwarded"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

const (
	// Limits of row 21: streams at a time, requests of a connection, and bytes of one compressed header.
	maxStreams    = 128
	maxRequests   = 10000
	maxCompressed = 8 << 10
	maxHeader     = 64 << 10 // bytes of all request headers (row 15)
	// maxRefused is up to how many bytes of request headers get AWS's answer; above it the library answers 431.
	maxRefused = 256 << 10
)

// serveHTTP2 serves a client's HTTP/2 connection, which exists over TLS only (row 21).
func (l *Listener) serveHTTP2(leg *idle.Conn, conn net.Conn) {
	cfg := l.config.Load()
	leg.Use(unlimited())
	peer, session := peerOf(leg), cfg.session.fields(conn)
	opened := time.Now()
	var requests atomic.Int64
	server := &http2.Server{MaxConcurrentStreams: maxStreams, IdleTimeout: cfg.idle, WriteByteTimeout: cfg.idle}
	server.ServeConn(conn, &http2.ServeConnOpts{
		BaseConfig: &http.Server{MaxHeaderBytes: maxRefused, ErrorLog: slog.NewLogLogger(l.log.Handler(), slog.LevelDebug)},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !l.begin() {
				panic(http.ErrAbortHandler)
			}
			defer l.wg.Done()
			cfg := l.config.Load()
			req := requestOf(r)
			req.Session = session
			if hasLongHeader(req) || requests.Add(1) >= maxRequests || time.Since(opened) >= cfg.keepAlive {
				w.Header().Set("Connection", "close") // for the library: GOAWAY, and FIN behind the last answer
			}
			began(cfg, req, peer)
			body, out := &meteredBody{Reader: req.Body}, &meteredWriter{ResponseWriter: w}
			if req.Body != nil {
				req.Body = body
			}
			resp := l.handle(r.Context(), cfg, req, peer, idle.NewClock(cfg.idle))
			whole := resp != nil && writeResponse(out, resp, cfg.idle)
			if resp != nil && !whole {
				req.Traffic.Reason = "the response was cut"
			}
			req.Traffic.ReceivedBytes, req.Traffic.SentBytes = body.read.Load(), out.written
			ended(cfg, req, conn)
			if !whole {
				panic(http.ErrAbortHandler) // resets the stream
			}
		}),
	})
}

// hasLongHeader tells whether a header of an HTTP/2 request is longer than an ALB takes, even in its shortest form.
func hasLongHeader(req *message.Request) bool {
	if req.Major != 2 {
		return false
	}
	for _, f := range req.Fields {
		if len(f.Value) > maxCompressed && min(hpack.HuffmanEncodeLength(f.Value), uint64(len(f.Value))) > maxCompressed {
			return true
		}
	}
	return false
}

// hasLongHeaders tells whether all headers of an HTTP/2 request are longer than an ALB takes (row 15). Over HTTP/1 such
// a request is none.
func hasLongHeaders(req *message.Request) bool {
	if req.Major != 2 {
		return false
	}
	n := len(req.Method) + len(req.Target)
	for _, f := range req.Fields {
		n += len(f.Name) + len(f.Value)
	}
	return n > maxHeader
}

// mixedCase are the names that reach an HTTP/1 target in mixed case (row 13); all others are in lower case.
func mixedCase(name string) bool {
	switch name {
	case forwarded.For, forwarded.Proto, forwarded.Port, forwarded.Trace, "Upgrade", "Connection":
		return true
	}
	return false
}

// requestOf turns the library's request into ours.
func requestOf(r *http.Request) *message.Request {
	req := &message.Request{Method: r.Method, Target: r.RequestURI, Major: 2, Length: r.ContentLength,
		Fields: make(message.Fields, 0, len(r.Header)+8)}
	req.Fields.Add("Host", r.Host)
	for name, values := range r.Header {
		if !mixedCase(name) {
			name = strings.ToLower(name)
		}
		for _, v := range values {
			req.Fields.Add(name, v)
		}
	}
	if r.Body != nil && r.Body != http.NoBody && r.ContentLength != 0 {
		req.Body = r.Body
		req.Trailer = func() message.Fields { return fieldsOf(r.Trailer) }
	}
	req.Fields.Del("Content-Length")
	return req
}

// writeResponse writes a response and tells whether it is whole. A client that takes nothing of it for the idle timeout
// does not get the rest (row 31).
func writeResponse(w http.ResponseWriter, resp *message.Response, idle time.Duration) bool {
	header := w.Header()
	header["Content-Type"], header["Date"] = nil, nil // none of the library's own
	for _, f := range resp.Fields {
		name := textproto.CanonicalMIMEHeaderKey(f.Name)
		header[name] = append(header[name], f.Value)
	}
	if resp.Length > 0 {
		header.Set("Content-Length", strconv.FormatInt(resp.Length, 10))
	}
	w.WriteHeader(resp.Status)
	if resp.Body == nil {
		return true
	}
	err := copyBody(w, resp.Body, idle)
	if resp.Trailer != nil {
		for _, f := range resp.Trailer() {
			header.Add(http.TrailerPrefix+textproto.CanonicalMIMEHeaderKey(f.Name), f.Value)
		}
	}
	_ = resp.Body.Close() // errors of reading came before
	return err == nil
}

// copyBody passes on what comes as it comes, as long as the client takes it.
func copyBody(w http.ResponseWriter, body io.Reader, idle time.Duration) error {
	control := http.NewResponseController(w)
	patience := newPatience(control, idle)
	defer patience.end()
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		patience.begin()
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := control.Flush(); err != nil {
			return err
		}
		patience.pause()
	}
}
