// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package authority is a certificate authority: it signs the serving certificate of elbsim's admission webhooks and
// the certificates that the simulated ACM holds. It can be taken along as PEM, so that clients that trust it go on
// doing so; it writes no file itself.
package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"time"
)

const (
	caLifetime   = 10 * 365 * 24 * time.Hour
	leafLifetime = 395 * 24 * time.Hour // what ACM gives
	clockSkew    = time.Hour            // containers of one lab need not agree on the time
	maxCommon    = 64                   // X.520 upper bound of a common name
)

// Authority is one self-signed CA with an ECDSA P-256 key. It is safe for concurrent use.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

// New makes an authority with a key of its own.
func New(commonName string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key of authority %q: %w", commonName, err)
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: commonName},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(caLifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("sign authority %q: %w", commonName, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read back authority %q: %w", commonName, err)
	}
	block := &pem.Block{Type: "CERTIFICATE", Bytes: der}
	return &Authority{cert: cert, key: key, pem: pem.EncodeToMemory(block)}, nil
}

// Load reads an authority that Marshal wrote.
func Load(marshalled []byte) (*Authority, error) {
	pair, err := tls.X509KeyPair(marshalled, marshalled)
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("read authority %q: not a CA with an ECDSA key", pair.Leaf.Subject.CommonName)
	}
	block := &pem.Block{Type: "CERTIFICATE", Bytes: pair.Leaf.Raw}
	return &Authority{cert: pair.Leaf, key: key, pem: pem.EncodeToMemory(block)}, nil
}

// Marshal is the authority with its private key, as PEM.
func (a *Authority) Marshal() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, fmt.Errorf("write key of authority %q: %w", a.cert.Subject.CommonName, err)
	}
	return append(a.PEM(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...), nil
}

// PEM is the authority's certificate, for clients that are to trust it.
func (a *Authority) PEM() []byte {
	return append([]byte(nil), a.pem...)
}

// Issue signs a server certificate for names, each a DNS name, a wildcard or an IP address; the first is
// the common name if it fits. It has an ECDSA P-256 key and is valid now. It fails without a name.
func (a *Authority) Issue(names ...string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key for %q: %w", names, err)
	}
	return a.IssueFor(key, time.Now().Add(leafLifetime), names...)
}

// IssueFor is Issue for a key of the caller's, until a time that may have passed.
func (a *Authority) IssueFor(key crypto.Signer, until time.Time, names ...string) (*tls.Certificate, error) {
	if len(names) == 0 {
		return nil, errors.New("issue certificate: no name given")
	}
	template := &x509.Certificate{
		NotBefore:   until.Add(-leafLifetime - clockSkew),
		NotAfter:    until,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if len(names[0]) <= maxCommon {
		template.Subject.CommonName = names[0]
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return a.sign(template, key, names[0])
}

// IssueClient signs a certificate by which a client shows who it is, and returns it with its private key, as PEM. It is
// valid now.
func (a *Authority) IssueClient(commonName string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key for %q: %w", commonName, err)
	}
	now := time.Now()
	made, err := a.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: commonName},
		NotBefore:   now.Add(-clockSkew),
		NotAfter:    now.Add(leafLifetime),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, key, commonName)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("write key for %q: %w", commonName, err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Leaf.Raw})
	return append(cert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...), nil
}

func (a *Authority) sign(template *x509.Certificate, key crypto.Signer, name string) (*tls.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate for %q: %w", name, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read back certificate for %q: %w", name, err)
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}
