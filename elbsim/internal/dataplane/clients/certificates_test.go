// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build clients

package clients

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
)

// ARNs of the certificates that tests use.
const (
	shopARN = "arn:aws:acm:eu-west-1:111122223333:certificate/shop"
	bookARN = "arn:aws:acm:eu-west-1:111122223333:certificate/book"
)

func certificates(t *testing.T, ca *authority.Authority, names map[string]string) func(arn, serverName string) (*tls.Certificate, error) {
	t.Helper()
	issued := map[string]*tls.Certificate{}
	for arn, name := range names {
		c, err := ca.Issue(name)
		require.NoError(t, err)
		issued[arn] = c
	}
	return func(arn, _ string) (*tls.Certificate, error) {
		if c := issued[arn]; c != nil {
			return c, nil
		}
		return nil, fmt.Errorf("certificate %q does not exist", arn)
	}
}

// tls is the configuration of a client that trusts only the authority and asks for a name.
func (l *lab) tls(name string) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.ca.PEM())
	return &tls.Config{RootCAs: roots, ServerName: name}
}

// client is an HTTP client of that kind.
func (l *lab) client(name string) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: l.tls(name)}}
}
