// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Source returns the certificate of an ARN for a server name, which may be empty.
type Source func(arn, serverName string) (*tls.Certificate, error)

// Config makes the TLS configuration of a listener that speaks these protocols. It fails if the policy is
// unknown or the default certificate cannot be had.
func Config(l elb.Listener, protocols []string, certificates Source) (*tls.Config, error) {
	min, max, err := Versions(l.SSLPolicy)
	if err != nil {
		return nil, err
	}
	if l.MutualTLS != "" {
		return nil, fmt.Errorf("mutual TLS %q is not served", l.MutualTLS)
	}
	if len(l.Certificates) == 0 || certificates == nil {
		return nil, errors.New("no certificate")
	}
	if _, err := certificates(l.Certificates[0], ""); err != nil {
		return nil, err
	}
	base := &tls.Config{
		MinVersion: min, MaxVersion: max, NextProtos: protocols,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return pick(l.Certificates, hello.ServerName, certificates)
		},
	}
	plain := base.Clone()
	plain.NextProtos = nil
	// Without a protocol in common the handshake goes on without ALPN (row 66), where crypto/tls would end it.
	base.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if len(common(protocols, hello.SupportedProtos)) == 0 {
			return plain, nil
		}
		return nil, nil
	}
	return base, nil
}

// pick returns the first certificate that is valid for the server name, otherwise the default one.
func pick(arns []string, serverName string, certificates Source) (*tls.Certificate, error) {
	var errs []error
	for _, arn := range arns {
		if serverName == "" {
			break
		}
		c, err := certificates(arn, serverName)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if covers(c, serverName) {
			return c, nil
		}
	}
	c, err := certificates(arns[0], serverName)
	if err != nil {
		return nil, errors.Join(append(errs, err)...)
	}
	return c, nil
}

func covers(c *tls.Certificate, serverName string) bool {
	return c.Leaf != nil && c.Leaf.VerifyHostname(serverName) == nil
}
