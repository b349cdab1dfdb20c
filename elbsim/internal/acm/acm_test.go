// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package acm_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/acm"
	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
)

const (
	declared   = "arn:aws:acm:eu-west-1:111122223333:certificate/declared"
	undeclared = "arn:aws:acm:eu-west-1:111122223333:certificate/undeclared"
)

func newStore(t *testing.T) *acm.Store {
	t.Helper()
	ca, err := authority.New("test")
	require.NoError(t, err)
	return acm.New(ca, acm.Declared{Certificates: map[string]acm.Certificate{declared: {Domains: []string{"example.com", "*.example.com"}}}})
}

func TestCertificate(t *testing.T) {
	for _, c := range []struct {
		name, arn, sni, host, wantError string
	}{
		{name: "a declared certificate has its domains, whoever asks", arn: declared, sni: "other.org", host: "shop.example.com"},
		{name: "a declared certificate is served without SNI", arn: declared, host: "example.com"},
		{name: "a declared certificate does not cover other hosts", arn: declared, sni: "other.org", host: "other.org", wantError: "valid for example.com, *.example.com, not other.org"},
		{name: "an undeclared certificate stands for the host asked for", arn: undeclared, sni: "shop.example.com", host: "shop.example.com"},
		{name: "letter case and a final dot of SNI do not matter", arn: undeclared, sni: "Shop.Example.com.", host: "shop.example.com"},
		{name: "an undeclared certificate without SNI covers no real host", arn: undeclared, host: "shop.example.com", wantError: "valid for elbsim.invalid"},
		{name: "an IAM server certificate is accepted", arn: "arn:aws:iam::111122223333:server-certificate/old", sni: "a.org", host: "a.org"},
		{name: "another partition is accepted", arn: "arn:aws-cn:acm:cn-north-1:111122223333:certificate/x", sni: "a.org", host: "a.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			cert, err := store.Certificate(c.arn, c.sni)
			require.NoError(t, err)
			roots := x509.NewCertPool()
			require.True(t, roots.AppendCertsFromPEM(store.CA()))
			_, err = cert.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: c.host})
			if c.wantError != "" {
				require.ErrorContains(t, err, c.wantError)
				return
			}
			require.NoError(t, err)
			key, ok := cert.PrivateKey.(*ecdsa.PrivateKey)
			require.True(t, ok)
			assert.Equal(t, elliptic.P256(), key.Curve)
		})
	}
}

func TestMalformedARNIsRefused(t *testing.T) {
	for _, arn := range []string{"", "shop", "arn:aws:acm:eu-west-1:1:certificate/x", "arn:aws:s3:::bucket"} {
		_, err := newStore(t).Certificate(arn, "a.org")
		assert.ErrorContains(t, err, "not the ARN of an ACM or IAM certificate", arn)
	}
}

func TestCertificateIsMadeOnce(t *testing.T) {
	store := newStore(t)
	first, err := store.Certificate(undeclared, "a.org")
	require.NoError(t, err)
	second, err := store.Certificate(undeclared, "a.org")
	require.NoError(t, err)
	other, err := store.Certificate(undeclared, "b.org")
	require.NoError(t, err)
	assert.Same(t, first, second)
	assert.NotSame(t, first, other)
}

func TestAnyTrustStoreTrustsTheStoresAuthority(t *testing.T) {
	store := newStore(t)
	pool, err := store.TrustStore("arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/0123456789abcdef")
	require.NoError(t, err)
	want := x509.NewCertPool()
	require.True(t, want.AppendCertsFromPEM(store.CA()))
	assert.True(t, want.Equal(pool))
	client, err := store.Client()
	require.NoError(t, err)
	shown, err := tls.X509KeyPair(client, client)
	require.NoError(t, err)
	_, err = shown.Leaf.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	require.NoError(t, err, "and clients can have a certificate of it")
	_, err = shown.Leaf.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	require.Error(t, err, "which is good for nothing else")
	_, err = store.TrustStore("partners")
	assert.ErrorContains(t, err, `trust store "partners": not an ARN`)
}

func TestADeclaredCertificateIsOfItsKind(t *testing.T) {
	ca, err := authority.New("test")
	require.NoError(t, err)
	for keyType, want := range map[string]any{"RSA_2048": 2048, "EC_secp384r1": "P-384", "EC_secp521r1": "P-521", "": "P-256"} {
		store := acm.New(ca, acm.Declared{Certificates: map[string]acm.Certificate{declared: {Domains: []string{"example.com"}, KeyType: keyType}}})
		cert, err := store.Certificate(declared, "")
		require.NoError(t, err)
		switch key := cert.PrivateKey.(type) {
		case *rsa.PrivateKey:
			assert.Equal(t, want, key.N.BitLen())
		case *ecdsa.PrivateKey:
			assert.Equal(t, want, key.Curve.Params().Name)
		}
	}
	store := acm.New(ca, acm.Declared{Certificates: map[string]acm.Certificate{declared: {Domains: []string{"example.com"}, Expired: true}}})
	cert, err := store.Certificate(declared, "")
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(store.CA())
	_, err = cert.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "example.com"})
	require.ErrorContains(t, err, "expired")

	unknown := acm.New(ca, acm.Declared{Certificates: map[string]acm.Certificate{declared: {Domains: []string{"example.com"}, KeyType: "DSA"}}})
	_, err = unknown.Certificate(declared, "")
	require.ErrorContains(t, err, `key type "DSA"`)
}

func TestDeclaredFilesAreServedAndTrusted(t *testing.T) {
	ca, err := authority.New("test")
	require.NoError(t, err)
	other, err := authority.New("other")
	require.NoError(t, err)
	own, err := other.Issue("shop.example.com")
	require.NoError(t, err)
	partners := x509.NewCertPool()
	require.True(t, partners.AppendCertsFromPEM(other.PEM()))
	const truststore = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/0123456789abcdef"
	store := acm.New(ca, acm.Declared{
		Certificates: map[string]acm.Certificate{declared: {Served: own, Domains: []string{"shop.example.com"}}},
		TrustStores:  map[string]*x509.CertPool{truststore: partners},
	})
	cert, err := store.Certificate(declared, "whoever.example.com")
	require.NoError(t, err)
	assert.Same(t, own, cert)
	pool, err := store.TrustStore(truststore)
	require.NoError(t, err)
	assert.Same(t, partners, pool)
}
