// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

const trustStore = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/0123456789abcdef"

// partners is an authority that signs certificates of clients.
type partners struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newPartners(t *testing.T) partners {
	t.Helper()
	c := selfSignedBy(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "partners", Organization: []string{"Shop"}}, NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, partners{})
	return partners{c.Leaf, c.PrivateKey.(*ecdsa.PrivateKey)}
}

// client is a certificate of a client, with the authority's behind it.
func (p partners) client(t *testing.T, until time.Time) tls.Certificate {
	t.Helper()
	c := selfSignedBy(t, &x509.Certificate{
		SerialNumber: big.NewInt(0x3a5b1), Subject: pkix.Name{CommonName: "till, 7", Country: []string{"DE"}}, NotBefore: time.Unix(1000000000, 0), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, p)
	c.Certificate = append(c.Certificate, p.cert.Raw)
	return c
}

// selfSignedBy signs a template by an authority, or by itself.
func selfSignedBy(t *testing.T, template *x509.Certificate, by partners) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	if by.cert == nil {
		by = partners{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// mutual is an HTTPS listener with mutual TLS by the partners' authority.
func mutual(t *testing.T, mode string, p partners, address string) alb.Spec {
	t.Helper()
	s := httpsListener(t, group(t, member(t, address)))
	s.Listener.MutualTLS = mode
	if mode == "verify" {
		s.Listener.TrustStore = &elb.TrustStore{ARN: trustStore}
	}
	s.TrustStores = func(arn string) (*x509.CertPool, error) {
		if arn != trustStore {
			return nil, fmt.Errorf("trust store %q does not exist", arn)
		}
		pool := x509.NewCertPool()
		pool.AddCert(p.cert)
		return pool, nil
	}
	return s
}

// ask sends a request with a client's certificates and returns what went wrong.
func ask(t *testing.T, lb string, http2 bool, header http.Header, certificates ...tls.Certificate) error {
	t.Helper()
	c := client(t, lb, http2)
	c.Transport.(*http.Transport).TLSClientConfig.Certificates = certificates
	req, err := http.NewRequest(http.MethodGet, "https://shop.example.com/", nil)
	require.NoError(t, err)
	req.Header = header
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.NoError(t, resp.Body.Close())
	return nil
}

func TestRow19TLSHeaders(t *testing.T) {
	t.Parallel()
	address, heads := recorder(t)
	s := httpsListener(t, group(t, member(t, address)))
	spoofed := http.Header{"X-Amzn-Tls-Version": {"TLSv9"}}
	_, lb := start(t, s)
	require.NoError(t, ask(t, lb, false, nil))
	head := next(t, heads)
	assert.Empty(t, fields(head, "X-Amzn-Tls-Version"), "off by default")
	assert.Empty(t, fields(head, "X-Amzn-Tls-Cipher-Suite"))

	s.Attributes = map[string]string{"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true"}
	_, lb = start(t, s)
	for _, http2 := range []bool{false, true} {
		require.NoError(t, ask(t, lb, http2, spoofed))
		head = next(t, heads)
		assert.Equal(t, []string{"TLSv1.3"}, fields(head, "X-Amzn-Tls-Version"), "what the client claims does not count")
		assert.Regexp(t, "^TLS_(AES|CHACHA20)_", fields(head, "X-Amzn-Tls-Cipher-Suite")[0])
	}

	s.Listener.SSLPolicy = "ELBSecurityPolicy-FS-1-2-Res-2020-10"
	s.Listener.Attributes = map[string]string{
		"routing.http.request.x_amzn_tls_version.header_name":      "X-TLS",
		"routing.http.request.x_amzn_tls_cipher_suite.header_name": "X-Cipher",
	}
	_, lb = start(t, s)
	require.NoError(t, ask(t, lb, false, nil))
	head = next(t, heads)
	assert.Equal(t, []string{"TLSv1.2"}, fields(head, "X-TLS"), "renamed")
	assert.Regexp(t, "^ECDHE-ECDSA-AES(128-GCM-SHA256|256-GCM-SHA384)$", fields(head, "X-Cipher")[0], "in OpenSSL's form")
	assert.Empty(t, fields(head, "X-Amzn-Tls-Version"))
}

func TestRow19MutualTLSPassthrough(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	address, heads := recorder(t)
	_, lb := start(t, mutual(t, "passthrough", p, address))
	const header = "X-Amzn-Mtls-Clientcert"

	stranger := newPartners(t).client(t, time.Now().Add(time.Hour))
	require.NoError(t, ask(t, lb, false, nil, stranger), "nothing is verified")
	got := fields(next(t, heads), header)
	require.Len(t, got, 1)
	assert.NotContains(t, got[0], "\n")
	text, err := url.PathUnescape(got[0])
	require.NoError(t, err)
	for i, der := range stranger.Certificate {
		var block *pem.Block
		block, rest := pem.Decode([]byte(text))
		require.NotNil(t, block, "certificate %d of the chain, the client's own first", i)
		assert.Equal(t, der, block.Bytes)
		text = string(rest)
	}
	assert.Empty(t, text)
	for _, safe := range []string{"+", "=", "/"} {
		assert.NotContains(t, got[0], url.QueryEscape(safe))
	}

	require.NoError(t, ask(t, lb, false, http.Header{header: {"forged"}}), "a client may have none")
	assert.Empty(t, fields(next(t, heads), header), "what the client claims does not count")
}

func TestRow19MutualTLSVerify(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	address, heads := recorder(t)
	s := mutual(t, "verify", p, address)
	_, lb := start(t, s)
	valid, expired := p.client(t, time.Unix(4000000000, 0)), p.client(t, time.Unix(1100000000, 0))

	for _, http2 := range []bool{false, true} {
		require.NoError(t, ask(t, lb, http2, http.Header{"X-Amzn-Mtls-Clientcert-Subject": {"CN=admin"}}, valid))
		head := next(t, heads)
		assert.Equal(t, []string{"03A5B1"}, fields(head, "X-Amzn-Mtls-Clientcert-Serial-Number"))
		assert.Equal(t, []string{"CN=partners,O=Shop"}, fields(head, "X-Amzn-Mtls-Clientcert-Issuer"))
		assert.Equal(t, []string{`CN=till\, 7,C=DE`}, fields(head, "X-Amzn-Mtls-Clientcert-Subject"))
		assert.Equal(t, []string{"NotBefore=2001-09-09T01:46:40Z;NotAfter=2096-10-02T07:06:40Z"}, fields(head, "X-Amzn-Mtls-Clientcert-Validity"))
		leaf, err := url.PathUnescape(fields(head, "X-Amzn-Mtls-Clientcert-Leaf")[0])
		require.NoError(t, err)
		assert.Equal(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: valid.Certificate[0]})), leaf)
	}

	require.Error(t, ask(t, lb, false, nil), "no certificate")
	require.Error(t, ask(t, lb, false, nil, newPartners(t).client(t, time.Now().Add(time.Hour))), "another authority")
	require.Error(t, ask(t, lb, false, nil, expired), "expired")
	assert.Empty(t, heads, "none of them has reached the target")

	s.Listener.TrustStore.IgnoreExpiry = true
	s.Listener.Attributes = map[string]string{"routing.http.request.x_amzn_mtls_clientcert_subject.header_name": "X-Who"}
	_, lb = start(t, s)
	require.NoError(t, ask(t, lb, false, nil, expired), "ignored")
	assert.Equal(t, []string{`CN=till\, 7,C=DE`}, fields(next(t, heads), "X-Who"), "renamed")
}

