// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert_test

import (
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/tlscert"
)

func TestCiphersByPolicy(t *testing.T) {
	var (
		gcm    = []string{"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"}
		sha256 = []string{"ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256"}
		sha1   = []string{"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA"}
		rsa256 = []string{"AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384"}
		rsa1   = []string{"AES128-SHA", "AES256-SHA"}
		des    = []string{"DES-CBC3-SHA"}
		join   = func(sets ...[]string) (out []string) {
			for _, s := range sets {
				out = append(out, s...)
			}
			return out
		}
	)
	for policy, want := range map[string][]string{
		"":                                                join(gcm, sha256, sha1, rsa256, rsa1),
		"ELBSecurityPolicy-2016-08":                       join(gcm, sha256, sha1, rsa256, rsa1),
		"ELBSecurityPolicy-2015-05":                       join(gcm, sha256, sha1, rsa256, rsa1),
		"ELBSecurityPolicy-TLS-1-0-2015-04":               join(gcm, sha256, sha1, rsa256, rsa1, des),
		"ELBSecurityPolicy-TLS-1-1-2017-01":               join(gcm, sha256, sha1, rsa256, rsa1),
		"ELBSecurityPolicy-TLS-1-2-2017-01":               join(gcm, sha256, rsa256),
		"ELBSecurityPolicy-TLS-1-2-Ext-2018-06":           join(gcm, sha256, sha1, rsa256, rsa1),
		"ELBSecurityPolicy-FS-2018-06":                    join(gcm, sha256, sha1),
		"ELBSecurityPolicy-FS-1-1-2019-08":                join(gcm, sha256, sha1),
		"ELBSecurityPolicy-FS-1-2-2019-08":                join(gcm, sha256, sha1),
		"ELBSecurityPolicy-FS-1-2-Res-2019-08":            join(gcm, sha256),
		"ELBSecurityPolicy-FS-1-2-Res-2020-10":            gcm,
		"ELBSecurityPolicy-TLS13-1-0-2021-06":             join(gcm, sha256, sha1, rsa256, rsa1),
		"ELBSecurityPolicy-TLS13-1-2-2021-06":             join(gcm, sha256),
		"ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04":        join(gcm, sha256),
		"ELBSecurityPolicy-TLS13-1-2-Res-2021-06":         gcm,
		"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09": gcm,
		"ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04":   join(gcm, sha256, sha1),
		"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06":        join(gcm, sha256, rsa256),
		"ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09":     join(gcm, sha256, sha1, rsa256, rsa1),
	} {
		t.Run("policy "+policy, func(t *testing.T) {
			var got []string
			for _, id := range tlscert.Ciphers(policy) {
				got = append(got, tlscert.CipherName(id))
			}
			assert.ElementsMatch(t, want, got)
		})
	}
}

func TestNamesAreOpenSSLs(t *testing.T) {
	assert.Equal(t, "TLS_AES_128_GCM_SHA256", tlscert.CipherName(tls.TLS_AES_128_GCM_SHA256))
	assert.Equal(t, "ECDHE-RSA-AES128-GCM-SHA256", tlscert.CipherName(tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256))
	for version, want := range map[uint16]string{tls.VersionTLS10: "TLSv1", tls.VersionTLS11: "TLSv1.1", tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3"} {
		assert.Equal(t, want, tlscert.VersionName(version))
	}
}
