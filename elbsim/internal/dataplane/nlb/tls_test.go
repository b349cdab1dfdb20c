// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb_test

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func dialTLS(t *testing.T, address string, config *tls.Config) *tls.Conn {
	t.Helper()
	config.InsecureSkipVerify = true
	c, err := tls.Dial("tcp", address, config)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRow66ALPN(t *testing.T) {
	address, _ := echo(t, "1")
	g := group(t, new(switchboard), nil, member(t, address, "a"))
	tests := []struct {
		name, policy string
		offer        []string
		want         string
	}{
		{"row 66: without a policy there is no ALPN", "", []string{"h2", "http/1.1"}, ""},
		{"row 66: None is no ALPN", "None", []string{"h2"}, ""},
		{"row 66: HTTP1Only", "HTTP1Only", []string{"h2", "http/1.1"}, "http/1.1"},
		{"row 66: HTTP2Only", "HTTP2Only", []string{"http/1.1", "h2"}, "h2"},
		{"row 66: HTTP2Optional prefers http/1.1", "HTTP2Optional", []string{"h2", "http/1.1"}, "http/1.1"},
		{"row 66: HTTP2Optional takes h2 alone", "HTTP2Optional", []string{"h2"}, "h2"},
		{"row 66: HTTP2Preferred prefers h2", "HTTP2Preferred", []string{"http/1.1", "h2"}, "h2"},
		{"row 66: no protocol in common goes on without ALPN", "HTTP2Only", []string{"http/1.1"}, ""},
		{"row 66: also if the client speaks neither HTTP", "HTTP2Preferred", []string{"mqtt"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := tlsListener(t, g)
			s.Listener.ALPNPolicy = tt.policy
			_, lb := start(t, s)
			c := dialTLS(t, lb, &tls.Config{NextProtos: tt.offer})
			assert.Equal(t, tt.want, c.ConnectionState().NegotiatedProtocol)
			assert.Equal(t, "1", take(t, c, 1))
		})
	}
}

func TestRow66TCPGroupBehindTLSGetsPlainBytes(t *testing.T) {
	t.Parallel()
	address, _ := echo(t, "1")
	_, lb := start(t, tlsListener(t, group(t, new(switchboard), nil, member(t, address, "a"))))
	c := dialTLS(t, lb, &tls.Config{})
	take(t, c, 1)
	_, err := io.WriteString(c, "PRI * HTTP/2.0")
	require.NoError(t, err)
	assert.Equal(t, "PRI * HTTP/2.0", take(t, c, 14))
	require.NoError(t, c.CloseWrite())
	_, err = c.Read(make([]byte, 1))
	assert.ErrorIs(t, err, io.EOF, "the end is passed on both ways")
}

func TestRow66TLSGroupGetsNewTLSWithoutCheckingTheCertificate(t *testing.T) {
	t.Parallel()
	names := make(chan string, 1)
	certificate := selfSigned(t)
	address, stop := accept(t, func(c net.Conn) {
		secure := tls.Server(c, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			names <- hello.ServerName
			return certificate, nil
		}})
		defer func() { _ = secure.Close() }() // the client asserts
		_, _ = io.Copy(secure, secure)
	})
	t.Cleanup(stop)
	g := group(t, new(switchboard), nil, member(t, address, "a"))
	g.TLS = true
	_, lb := start(t, tlsListener(t, g))
	c := dialTLS(t, lb, &tls.Config{ServerName: "shop.example.com"})
	_, err := io.WriteString(c, "ping")
	require.NoError(t, err)
	assert.Equal(t, "ping", take(t, c, 4))
	assert.Empty(t, <-names, "row 29: no SNI")
}

func TestPolicyKeepsOldVersionsOut(t *testing.T) {
	t.Parallel()
	address, _ := echo(t, "1")
	s := tlsListener(t, group(t, new(switchboard), nil, member(t, address, "a")))
	s.Listener.SSLPolicy = "ELBSecurityPolicy-TLS13-1-3-2021-06"
	_, lb := start(t, s)
	_, err := tls.Dial("tcp", lb, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	assert.ErrorContains(t, err, "protocol version not supported")
}
