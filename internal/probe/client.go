// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"strings"
	"time"

	"github.com/istio-aws/istio-aws/internal/echo"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// requestTimeout bounds one request, so that a silent peer is an observation and not the end of the test.
const requestTimeout = 5 * time.Second

// bodyLimit bounds how much of an answer is read.
const bodyLimit = 1 << 20

// Client sends requests to one address, whatever host the URL names: what a client does that has
// resolved the host to that address. Each request has a connection of its own.
type Client struct {
	address string
	roots   *x509.CertPool
}

// NewClient sends to address, an IP address or name without port. Certificates are verified for the
// URL's host against roots, or the system's when roots is nil.
func NewClient(address string, roots *x509.CertPool) *Client {
	return &Client{address: address, roots: roots}
}

// Observe makes one observation. A failed connection is one too (Response.Err); the error is for
// requests that could never be sent.
type Observe func(context.Context) (*Response, error)

// Response is what came back, or did not.
type Response struct {
	URL     string
	Address string         // of the load balancer or node the request went to
	Local   netip.Addr     // this client's address on that connection
	Err     error          // no answer: refused, reset, timed out, certificate not valid
	Status  int            // HTTP status; 200 for a gRPC or WebSocket echo
	Header  http.Header    // of the answer
	Body    []byte         // at most 1 MiB; the message of a WebSocket echo
	Echo    *echo.Response // the answer of the echo app; nil if something else answered
	TLS     *tls.ConnectionState
	Latency time.Duration
}

// Header is a request header for [Client.Get]. Host replaces the URL's, which the certificate is still
// verified for.
type Header struct{ Name, Value string }

// Get sends GET url, with headers as given: also X-Forwarded-* that a client forges. Redirects are
// answers, not followed.
func (c *Client) Get(url string, headers ...Header) Observe {
	return func(ctx context.Context) (*Response, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		response := &Response{URL: url, Address: c.address}
		request, err := http.NewRequestWithContext(c.trace(ctx, response), http.MethodGet, url, nil)
		if err != nil {
			return nil, wait.Permanent(err)
		}
		for _, h := range headers {
			if strings.EqualFold(h.Name, "Host") {
				request.Host = h.Value
				continue
			}
			request.Header.Add(h.Name, h.Value)
		}
		start := time.Now()
		answer, err := c.http().Do(request)
		if err == nil {
			defer answer.Body.Close()
			response.Status, response.Header, response.TLS = answer.StatusCode, answer.Header, answer.TLS
			response.Body, err = io.ReadAll(io.LimitReader(answer.Body, bodyLimit))
		}
		response.Err, response.Latency = err, time.Since(start)
		response.Echo = parseEcho(response.Header, response.Body)
		return response, nil
	}
}

func (c *Client) http() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext:       c.dial,
			TLSClientConfig:   &tls.Config{RootCAs: c.roots, MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// dial connects to the client's address at the port of the URL.
func (c *Client) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(c.address, port))
}

// trace notes the local address of the connection in response.
func (c *Client) trace(ctx context.Context, response *Response) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if local, err := netip.ParseAddrPort(info.Conn.LocalAddr().String()); err == nil {
			response.Local = local.Addr()
		}
	}})
}

// parseEcho is the echo app's answer, nil for any other.
func parseEcho(header http.Header, body []byte) *echo.Response {
	if !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		return nil
	}
	var answer echo.Response
	if json.Unmarshal(body, &answer) != nil || answer.Method == "" {
		return nil
	}
	return &answer
}

// String is the answer in one line, for messages.
func (r *Response) String() string {
	text := fmt.Sprintf("GET %s at %s", r.URL, r.Address)
	switch {
	case r.Err != nil:
		return fmt.Sprintf("%s: %v", text, r.Err)
	case r.Echo != nil:
		return fmt.Sprintf("%s: %d from %s %s", text, r.Status, r.Echo.Version, r.Echo.Pod)
	default:
		const most = 200
		body := strings.TrimSpace(string(r.Body))
		if len(body) > most {
			body = body[:most] + "…"
		}
		return fmt.Sprintf("%s: %d, server %q, body %q", text, r.Status, r.Header.Get("Server"), body)
	}
}
