// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert

import (
	"crypto/tls"
	"regexp"
	"slices"
)

// suite is a cipher suite up to TLS 1.2 in the three ways AWS's policies group them.
type suite struct {
	id        uint16
	openssl   string // the name in headers and access logs
	ephemeral bool   // ECDHE: forward secrecy
	mac       mac
}

// mac is what authenticates the data of a suite.
type mac uint8

const (
	gcm mac = iota
	sha256
	sha1
	des // SHA-1 with triple DES
)

// suites are those of AWS's policies that crypto/tls can speak (ALB user guide, "Security policies"). It has no
// ECDHE-*-AES256-SHA384 and no AES256-SHA256, so a client that offers nothing else fails here and not on AWS.
var suites = []suite{
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", true, gcm},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", true, gcm},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256", true, sha256},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE-RSA-AES128-SHA256", true, sha256},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES128-SHA", true, sha1},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES128-SHA", true, sha1},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", true, gcm},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", true, gcm},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "ECDHE-ECDSA-AES256-SHA", true, sha1},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-RSA-AES256-SHA", true, sha1},
	{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES128-GCM-SHA256", false, gcm},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "AES128-SHA256", false, sha256},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES128-SHA", false, sha1},
	{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "AES256-GCM-SHA384", false, gcm},
	{tls.TLS_RSA_WITH_AES_256_CBC_SHA, "AES256-SHA", false, sha1},
	{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, "DES-CBC3-SHA", false, des},
}

// reach is how far down a policy goes: up to which mac with forward secrecy, and without (none below 0).
type reach struct {
	ephemeral, static mac
	noStatic          bool
}

// reaches are the cipher suites by policy; the first that matches counts. crypto/tls cannot choose among the suites
// of TLS 1.3, so a FIPS policy offers ChaCha20 here and not on AWS.
var reaches = []struct {
	name *regexp.Regexp
	reach
}{
	{regexp.MustCompile(`-(TLS13-1-2-Res|FS-1-2-Res-2020-10)`), reach{ephemeral: gcm, noStatic: true}},
	{regexp.MustCompile(`-(TLS13-1-2(-FIPS)?(-PQ)?-20|FS-1-2-Res-2019-08)`), reach{ephemeral: sha256, noStatic: true}},
	{regexp.MustCompile(`-(TLS13-1-2-Ext1|TLS-1-2-2017-01)`), reach{ephemeral: sha256, static: sha256}},
	{regexp.MustCompile(`-(TLS13-1-2-Ext0|FS-2018-06|FS-1-1-2019-08|FS-1-2-2019-08)`), reach{ephemeral: sha1, noStatic: true}},
	{regexp.MustCompile(`-TLS-1-0-2015-04`), reach{ephemeral: sha1, static: des}},
	{regexp.MustCompile(`.`), reach{ephemeral: sha1, static: sha1}},
}

// Ciphers returns the suites up to TLS 1.2 of a known security policy.
func Ciphers(policy string) []uint16 {
	var out []uint16
	for _, r := range reaches {
		if !r.name.MatchString(orDefault(policy)) {
			continue
		}
		for _, s := range suites {
			if s.ephemeral && s.mac <= r.ephemeral || !s.ephemeral && !r.noStatic && s.mac <= r.static {
				out = append(out, s.id)
			}
		}
		break
	}
	return out
}

// curves are the key exchanges of a policy. Hybrid ones with ML-KEM belong to the policies with PQ in their name.
func curves(policy string) []tls.CurveID {
	classic := []tls.CurveID{tls.CurveP256, tls.X25519, tls.CurveP384, tls.CurveP521}
	if pq.MatchString(policy) {
		return append([]tls.CurveID{tls.X25519MLKEM768, tls.SecP256r1MLKEM768, tls.SecP384r1MLKEM1024}, classic...)
	}
	return classic
}

var pq = regexp.MustCompile(`-PQ-`)

// CipherName is the name that headers and access logs give to a cipher suite: OpenSSL's.
func CipherName(id uint16) string {
	if i := slices.IndexFunc(suites, func(s suite) bool { return s.id == id }); i >= 0 {
		return suites[i].openssl
	}
	return tls.CipherSuiteName(id)
}

// VersionName is the name that headers and access logs give to a TLS version.
func VersionName(version uint16) string {
	switch version {
	case tls.VersionTLS10:
		return "TLSv1"
	case tls.VersionTLS11:
		return "TLSv1.1"
	case tls.VersionTLS12:
		return "TLSv1.2"
	}
	return "TLSv1.3"
}
