// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"
)

// pick returns the best certificate that is valid for the client's server name, otherwise the default one (row 30).
func pick(arns []string, hello *tls.ClientHelloInfo, certificates Source) (*tls.Certificate, error) {
	var errs []error
	var best *tls.Certificate
	for _, arn := range arns {
		if hello.ServerName == "" {
			break
		}
		c, err := certificates(arn, hello.ServerName)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if covers(c, hello.ServerName) && hello.SupportsCertificate(c) == nil && (best == nil || compare(c.Leaf, best.Leaf) > 0) {
			best = c
		}
	}
	if best != nil {
		return best, nil
	}
	c, err := certificates(arns[0], hello.ServerName)
	if err != nil {
		return nil, errors.Join(append(errs, err)...)
	}
	return c, nil
}

func covers(c *tls.Certificate, serverName string) bool {
	return c.Leaf != nil && c.Leaf.VerifyHostname(serverName) == nil
}

// compare orders certificates as AWS prefers them: ECDSA to RSA, the longer hash, the longer key, the longer validity
// (ALB user guide, "SSL certificates").
func compare(a, b *x509.Certificate) int {
	return cmp.Or(
		cmp.Compare(boolean(a.PublicKeyAlgorithm == x509.ECDSA), boolean(b.PublicKeyAlgorithm == x509.ECDSA)),
		cmp.Compare(hashBits(a), hashBits(b)),
		cmp.Compare(keyBits(a), keyBits(b)),
		cmp.Compare(validity(a), validity(b)),
	)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

func hashBits(c *x509.Certificate) int {
	switch c.SignatureAlgorithm {
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		return 512
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		return 384
	case x509.SHA256WithRSA, x509.ECDSAWithSHA256, x509.SHA256WithRSAPSS:
		return 256
	}
	return 0
}

func keyBits(c *x509.Certificate) int {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen()
	case *ecdsa.PublicKey:
		return key.Params().BitSize
	}
	return 0
}

func validity(c *x509.Certificate) time.Duration { return c.NotAfter.Sub(c.NotBefore) }