func TestRow19TrustStoreNamesAreAdvertisedOnRequest(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	address, _ := recorder(t)
	s := mutual(t, "verify", p, address)
	asked := func() [][]byte {
		_, lb := start(t, s)
		var names [][]byte
		c, err := tls.Dial("tcp", lb, &tls.Config{InsecureSkipVerify: true, GetClientCertificate: func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			names = info.AcceptableCAs
			valid := p.client(t, time.Now().Add(time.Hour))
			return &valid, nil
		}})
		require.NoError(t, err)
		require.NoError(t, c.Close())
		return names
	}
	assert.Empty(t, asked())
	s.Listener.TrustStore.AdvertiseNames = true
	assert.Equal(t, [][]byte{p.cert.RawSubject}, asked())
}

func TestRow20ResponseHeaders(t *testing.T) {
	t.Parallel()
	const attributes = "routing.http.response."
	values := map[string]string{
		"Strict-Transport-Security": "max-age=31536000", "Access-Control-Allow-Origin": "https://shop.example.com", "Access-Control-Allow-Methods": "GET,POST",
		"Access-Control-Allow-Headers": "X-Cart", "Access-Control-Allow-Credentials": "true", "Access-Control-Expose-Headers": "X-Total", "Access-Control-Max-Age": "60",
		"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	}
	s := httpListener(group(t, member(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Frame-Options", "SAMEORIGIN")
		w.Header().Set("Server", "shop")
		_, _ = io.WriteString(w, "ok") // the client asserts
	}))))
	s.Listener.Rules = []elb.Rule{{Priority: 1, Conditions: []elb.Condition{{Field: "path-pattern", Values: []string{"/fixed"}}}, Actions: fixedAction(http.StatusOK, "fixed")}}
	s.Listener.Attributes = map[string]string{
		attributes + "strict_transport_security.header_value": "max-age=31536000", attributes + "access_control_allow_origin.header_value": "https://shop.example.com",
		attributes + "access_control_allow_methods.header_value": "GET,POST", attributes + "access_control_allow_headers.header_value": "X-Cart",
		attributes + "access_control_allow_credentials.header_value": "true", attributes + "access_control_expose_headers.header_value": "X-Total",
		attributes + "access_control_max_age.header_value": "60", attributes + "content_security_policy.header_value": "default-src 'self'",
		attributes + "x_content_type_options.header_value": "nosniff", attributes + "x_frame_options.header_value": "DENY",
		attributes + "server.enabled": "false",
	}
	_, lb := start(t, s)
	for name, tt := range map[string]struct{ request, server string }{
		"the target's":            {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "shop"},
		"a rule's fixed one":      {"GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n", ""},
		"one to a broken request": {"GET / HTTP/9.9\r\n\r\n", ""},
	} {
		t.Run("row 20: in a response, "+name, func(t *testing.T) {
			resp, _ := exchange(t, lb, tt.request)
			for field, want := range values {
				assert.Equal(t, []string{want}, resp.Header.Values(field), field)
			}
			assert.Equal(t, tt.server, resp.Header.Get("Server"), "only the load balancer's own Server goes")
		})
	}
	s.Listener.Attributes = nil
	_, lb = start(t, s)
	resp, _ := exchange(t, lb, "GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, "awselb/2.0", resp.Header.Get("Server"))
	for field := range values {
		assert.Empty(t, resp.Header.Values(field), field)
	}
}
