// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRow27CertificatesOfTargetsAreNotValidated(t *testing.T) {
	t.Parallel()
	g, names := secure(t, *selfSigned(t, "other.example", time.Unix(1, 0)))
	_, lb := start(t, httpListener(g))
	resp, body := exchange(t, lb, "GET / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, "shop.example.com", body)
	next(t, names)
}

// secure is a group with a target that speaks TLS, by default with httptest's certificate, answers with the host that
// it is asked for, and tells of each handshake the server name.
func secure(t *testing.T, certificates ...tls.Certificate) (alb.Group, chan string) {
	t.Helper()
	names := make(chan string, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) }))
	s.TLS = &tls.Config{Certificates: certificates, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		names <- hello.ServerName
		return nil, nil
	}}
	s.StartTLS()
	t.Cleanup(s.Close)
	g := group(t, member(t, s.Listener.Addr().String()))
	g.TLS = true
	return g, names
}

func TestRow29TargetsGetNoServerName(t *testing.T) {
	t.Parallel()
	g, names := secure(t)
	_, lb := start(t, httpListener(g))
	resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Empty(t, next(t, names))
}

func TestRow28PolicyTowardsTargetsFollowsTheListeners(t *testing.T) {
	for _, tt := range []struct {
		name     string
		policy   string // "" is an HTTP listener
		min, max uint16 // of the target
		status   int
	}{
		{"a TLS 1.3 policy reaches a target of TLS 1.3 only", "ELBSecurityPolicy-TLS13-1-2-2021-06", tls.VersionTLS13, tls.VersionTLS13, 200},
		{"a TLS 1.3 policy reaches a target of TLS 1.0 only", "ELBSecurityPolicy-TLS13-1-2-2021-06", tls.VersionTLS10, tls.VersionTLS10, 200},
		{"a policy without TLS 1.3 is 502 at a target of TLS 1.3 only", "ELBSecurityPolicy-FS-1-2-Res-2020-10", tls.VersionTLS13, tls.VersionTLS13, 502},
		{"a policy without TLS 1.3 reaches a target of TLS 1.2", "ELBSecurityPolicy-FS-1-2-Res-2020-10", tls.VersionTLS12, tls.VersionTLS12, 200},
		{"no policy is 502 at a target of TLS 1.3 only", "", tls.VersionTLS13, tls.VersionTLS13, 502},
	} {
		t.Run("row 28: "+tt.name, func(t *testing.T) {
			t.Parallel()
			target := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			target.TLS = &tls.Config{MinVersion: tt.min, MaxVersion: tt.max}
			target.Config.ErrorLog = log.New(io.Discard, "", 0) // failed handshakes are meant
			target.StartTLS()
			t.Cleanup(target.Close)
			g := group(t, member(t, target.Listener.Addr().String()))
			g.TLS = true
			s, url := httpListener(g), "http://shop.example.com/"
			if tt.policy != "" {
				s, url = httpsListener(t, g), "https://shop.example.com/"
				s.Listener.SSLPolicy = tt.policy
			}
			_, lb := start(t, s)
			resp, err := client(t, lb, false).Get(url)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, tt.status, resp.StatusCode)
		})
	}
}

func TestRow28PolicyTowardsTargetsFollowsAChange(t *testing.T) {
	t.Parallel()
	target := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }))
	target.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	versions := make(chan uint16, 2)
	target.TLS.VerifyConnection = func(s tls.ConnectionState) error { versions <- s.Version; return nil }
	target.StartTLS()
	t.Cleanup(target.Close)
	g := group(t, member(t, target.Listener.Addr().String()))
	g.TLS = true
	s := httpsListener(t, g)
	l, lb := start(t, s)
	for _, tt := range []struct {
		policy string
		want   uint16
	}{{"ELBSecurityPolicy-TLS13-1-2-2021-06", tls.VersionTLS13}, {"ELBSecurityPolicy-FS-1-2-Res-2020-10", tls.VersionTLS12}} {
		s.Listener.SSLPolicy = tt.policy
		require.NoError(t, l.Update(s))
		resp, err := client(t, lb, false).Get("https://shop.example.com/")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, tt.want, next(t, versions), tt.policy)
	}
}

func TestRow28HandshakeThatTakesTooLongIs502(t *testing.T) {
	t.Parallel()
	g := group(t, member(t, script(t, silent)))
	g.TLS = true
	s := httpListener(g)
	s.ConnectTimeout = 300 * time.Millisecond
	_, lb := start(t, s)
	resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, http.StatusBadGateway, resp.StatusCode)
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
