// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/tlscert"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// signed makes a certificate for *.example.com whose serial number tells it apart.
func signed(t *testing.T, serial int64, key crypto.Signer, hash x509.SignatureAlgorithm, days int) *tls.Certificate {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"*.example.com"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(0, 0, days), SignatureAlgorithm: hash}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// shake does a handshake with a configuration of the package.
func shake(t *testing.T, server, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	a, b := net.Pipe()
	deadline := time.Now().Add(20 * time.Second)
	require.NoError(t, a.SetDeadline(deadline))
	require.NoError(t, b.SetDeadline(deadline))
	done := make(chan error, 1)
	go func() { done <- tls.Server(a, server).Handshake() }()
	client.InsecureSkipVerify = true
	c := tls.Client(b, client)
	err := c.Handshake()
	served := <-done
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())
	if err == nil {
		err = served
	}
	return c.ConnectionState(), err
}

func TestRow30BestOfSeveralCertificates(t *testing.T) {
	small, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	other := signed(t, 1, small, x509.ECDSAWithSHA256, 30)
	other.Leaf.DNSNames = []string{"default.example.org"}
	made := map[string]*tls.Certificate{
		"default": other,
		"rsa":     signed(t, 2, rsaKey, x509.SHA512WithRSA, 900),
		"ecdsa":   signed(t, 3, small, x509.ECDSAWithSHA256, 30),
		"longer":  signed(t, 4, small, x509.ECDSAWithSHA256, 60),
		"p384":    signed(t, 5, large, x509.ECDSAWithSHA256, 30),
		"sha384":  signed(t, 6, small, x509.ECDSAWithSHA384, 30),
	}
	onlyRSA := &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}
	tests := []struct {
		name   string
		arns   []string
		server string
		client *tls.Config
		want   int64
	}{
		{"ECDSA beats RSA", []string{"default", "rsa", "ecdsa"}, "a.example.com", &tls.Config{}, 3},
		{"RSA is for clients without ECDSA", []string{"default", "ecdsa", "rsa"}, "a.example.com", onlyRSA, 2},
		{"the stronger hash beats the longer key", []string{"default", "p384", "sha384"}, "a.example.com", &tls.Config{}, 6},
		{"the longer key beats the longer validity", []string{"default", "longer", "p384"}, "a.example.com", &tls.Config{}, 5},
		{"the longer validity decides in the end", []string{"default", "ecdsa", "longer"}, "a.example.com", &tls.Config{}, 4},
		{"no match is the default", []string{"default", "ecdsa"}, "a.example.net", &tls.Config{}, 1},
		{"no server name is the default", []string{"default", "ecdsa"}, "", &tls.Config{}, 1},
	}
	for _, tt := range tests {
		t.Run("row 30: "+tt.name, func(t *testing.T) {
			server, err := tlscert.Config(elb.Listener{SSLPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06", Certificates: tt.arns}, nil, func(arn, _ string) (*tls.Certificate, error) {
				if c := made[arn]; c != nil {
					return c, nil
				}
				return nil, fmt.Errorf("certificate %q does not exist", arn)
			}, nil)
			require.NoError(t, err)
			client := tt.client.Clone()
			client.ServerName = tt.server
			state, err := shake(t, server, client)
			require.NoError(t, err)
			assert.Equal(t, tt.want, state.PeerCertificates[0].SerialNumber.Int64())
		})
	}
}

func TestPoliciesDecideHandshakes(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	c := signed(t, 1, key, x509.SHA256WithRSA, 30)
	tests := []struct {
		name, policy string
		client       *tls.Config
		works        bool
	}{
		{"a client of RSA key exchange at a policy with forward secrecy", "ELBSecurityPolicy-TLS13-1-2-2021-06", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, false},
		{"a client of RSA key exchange at the default policy", "ELBSecurityPolicy-2016-08", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, true},
		{"a client of SHA-1 at a restricted policy", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA}}, false},
		{"a client of TLS 1.0 at the default policy", "ELBSecurityPolicy-2016-08", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, true},
		{"a client of TLS 1.3 at the default policy", "ELBSecurityPolicy-2016-08", &tls.Config{MinVersion: tls.VersionTLS13}, false},
		{"a client of ML-KEM at a policy with PQ", "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", &tls.Config{CurvePreferences: []tls.CurveID{tls.X25519MLKEM768}}, true},
		{"a client of ML-KEM only at a policy without PQ", "ELBSecurityPolicy-TLS13-1-2-2021-06", &tls.Config{CurvePreferences: []tls.CurveID{tls.X25519MLKEM768}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, err := tlscert.Config(elb.Listener{SSLPolicy: tt.policy, Certificates: []string{"arn"}}, nil, func(string, string) (*tls.Certificate, error) { return c, nil }, nil)
			require.NoError(t, err)
			_, err = shake(t, server, tt.client)
			assert.Equal(t, tt.works, err == nil, "%v", err)
		})
	}
}

func TestClientCertificatesOfVersion1AreRefused(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	server, err := tlscert.Config(elb.Listener{Certificates: []string{"arn"}, MutualTLS: "verify", TrustStore: &elb.TrustStore{ARN: "store"}}, nil,
		func(string, string) (*tls.Certificate, error) { return signed(t, 1, key, x509.ECDSAWithSHA256, 1), nil },
		func(string) (*x509.CertPool, error) { return x509.NewCertPool(), nil })
	require.NoError(t, err)
	err = server.VerifyConnection(tls.ConnectionState{PeerCertificates: []*x509.Certificate{{Version: 1}}})
	assert.EqualError(t, err, "client certificate is X.509 version 1; only 3 is accepted")
}
