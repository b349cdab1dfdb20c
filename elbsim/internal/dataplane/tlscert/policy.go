// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package tlscert makes the TLS configuration of a listener: versions by security policy, certificate by
// server name, application protocols by ALPN policy. It never opens a connection.
package tlscert

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"regexp"
	"slices"
)

// DefaultPolicy is AWS's policy for a listener that names none.
const DefaultPolicy = "ELBSecurityPolicy-2016-08"

// policies are the oldest and newest TLS version by name (API reference, DescribeSSLPolicies).
var policies = []struct {
	name     *regexp.Regexp
	min, max uint16
}{
	{regexp.MustCompile("^ELBSecurityPolicy-TLS13-1-0-"), tls.VersionTLS10, tls.VersionTLS13},
	{regexp.MustCompile("^ELBSecurityPolicy-TLS13-1-1-"), tls.VersionTLS11, tls.VersionTLS13},
	{regexp.MustCompile("^ELBSecurityPolicy-TLS13-1-2-"), tls.VersionTLS12, tls.VersionTLS13},
	{regexp.MustCompile("^ELBSecurityPolicy-TLS13-1-3-"), tls.VersionTLS13, tls.VersionTLS13},
	{regexp.MustCompile("^ELBSecurityPolicy-(2015-05|2016-08|FS-2018-06|TLS-1-0-2015-04)$"), tls.VersionTLS10, tls.VersionTLS12},
	{regexp.MustCompile("^ELBSecurityPolicy-(TLS-1-1-2017-01|FS-1-1-2019-08)$"), tls.VersionTLS11, tls.VersionTLS12},
	{regexp.MustCompile("^ELBSecurityPolicy-(TLS-1-2-2017-01|TLS-1-2-Ext-2018-06|FS-1-2-2019-08|FS-1-2-Res-20(19-08|20-10))$"), tls.VersionTLS12, tls.VersionTLS12},
}

// Versions returns the oldest and newest TLS version of a security policy; "" is the default policy.
func Versions(policy string) (min, max uint16, err error) {
	for _, p := range policies {
		if p.name.MatchString(orDefault(policy)) {
			return p.min, p.max, nil
		}
	}
	return 0, 0, fmt.Errorf("TLS policy %q is unknown", policy)
}

func orDefault(policy string) string { return cmp.Or(policy, DefaultPolicy) }

// ALPN returns the protocols of a Network Load Balancer's ALPN policy by preference (row 66).
func ALPN(policy string) ([]string, error) {
	switch policy {
	case "", "None":
		return nil, nil
	case "HTTP1Only":
		return []string{"http/1.1", "http/1.0"}, nil
	case "HTTP2Only":
		return []string{"h2"}, nil
	case "HTTP2Optional":
		return []string{"http/1.1", "http/1.0", "h2"}, nil
	case "HTTP2Preferred":
		return []string{"h2", "http/1.1", "http/1.0"}, nil
	}
	return nil, fmt.Errorf("ALPN policy %q is unknown; allowed are None, HTTP1Only, HTTP2Only, HTTP2Optional and HTTP2Preferred", policy)
}

// common returns those of the server's protocols that the client offers.
func common(server, client []string) []string {
	var out []string
	for _, p := range server {
		if slices.Contains(client, p) {
			out = append(out, p)
		}
	}
	return out
}
