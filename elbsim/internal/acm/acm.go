// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package acm holds the private half of the simulated ACM: for each certificate ARN a certificate that
// the data plane can serve. What certificates an account has is fakeaws' knowledge; this package only makes
// them, in memory, when a listener first asks.
package acm

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/istio-aws/istio-aws/elbsim/internal/authority"
)

// Nobody can ask for more server names than this at a time; older ones are made again when asked.
const maxKept = 1024

// fallbackName is served to a client that names no host, for a certificate whose domains nobody declared.
const fallbackName = "elbsim.invalid"

var arnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:(acm:[a-z0-9-]+:\d{12}:certificate|iam::\d{12}:server-certificate)/.+$`)

// Store makes and keeps certificates. It is safe for concurrent use.
type Store struct {
	ca       *authority.Authority
	declared Declared

	mu   sync.Mutex
	kept map[string]*tls.Certificate
}

// Declared is what the account says of certificates and trust stores, by ARN.
type Declared struct {
	Certificates map[string]Certificate
	TrustStores  map[string]*x509.CertPool
}

// Certificate is a declared certificate: the one to serve, or what the one to make is like.
type Certificate struct {
	Served  *tls.Certificate // nil: one is made
	Domains []string
	KeyType string // as ACM spells it; empty is EC_prime256v1
	Expired bool
}

// New makes a store whose certificates ca signs, but for declared ones that are there already.
func New(ca *authority.Authority, declared Declared) *Store {
	return &Store{ca: ca, declared: declared, kept: map[string]*tls.Certificate{}}
}

// CA is the PEM of the authority that signs all certificates of the store.
func (s *Store) CA() []byte {
	return s.ca.PEM()
}

// Certificate is the certificate of an ARN. A declared one has its domains; a well-formed ARN that the
// account does not declare stands for whatever host the client asks for (serverName, from SNI).
func (s *Store) Certificate(arn, serverName string) (*tls.Certificate, error) {
	if !arnPattern.MatchString(arn) {
		return nil, fmt.Errorf("certificate %q: not the ARN of an ACM or IAM certificate, such as arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c", arn)
	}
	declared := s.declared.Certificates[arn]
	if declared.Served != nil {
		return declared.Served, nil
	}
	key, names := arn, declared.Domains
	if len(names) == 0 {
		name := strings.ToLower(strings.TrimSuffix(serverName, "."))
		if name == "" {
			name = fallbackName
		}
		key, names = arn+" "+name, []string{name}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if cert, ok := s.kept[key]; ok {
		return cert, nil
	}
	cert, err := s.make(declared, names)
	if err != nil {
		return nil, fmt.Errorf("certificate %q: %w", arn, err)
	}
	if len(s.kept) >= maxKept {
		clear(s.kept)
	}
	s.kept[key] = cert
	return cert, nil
}
