// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package acm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"fmt"
	"time"
)

// How long from now a certificate that is made expires, or how long ago it did.
const (
	lifetime = 365 * 24 * time.Hour
	past     = 24 * time.Hour
)

// make makes a certificate of the declared kind.
func (s *Store) make(declared Certificate, names []string) (*tls.Certificate, error) {
	key, err := newKey(declared.KeyType)
	if err != nil {
		return nil, err
	}
	until := time.Now().Add(lifetime)
	if declared.Expired {
		until = time.Now().Add(-past)
	}
	return s.ca.IssueFor(key, until, names...)
}

// newKey makes a key of a type as ACM spells it (API: KeyAlgorithm).
func newKey(keyType string) (crypto.Signer, error) {
	switch keyType {
	case "", "EC_prime256v1":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EC_secp384r1":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "EC_secp521r1":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "RSA_2048":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "RSA_3072":
		return rsa.GenerateKey(rand.Reader, 3072)
	case "RSA_4096":
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	return nil, fmt.Errorf("key type %q is not one that listeners take, such as RSA_2048 or EC_prime256v1", keyType)
}
