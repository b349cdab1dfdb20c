// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package authority_test

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
)

func TestIssue(t *testing.T) {
	ca, err := authority.New("test")
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(ca.PEM()))

	for _, c := range []struct {
		name      string
		names     []string
		accepts   string
		refuses   string
		wantError string
	}{
		{name: "a DNS name is served under that name only", names: []string{"shop.example.com"}, accepts: "shop.example.com", refuses: "other.example.com"},
		{name: "a wildcard covers one label", names: []string{"*.example.com"}, accepts: "shop.example.com", refuses: "a.b.example.com"},
		{name: "an IP address is an IP name", names: []string{"10.1.2.3"}, accepts: "10.1.2.3", refuses: "10.1.2.4"},
		{name: "every further name is covered", names: []string{"example.com", "*.example.com"}, accepts: "www.example.com", refuses: "example.org"},
		{name: "a name longer than a common name may be is covered", names: []string{strings.Repeat("a", 60) + ".example.com"}, accepts: strings.Repeat("a", 60) + ".example.com", refuses: "example.com"},
		{name: "no name is an error", wantError: "no name given"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert, err := ca.Issue(c.names...)
			if c.wantError != "" {
				require.ErrorContains(t, err, c.wantError)
				return
			}
			require.NoError(t, err)
			verify := func(host string) error {
				_, err := cert.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host})
				return err
			}
			assert.NoError(t, verify(c.accepts))
			assert.Error(t, verify(c.refuses))
		})
	}
}

func TestAuthoritiesDoNotTrustEachOther(t *testing.T) {
	one, err := authority.New("one")
	require.NoError(t, err)
	two, err := authority.New("two")
	require.NoError(t, err)
	cert, err := one.Issue("example.com")
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(two.PEM()))
	_, err = cert.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "example.com"})
	require.ErrorContains(t, err, "unknown authority")
}

func TestAuthorityTakenAlongSignsForThoseWhoTrustedItBefore(t *testing.T) {
	before, err := authority.New("test")
	require.NoError(t, err)
	marshalled, err := before.Marshal()
	require.NoError(t, err)
	after, err := authority.Load(marshalled)
	require.NoError(t, err)
	cert, err := after.Issue("example.com")
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(before.PEM()))
	_, err = cert.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "example.com"})
	require.NoError(t, err)
	assert.Equal(t, before.PEM(), after.PEM())
}

func TestWhatIsNoAuthorityIsRefused(t *testing.T) {
	ca, err := authority.New("test")
	require.NoError(t, err)
	_, err = authority.Load(ca.PEM())
	require.ErrorContains(t, err, "read authority", "the key is missing")

	leaf, err := ca.Issue("example.com")
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
	require.NoError(t, err)
	pair := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Leaf.Raw})
	_, err = authority.Load(append(pair, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...))
	require.ErrorContains(t, err, `read authority "example.com": not a CA`)
}
