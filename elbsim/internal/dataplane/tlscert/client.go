// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// TrustStores returns the authorities of a trust store's ARN.
type TrustStores func(arn string) (*x509.CertPool, error)

// askClients makes a configuration ask clients for certificates as a listener's mutual TLS demands (row 19):
// passthrough takes any and none, verify only those that the trust store's authorities have signed.
func askClients(c *tls.Config, l elb.Listener, stores TrustStores) error {
	switch l.MutualTLS {
	case "", "off":
		return nil
	case "passthrough":
		c.ClientAuth = tls.RequestClientCert
		return nil
	case "verify":
	default:
		return fmt.Errorf("mutual TLS %q; allowed are off, passthrough and verify", l.MutualTLS)
	}
	if l.TrustStore == nil || stores == nil {
		return errors.New("mutual TLS verify without trust store")
	}
	store := *l.TrustStore
	roots, err := stores(store.ARN)
	if err != nil {
		return err
	}
	c.ClientAuth = tls.RequireAnyClientCert // verified below, because expiry may be ignored
	if store.AdvertiseNames {
		c.ClientCAs = roots
	}
	c.VerifyConnection = func(s tls.ConnectionState) error {
		roots, err := stores(store.ARN)
		if err != nil {
			return err
		}
		return verify(s.PeerCertificates, roots, store.IgnoreExpiry)
	}
	return nil
}

// verify checks a client's chain, its own certificate first.
func verify(chain []*x509.Certificate, roots *x509.CertPool, ignoreExpiry bool) error {
	leaf := chain[0]
	if leaf.Version != 3 {
		return fmt.Errorf("client certificate is X.509 version %d; only 3 is accepted", leaf.Version)
	}
	opts := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	for _, c := range chain[1:] {
		opts.Intermediates.AddCert(c)
	}
	if ignoreExpiry && time.Now().After(leaf.NotAfter) {
		opts.CurrentTime = leaf.NotAfter // the authorities were valid when they vouched for it
	}
	_, err := leaf.Verify(opts)
	return err
}
