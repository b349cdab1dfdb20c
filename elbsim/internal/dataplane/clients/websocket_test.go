// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build clients

package clients

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// TestRow25WebSocket lets a client and a server of one foreign library talk through an ALB.
func TestRow25WebSocket(t *testing.T) {
	l := start(t, map[string]string{shopARN: "shop.example.com"})
	const limit = 4 << 20
	target := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			return // a health check
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"echo"}, CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			return // the client sees it
		}
		c.SetReadLimit(limit)
		for {
			kind, message, err := c.Read(r.Context())
			if err != nil {
				return // the client has closed
			}
			if string(message) == "bye" {
				_ = c.Close(4001, "as you wish") // the client asserts
				return
			}
			if c.Write(r.Context(), kind, message) != nil {
				return
			}
		}
	})
	lb := loadBalancer(elb.Application, httpGroup(t, "HTTP1", target),
		elb.Listener{Protocol: "HTTP", DefaultActions: forward()},
		elb.Listener{Protocol: "HTTPS", Certificates: []string{shopARN}, SSLPolicy: tls12, DefaultActions: forward()})
	for i := range lb.Listeners {
		lb.Listeners[i].Port = freePort(t, lb.Addresses[0].IP)
	}
	l.apply(t, lb)
	l.healthy(t, lb)
	for name, url := range map[string]string{"ws": "ws://" + at(lb, 0), "wss": "wss://" + at(lb, 1)} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c, resp, err := websocket.Dial(ctx, url+"/chat", &websocket.DialOptions{HTTPClient: l.client("shop.example.com"),
				Subprotocols: []string{"echo"}, CompressionMode: websocket.CompressionContextTakeover})
			require.NoError(t, err)
			defer func() { _ = c.CloseNow() }() // closed by the test if all goes well
			assert.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
			assert.Equal(t, "echo", c.Subprotocol())
			c.SetReadLimit(limit)
			for _, message := range []string{"hello", "", strings.Repeat("long ", 1<<19)} {
				require.NoError(t, c.Write(ctx, websocket.MessageText, []byte(message)))
				kind, got, err := c.Read(ctx)
				require.NoError(t, err)
				assert.Equal(t, websocket.MessageText, kind)
				assert.True(t, bytes.Equal([]byte(message), got), "%d bytes come back as they went", len(message))
			}
			require.NoError(t, c.Write(ctx, websocket.MessageText, []byte("bye")))
			_, _, err = c.Read(ctx)
			var closed websocket.CloseError
			require.ErrorAs(t, err, &closed)
			assert.Equal(t, websocket.CloseError{Code: 4001, Reason: "as you wish"}, closed)
		})
	}
}
