// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// plaintext2 starts a target that speaks HTTP/2 without TLS.
func plaintext2(t *testing.T, h http.HandlerFunc, watch ...func(net.Conn, http.ConnState)) elb.Target {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	for _, w := range watch {
		s.Config.ConnState = w
	}
	s.Start()
	t.Cleanup(s.Close)
	return member(t, s.Listener.Addr().String())
}

func TestRow23VersionMatrix(t *testing.T) {
	one := func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.ProtoMajor) } // the client asserts
	http1 := group(t, member(t, serve(t, one)))
	http2, grpc := group(t, plaintext2(t, one)), group(t, plaintext2(t, one))
	http2.Version, grpc.Version = "HTTP2", "GRPC"
	const plain, call = "text/plain", "application/grpc"
	tests := []struct {
		name         string
		http2        bool
		method       string
		contentType  string
		group        alb.Group
		status       int
		targetsMajor string
	}{
		{"row 23: HTTP/1.1 to HTTP1", false, "POST", plain, http1, 200, "1"},
		{"row 23: HTTP/2 to HTTP1", true, "POST", plain, http1, 200, "1"},
		{"row 23: gRPC to HTTP1 is 464", true, "POST", call, http1, 464, ""},
		{"row 23: HTTP/1.1 to HTTP2 is 464", false, "POST", plain, http2, 464, ""},
		{"row 23: HTTP/2 to HTTP2", true, "GET", plain, http2, 200, "2"},
		{"row 23: gRPC to HTTP2", true, "POST", call, http2, 200, "2"},
		{"row 23: HTTP/1.1 to GRPC is 464", false, "POST", plain, grpc, 464, ""},
		{"row 23: HTTP/2 other than POST to GRPC is 464", true, "GET", plain, grpc, 464, ""},
		{"row 23: HTTP/2 POST to GRPC", true, "POST", plain, grpc, 200, "2"},
		{"row 23: gRPC to GRPC", true, "POST", call, grpc, 200, "2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, lb := start(t, httpsListener(t, tt.group))
			req, err := http.NewRequest(tt.method, "https://shop.example.com/", strings.NewReader("hi"))
			require.NoError(t, err)
			req.Header.Set("Content-Type", tt.contentType)
			resp, err := client(t, lb, tt.http2).Do(req)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, tt.status, resp.StatusCode)
			if tt.status == http.StatusOK {
				assert.Equal(t, tt.targetsMajor, string(body))
			}
		})
	}
}

func TestRow24HTTP2GroupOnHTTPListenerIs464(t *testing.T) {
	t.Parallel()
	g := group(t, plaintext2(t, func(http.ResponseWriter, *http.Request) {}))
	g.Version = "HTTP2"
	_, lb := start(t, httpListener(g))
	resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, 464, resp.StatusCode)
}

func TestRow23TrailersReachTheClient(t *testing.T) {
	t.Parallel()
	g := group(t, plaintext2(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body) // the client asserts
		w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
	}))
	g.Version = "GRPC"
	_, lb := start(t, httpsListener(t, g))
	resp, err := client(t, lb, true).Post("https://shop.example.com/", "application/grpc", strings.NewReader("message"))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, "message", string(body))
	assert.Equal(t, "0", resp.Trailer.Get("Grpc-Status"))
	assert.Empty(t, resp.Header.Values("Date")[1:], "no header of the library's own beside the target's")
}

func TestRow21HTTP2OnHTTPSOnly(t *testing.T) {
	t.Parallel()
	address, _ := recorder(t)
	s := httpsListener(t, group(t, member(t, address)))
	negotiated := func(lb string) string {
		c, err := tls.Dial("tcp", lb, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
		require.NoError(t, err)
		defer func() { require.NoError(t, c.Close()) }()
		return c.ConnectionState().NegotiatedProtocol
	}
	_, lb := start(t, s)
	assert.Equal(t, "h2", negotiated(lb))
	s.Attributes = map[string]string{"routing.http2.enabled": "false"}
	_, lb = start(t, s)
	assert.Equal(t, "http/1.1", negotiated(lb))
}

func TestRow22ClientsShareTargetConnections(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	address := script(t, func(c net.Conn) {
		connections.Add(1)
		for readHead(c) != "" {
			if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); err != nil {
				return
			}
		}
	})
	_, lb := start(t, httpListener(group(t, member(t, address))))
	require.Zero(t, connections.Load(), "connections are not opened before they are needed")
	for range 5 {
		exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	assert.Equal(t, int64(1), connections.Load())
}

func TestRow22ConnectionThatTheTargetClosedIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 10)
	address := script(t, func(c net.Conn) {
		answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(c)
		_ = c.Close() // without having said so
		closed <- struct{}{}
	})
	_, lb := start(t, httpListener(group(t, member(t, address))))
	for range 5 {
		resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		require.Equal(t, http.StatusOK, resp.StatusCode)
		next(t, closed)
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	_, lb := start(t, httpListener(group(t, member(t, address))))
	c := dial(t, lb)
	_, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\noneGET / HTTP/1.1\r\nHost: a\r\n\r\n"+
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n")
	require.NoError(t, err)
	r := bufio.NewReader(c)
	for _, want := range []string{"one", "", "three"} {
		_, body := response(t, r)
		assert.Equal(t, want, body)
	}
}

