// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package echo

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

var backend = Backend{Version: "v1", Pod: "echo-v1-abc", Node: "worker", Zone: "eu-west-1a"}

// serve runs the app on free ports; stop ends it and returns what Serve returned.
func serve(t *testing.T) (httpAddress, grpcAddress string, stop func() error) {
	t.Helper()
	h, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, h, g, backend) }()
	t.Cleanup(cancel)
	return h.Addr().String(), g.Addr().String(), func() error { cancel(); return <-ended }
}

func get(t *testing.T, url string, header http.Header) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	request.Host, request.Header = "shop.example.com", header
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, body
}

func TestHTTP(t *testing.T) {
	address, _, _ := serve(t)

	t.Run("the answer tells the request and the backend", func(t *testing.T) {
		response, body := get(t, "http://"+address+"/a/b?c=d", http.Header{
			"X-Forwarded-Client-Cert": {"URI=spiffe://gateway"}, "X-Forwarded-For": {"192.0.2.1, 192.0.2.2"}})
		assert.Equal(t, http.StatusOK, response.StatusCode)
		var answer Response
		require.NoError(t, json.Unmarshal(body, &answer))
		assert.Equal(t, "GET", answer.Method)
		assert.Equal(t, "/a/b?c=d", answer.Path)
		assert.Equal(t, "shop.example.com", answer.Host)
		assert.Equal(t, "HTTP/1.1", answer.Proto)
		assert.Equal(t, []string{"192.0.2.1, 192.0.2.2"}, answer.Headers["X-Forwarded-For"])
		assert.Equal(t, []ClientCertificate{{URI: "spiffe://gateway"}}, answer.ClientCertificates)
		assert.Equal(t, backend, answer.Backend)
		assert.Contains(t, answer.Remote, "127.0.0.1:")
	})

	for _, test := range []struct {
		name, query, body string
		status            int
	}{
		{"status sets the status", "?status=503", "", 503},
		{"a status out of range is refused", "?status=99", `status="99": want a number from 200 to 599`, 400},
		{"a status that is no number is refused", "?status=ok", `status="ok": want a number from 200 to 599`, 400},
		{"a delay without unit is refused", "?delay=5", `delay="5": want a duration from 0s to 2m0s, like 500ms`, 400},
		{"a delay out of range is refused", "?delay=3m", `delay="3m": want a duration from 0s to 2m0s, like 500ms`, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, body := get(t, "http://"+address+"/"+test.query, nil)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Contains(t, string(body), test.body)
		})
	}

	t.Run("delay delays", func(t *testing.T) {
		start := time.Now()
		response, _ := get(t, "http://"+address+"/?delay=50ms", nil)
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.GreaterOrEqual(t, time.Since(start), 50*time.Millisecond)
	})
}

func TestWebSocket(t *testing.T) {
	address, _, _ := serve(t)
	conn, _, err := websocket.Dial(t.Context(), "ws://"+address+"/ws", nil)
	require.NoError(t, err)
	defer conn.CloseNow()
	require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte("hello")))
	kind, message, err := conn.Read(t.Context())
	require.NoError(t, err)
	assert.Equal(t, websocket.MessageText, kind)
	assert.Equal(t, "hello", string(message))
}

func TestGRPC(t *testing.T) {
	_, address, _ := serve(t)
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()

	t.Run("the answer tells the request and the backend", func(t *testing.T) {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-forwarded-client-cert", "URI=spiffe://gateway")
		var text wrapperspb.StringValue
		require.NoError(t, conn.Invoke(ctx, EchoMethod, wrapperspb.String("hello"), &text))
		var answer Response
		require.NoError(t, json.Unmarshal([]byte(text.Value), &answer))
		assert.Equal(t, EchoMethod, answer.Path)
		assert.Equal(t, address, answer.Host)
		assert.Equal(t, backend, answer.Backend)
		assert.Equal(t, []ClientCertificate{{URI: "spiffe://gateway"}}, answer.ClientCertificates)
	})

	t.Run("the health service says serving", func(t *testing.T) {
		answer, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
		assert.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, answer.Status)
	})
}

func TestServeDrains(t *testing.T) {
	address, _, stop := serve(t)
	conn, _, err := websocket.Dial(t.Context(), "ws://"+address+"/ws", nil)
	require.NoError(t, err)
	defer conn.CloseNow()
	require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte("open")))
	_, _, err = conn.Read(t.Context())
	require.NoError(t, err)

	status := make(chan int, 1)
	go func() {
		response, err := http.Get("http://" + address + "/?delay=300ms")
		if err != nil {
			status <- 0
			return
		}
		response.Body.Close()
		status <- response.StatusCode
	}()
	// What was sent 50 ms ago has arrived: the request above is in flight.
	response, _ := get(t, "http://"+address+"/?delay=50ms", nil)
	require.Equal(t, http.StatusOK, response.StatusCode)

	require.NoError(t, stop())
	assert.Equal(t, http.StatusOK, <-status, "a request in flight is answered")
	_, _, err = conn.Read(t.Context())
	assert.Error(t, err, "a WebSocket ends with the server")
	_, err = net.DialTimeout("tcp", address, time.Second)
	assert.Error(t, err, "new connections are refused")
}
