// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert

import (
	"crypto/tls"
	"strings"
)

// targetPolicy is what a listener's policy means for connections to targets; one without TLS has none (row 28).
// crypto/tls has no other TLS 1.3 suites for the FIPS ones, so they are the same here.
func targetPolicy(listenerPolicy string) string {
	if strings.HasPrefix(listenerPolicy, "ELBSecurityPolicy-TLS13-") {
		return "ELBSecurityPolicy-TLS13-1-0-2021-06"
	}
	return "ELBSecurityPolicy-2016-08"
}

// ForTargets makes the TLS configuration for connections to targets behind a listener with that policy ("" without
// TLS). AWS validates no certificate of a target (row 27). Without a server name no SNI is sent, which AWS's
// documents do not say and the field reports (row 29, external-dns#1340).
func ForTargets(listenerPolicy string) (*tls.Config, error) {
	policy := targetPolicy(listenerPolicy)
	min, max, err := Versions(policy)
	if err != nil {
		return nil, err
	}
	return &tls.Config{InsecureSkipVerify: true, MinVersion: min, MaxVersion: max, CipherSuites: Ciphers(policy), CurvePreferences: curves(policy)}, nil
}