func TestUploadsKeepBothConnections(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	address := script(t, func(c net.Conn) {
		connections.Add(1)
		for readHead(c) != "" {
			if _, err := io.ReadFull(c, make([]byte, 8)); err != nil {
				return
			}
			if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); err != nil {
				return
			}
		}
	})
	_, lb := start(t, httpListener(group(t, member(t, address))))
	c := dial(t, lb)
	r := bufio.NewReader(c)
	for range 200 {
		for _, part := range []string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n", "half", "half"} {
			_, err := io.WriteString(c, part)
			require.NoError(t, err)
		}
		resp, _ := response(t, r)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, "keep-alive", resp.Header.Get("Connection"))
	}
	assert.Equal(t, int64(1), connections.Load())
}

func TestHTTP10ClientGetsAnEndInsteadOfChunks(t *testing.T) {
	t.Parallel()
	address := script(t, answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
	_, lb := start(t, httpListener(group(t, member(t, address))))
	c := dial(t, lb)
	_, err := io.WriteString(c, "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
	require.NoError(t, err)
	all, err := io.ReadAll(c)
	require.NoError(t, err)
	assert.Contains(t, string(all), "\r\n\r\nhello")
	assert.NotContains(t, string(all), "chunked")
}

func TestEarlyAnswerToALongUploadArrives(t *testing.T) {
	t.Parallel()
	address := script(t, func(c net.Conn) {
		answering("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")(c)
	})
	_, lb := start(t, httpListener(group(t, member(t, address))))
	c := dial(t, lb)
	_, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nfirst part")
	require.NoError(t, err)
	resp, body := response(t, bufio.NewReader(c))
	assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	assert.Equal(t, "big", body)
}

func TestRow25WebSocket(t *testing.T) {
	t.Parallel()
	upgrade := func(c net.Conn) {
		head := readHead(c)
		if len(fields(head, "Upgrade")) != 1 || fields(head, "Connection")[0] != "Upgrade" {
			answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")(c)
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello") // the client asserts
		_, _ = io.Copy(c, c)
		_ = c.Close()
	}
	s := httpListener(group(t, member(t, script(t, upgrade))))
	_, lb := start(t, s)
	const request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
	c := dial(t, lb)
	_, err := io.WriteString(c, request)
	require.NoError(t, err)
	head := readHead(c)
	assert.True(t, strings.HasPrefix(head, "HTTP/1.1 101 "), head)
	assert.Equal(t, []string{"websocket"}, fields(head, "Upgrade"))
	b := make([]byte, 9)
	_, err = io.WriteString(c, "ping")
	require.NoError(t, err)
	_, err = io.ReadFull(c, b)
	require.NoError(t, err)
	assert.Equal(t, "helloping", string(b))

	s.Second = time.Millisecond
	_, lb = start(t, s)
	c = dial(t, lb)
	_, err = io.WriteString(c, request)
	require.NoError(t, err)
	readHead(c)
	_, err = io.Copy(io.Discard, c)
	assert.NoError(t, err, "silence for longer than the idle time-out closes it")
}

func TestUnaskedSwitchOfProtocolsIs502(t *testing.T) {
	t.Parallel()
	address := script(t, answering("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: surprise\r\n\r\n"))
	_, lb := start(t, httpsListener(t, group(t, member(t, address))))
	for _, http2 := range []bool{false, true} {
		resp, err := client(t, lb, http2).Get("https://shop.example.com/")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, http.StatusBadGateway, resp.StatusCode)
	}
}

func TestRow40HTTP2GroupGetsPathAndQueryAsSent(t *testing.T) {
	t.Parallel()
	targets := make(chan string, 1)
	g := group(t, plaintext2(t, func(_ http.ResponseWriter, r *http.Request) { targets <- r.RequestURI }))
	g.Version = "HTTP2"
	_, lb := start(t, httpsListener(t, g))
	for _, want := range []string{"/img/a%2Fb?x=1&y=%20", "//double/a%2Fb?q", "/?"} {
		resp, err := client(t, lb, true).Get("https://shop.example.com" + want)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Equal(t, want, next(t, targets))
	}
}
