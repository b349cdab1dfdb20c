// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package acm

import (
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
)

var trustStorePattern = regexp.MustCompile(`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:truststore/[^/]+/[^/]+$`)

// clientName is the common name of client certificates that are made.
const clientName = "elbsim client"

// Client makes a certificate with its private key, as PEM, for a client of a listener that verifies against a trust
// store which is not declared.
func (s *Store) Client() ([]byte, error) { return s.ca.IssueClient(clientName) }

// TrustStore returns the authorities of a trust store. What a bundle in S3 holds nobody here knows unless it is
// declared, so any other store trusts the authority of this one.
func (s *Store) TrustStore(arn string) (*x509.CertPool, error) {
	if !trustStorePattern.MatchString(arn) {
		return nil, fmt.Errorf("trust store %q: not an ARN such as arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/0a1b2c", arn)
	}
	if declared, ok := s.declared.TrustStores[arn]; ok {
		return declared, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(s.CA()) {
		return nil, errors.New("the authority's own PEM cannot be read")
	}
	return pool, nil
}
