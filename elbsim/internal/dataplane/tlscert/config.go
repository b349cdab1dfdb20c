// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert

import (
	"crypto/tls"
	"errors"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Source returns the certificate of an ARN for a server name, which may be empty.
type Source func(arn, serverName string) (*tls.Certificate, error)

// Config makes the TLS configuration of a listener that speaks these protocols. It fails if the policy is
// unknown, or the default certificate or the trust store cannot be had. stores may be nil without mutual TLS.
func Config(l elb.Listener, protocols []string, certificates Source, stores TrustStores) (*tls.Config, error) {
	min, max, err := Versions(l.SSLPolicy)
	if err != nil {
		return nil, err
	}
	if len(l.Certificates) == 0 || certificates == nil {
		return nil, errors.New("no certificate")
	}
	if _, err := certificates(l.Certificates[0], ""); err != nil {
		return nil, err
	}
	base := &tls.Config{
		MinVersion: min, MaxVersion: max, NextProtos: protocols, CipherSuites: Ciphers(l.SSLPolicy), CurvePreferences: curves(l.SSLPolicy),
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return pick(l.Certificates, hello, certificates)
		},
	}
	if err := askClients(base, l, stores); err != nil {
		return nil, err
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
