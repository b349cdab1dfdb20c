// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package acm holds the private half of the simulated ACM: for each certificate ARN a certificate that
// the data plane can serve. What certificates an account has is fakeaws' knowledge; this package only makes
// them, in memory, when a listener first asks.
package acm

import (
	"crypto/tls"
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
	ca      *authority.Authority
	domains func(arn string) []string

	mu   sync.Mutex
	kept map[string]*tls.Certificate
}

// New makes a store whose certificates ca signs. domains tells the domain names of a declared certificate; it
// returns none for one that the account does not declare.
func New(ca *authority.Authority, domains func(arn string) []string) *Store {
	return &Store{ca: ca, domains: domains, kept: map[string]*tls.Certificate{}}
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
	key, names := arn, s.domains(arn)
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
	cert, err := s.ca.Issue(names...)
	if err != nil {
		return nil, fmt.Errorf("certificate %q: %w", arn, err)
	}
	if len(s.kept) >= maxKept {
		clear(s.kept)
	}
	s.kept[key] = cert
	return cert, nil
}
