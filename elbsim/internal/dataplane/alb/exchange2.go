// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

// unlimited is the clock of a connection whose streams have clocks of their own.
func unlimited() *idle.Clock { return idle.NewClock(100 * 365 * 24 * time.Hour) }

// maxResponseHeader limits the headers of a response over HTTP/2, in bytes (row 15).
const maxResponseHeader = 32 << 10

func newTransport(b *backend) *http2.Transport {
	return &http2.Transport{
		AllowHTTP: true, DisableCompression: true, MaxHeaderListSize: maxResponseHeader,
		IdleConnTimeout: b.listener.config.Load().idle, // row 31
		DialTLSContext: func(ctx context.Context, _, _ string, _ *tls.Config) (net.Conn, error) {
			_, conn, err := b.dial(ctx, unlimited())
			return conn, err
		},
	}
}

// roundTrip2 sends a request over HTTP/2 and returns the head of the response with its body to read.
func (b *backend) roundTrip2(ctx context.Context, req *message.Request, clock *idle.Clock) (*message.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := watch(clock, func() { cancel(idle.ErrTimeout) })
	var upload *stream
	if req.Body != nil {
		upload = &stream{body: io.NopCloser(req.Body), clock: clock, done: func() {}}
	}
	out, err := b.h2.RoundTrip(b.request2(ctx, req, upload))
	if err != nil {
		stop()
		if errors.Is(context.Cause(ctx), idle.ErrTimeout) {
			err = idle.ErrTimeout
			if upload != nil && !upload.ended.Load() {
				err = errClientSilent
			}
		}
		cancel(nil)
		return nil, err
	}
	clock.Touch()
	resp := &message.Response{Status: out.StatusCode, Length: out.ContentLength, Fields: fieldsOf(out.Header)}
	resp.Fields.Del("Content-Length")
	if out.Body == http.NoBody {
		resp.Length = max(resp.Length, 0)
	}
	resp.Trailer = func() message.Fields { return fieldsOf(out.Trailer) }
	resp.Body = &stream{body: out.Body, clock: clock, done: func() { stop(); cancel(nil) }}
	return resp, nil
}

// request2 makes the request of the library. Path and query go out as they came in.
func (b *backend) request2(ctx context.Context, req *message.Request, upload *stream) *http.Request {
	u := &url.URL{Scheme: "http", Host: b.target.Addr.String(), Opaque: req.Path(), RawQuery: req.Query(),
		ForceQuery: strings.HasSuffix(req.Target, "?")}
	if strings.HasPrefix(u.Opaque, "//") { // would be taken for an authority
		if path, err := url.PathUnescape(u.Opaque); err == nil {
			u.Opaque, u.Path, u.RawPath = "", path, u.Opaque
		}
	}
	if b.secure {
		u.Scheme = "https"
	}
	header := http.Header{"User-Agent": nil} // none of the library's own
	for _, f := range req.Fields {
		if name := http.CanonicalHeaderKey(f.Name); name != "Host" {
			header[name] = append(header[name], f.Value)
		}
	}
	out := &http.Request{Method: req.Method, URL: u, Host: req.Fields.Get("Host"), Header: header, ContentLength: req.Length}
	if upload != nil {
		out.Body = upload
	}
	return out.WithContext(ctx)
}

// stream touches the exchange's clock whenever data comes.
type stream struct {
	body  io.ReadCloser
	clock *idle.Clock
	done  func()
	ended atomic.Bool
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if err == io.EOF {
		s.ended.Store(true)
	}
	if n > 0 {
		s.clock.Touch()
	}
	return n, err
}

func (s *stream) Close() error {
	err := s.body.Close()
	s.done()
	return err
}

// watch calls expired once when the clock has run out, unless stopped before.
func watch(clock *idle.Clock, expired func()) (stop func()) {
	done := make(chan struct{})
	timer := time.NewTimer(clock.Left())
	go func() {
		defer timer.Stop()
		for {
			select {
			case <-done:
				return
			case <-timer.C:
			}
			left := clock.Left()
			if left <= 0 {
				expired()
				return
			}
			timer.Reset(left)
		}
	}()
	return func() { close(done) }
}

// fieldsOf turns the library's header into fields, in lower case as HTTP/2 sends them.
func fieldsOf(header http.Header) message.Fields {
	var out message.Fields
	for name, values := range header {
		for _, v := range values {
			out.Add(strings.ToLower(name), v)
		}
	}
	return out
}
