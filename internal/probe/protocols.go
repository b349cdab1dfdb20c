// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package probe

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/istio-aws/istio-aws/internal/echo"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// WebSocket opens a WebSocket at a ws:// or wss:// URL, sends message and observes what comes back.
func (c *Client) WebSocket(url, message string) Observe {
	return func(ctx context.Context) (*Response, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		response := &Response{URL: url, Address: c.address}
		start := time.Now()
		conn, answer, err := websocket.Dial(c.trace(ctx, response), url, &websocket.DialOptions{HTTPClient: c.http()})
		if answer != nil {
			response.Status, response.Header = answer.StatusCode, answer.Header
		}
		if err == nil {
			defer conn.CloseNow()
			response.Body, err = exchange(ctx, conn, message)
		}
		response.Err, response.Latency = err, time.Since(start)
		return response, nil
	}
}

func exchange(ctx context.Context, conn *websocket.Conn, message string) ([]byte, error) {
	if err := conn.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
		return nil, err
	}
	_, answer, err := conn.Read(ctx)
	if err != nil {
		return nil, err
	}
	return answer, conn.Close(websocket.StatusNormalClosure, "")
}

// GRPC calls the echo app's gRPC service at an http:// (cleartext HTTP/2) or https:// URL with a port.
func (c *Client) GRPC(target string) Observe {
	return func(ctx context.Context) (*Response, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		at, err := url.Parse(target)
		if err != nil {
			return nil, wait.Permanent(err)
		}
		transport := insecure.NewCredentials()
		if at.Scheme == "https" {
			transport = credentials.NewTLS(&tls.Config{RootCAs: c.roots, MinVersion: tls.VersionTLS12})
		}
		conn, err := grpc.NewClient("passthrough:///"+at.Host,
			grpc.WithTransportCredentials(transport),
			grpc.WithContextDialer(func(ctx context.Context, hostPort string) (net.Conn, error) { return c.dial(ctx, "tcp", hostPort) }))
		if err != nil {
			return nil, wait.Permanent(fmt.Errorf("gRPC at %s: %w", target, err))
		}
		defer conn.Close()

		response := &Response{URL: target + echo.EchoMethod, Address: c.address}
		start := time.Now()
		var text wrapperspb.StringValue
		if err = conn.Invoke(ctx, echo.EchoMethod, wrapperspb.String("hello"), &text); err == nil {
			response.Status, response.Body, response.Echo = http.StatusOK, []byte(text.Value), new(echo.Response)
			err = json.Unmarshal(response.Body, response.Echo)
		}
		response.Err, response.Latency = err, time.Since(start)
		return response, nil
	}
}
