// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package probe

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/echo"
)

func observe(t *testing.T, o Observe) *Response {
	t.Helper()
	response, err := o(t.Context())
	require.NoError(t, err)
	return response
}

// port is where an httptest server listens, on 127.0.0.1.
func port(server *httptest.Server) string {
	return server.URL[strings.LastIndexByte(server.URL, ':')+1:]
}

func TestGet(t *testing.T) {
	app := httptest.NewServer(echo.Handler(echo.Backend{Version: "v1", Pod: "echo-v1-abc"}))
	defer app.Close()
	client := NewClient("127.0.0.1", nil)

	t.Run("the request goes to the client's address with the URL's host", func(t *testing.T) {
		r := observe(t, client.Get("http://shop.example.com:"+port(app)+"/a?b=c", Header{"X-Forwarded-For", "198.51.100.7"}))
		require.NoError(t, r.Err)
		assert.Equal(t, 200, r.Status)
		assert.Equal(t, "127.0.0.1", r.Local.String())
		require.NotNil(t, r.Echo)
		assert.Equal(t, "shop.example.com:"+port(app), r.Echo.Host)
		assert.Equal(t, "/a?b=c", r.Echo.Path)
		assert.Equal(t, []string{"198.51.100.7"}, r.Echo.Headers["X-Forwarded-For"])
		assert.Equal(t, "GET http://shop.example.com:"+port(app)+"/a?b=c at 127.0.0.1: 200 from v1 echo-v1-abc", r.String())
	})

	t.Run("a Host header replaces the URL's host", func(t *testing.T) {
		r := observe(t, client.Get("http://shop.example.com:"+port(app)+"/", Header{"Host", "elsewhere.test"}))
		require.NotNil(t, r.Echo)
		assert.Equal(t, "elsewhere.test", r.Echo.Host)
	})

	t.Run("a redirect is an answer", func(t *testing.T) {
		server := httptest.NewServer(http.RedirectHandler("https://shop.example.com:443/", http.StatusMovedPermanently))
		defer server.Close()
		r := observe(t, client.Get("http://shop.example.com:"+port(server)+"/"))
		assert.Equal(t, 301, r.Status)
		assert.Equal(t, "https://shop.example.com:443/", r.Header.Get("Location"))
		assert.Nil(t, r.Echo)
	})

	t.Run("JSON that is not the app's is no echo", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Server", "awselb/2.0")
			w.Write([]byte(`{"error":"` + strings.Repeat("x", 300) + `"}`))
		}))
		defer server.Close()
		r := observe(t, client.Get("http://a:"+port(server)+"/"))
		assert.Nil(t, r.Echo)
		assert.Contains(t, r.String(), `200, server "awselb/2.0", body "{\"error\":\"xxx`)
		assert.Contains(t, r.String(), "…")
	})

	t.Run("a reset connection is an observation", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}()
		_, p, _ := net.SplitHostPort(listener.Addr().String())
		r := observe(t, client.Get("http://a:"+p+"/"))
		assert.ErrorIs(t, r.Err, syscall.ECONNRESET)
		assert.Contains(t, r.String(), "connection reset by peer")
	})

	t.Run("a URL that cannot be sent is an error", func(t *testing.T) {
		_, err := client.Get("http://a b/")(t.Context())
		assert.ErrorContains(t, err, "invalid character")
	})
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(echo.Handler(echo.Backend{}))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())

	t.Run("a certificate is verified for the URL's host", func(t *testing.T) {
		r := observe(t, NewClient("127.0.0.1", roots).Get("https://example.com:"+port(server)+"/"))
		require.NoError(t, r.Err)
		assert.NotNil(t, r.TLS)
		r = observe(t, NewClient("127.0.0.1", roots).Get("https://other.test:"+port(server)+"/"))
		assert.ErrorContains(t, r.Err, "certificate is valid for example.com")
	})

	t.Run("a certificate of another authority is refused", func(t *testing.T) {
		r := observe(t, NewClient("127.0.0.1", nil).Get("https://example.com:"+port(server)+"/"))
		assert.ErrorContains(t, r.Err, "unknown authority")
	})
}

func TestWebSocketAndGRPC(t *testing.T) {
	httpListener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	grpcListener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- echo.Serve(ctx, httpListener, grpcListener, echo.Backend{Version: "v2"}) }()
	defer func() { cancel(); assert.NoError(t, <-ended) }()
	client := NewClient("127.0.0.1", nil)
	at := func(l net.Listener) string {
		_, p, _ := net.SplitHostPort(l.Addr().String())
		return "shop.example.com:" + p
	}

	t.Run("a WebSocket brings the message back", func(t *testing.T) {
		r := observe(t, client.WebSocket("ws://"+at(httpListener)+"/ws", "hello"))
		require.NoError(t, r.Err)
		assert.Equal(t, http.StatusSwitchingProtocols, r.Status)
		assert.Equal(t, "hello", string(r.Body))
	})

	t.Run("a refused upgrade is an observation with its status", func(t *testing.T) {
		r := observe(t, client.WebSocket("ws://"+at(httpListener)+"/?status=403", "hello"))
		assert.ErrorContains(t, r.Err, "expected handshake response status code 101 but got 403")
		assert.Equal(t, 403, r.Status)
	})

	t.Run("gRPC brings the app's answer", func(t *testing.T) {
		r := observe(t, client.GRPC("http://"+at(grpcListener)))
		require.NoError(t, r.Err)
		require.NotNil(t, r.Echo)
		assert.Equal(t, "v2", r.Echo.Version)
		assert.Equal(t, at(grpcListener), r.Echo.Host)
	})

	t.Run("gRPC to a port that speaks something else is an observation", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		defer server.Close()
		r := observe(t, client.GRPC("http://a:"+port(server)))
		assert.ErrorContains(t, r.Err, "Unavailable")
	})
}
