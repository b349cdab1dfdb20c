// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRow27CertificatesOfTargetsAreNotValidated(t *testing.T) {
	t.Parallel()
	names := make(chan string, 1)
	expired := selfSigned(t, "other.example", time.Unix(1, 0))
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) }))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{*expired}, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		names <- hello.ServerName
		return nil, nil
	}}
	s.StartTLS()
	t.Cleanup(s.Close)
	g := group(t, member(t, s.Listener.Addr().String()))
	g.TLS = true
	_, lb := start(t, httpListener(g))
	resp, body := exchange(t, lb, "GET / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, "shop.example.com", body)
	assert.Empty(t, next(t, names), "row 29: no SNI")
}

func TestRow28HandshakeErrorOfATargetIs502(t *testing.T) {
	t.Parallel()
	g := group(t, member(t, script(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "this is not TLS") // the client asserts
	})))
	g.TLS = true
	_, lb := start(t, httpListener(g))
	resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, http.StatusBadGateway, resp.StatusCode)
}

func TestRow30CertificateByServerName(t *testing.T) {
	t.Parallel()
	address, _ := recorder(t)
	s := httpsListener(t, group(t, member(t, address)))
	s.Listener.Certificates = []string{"arn:1", "arn:2"}
	s.Certificates = certificates(t, map[string]string{"arn:1": "default.example.com", "arn:2": "*.example.org"})
	_, lb := start(t, s)
	for name, want := range map[string]string{"a.example.org": "*.example.org", "unknown.example": "default.example.com", "": "default.example.com"} {
		t.Run("asked for "+name, func(t *testing.T) {
			c, err := tls.Dial("tcp", lb, &tls.Config{ServerName: name, InsecureSkipVerify: true})
			require.NoError(t, err)
			defer func() { require.NoError(t, c.Close()) }()
			assert.Equal(t, []string{want}, c.ConnectionState().PeerCertificates[0].DNSNames)
		})
	}
}
