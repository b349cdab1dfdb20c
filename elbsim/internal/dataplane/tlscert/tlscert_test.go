// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package tlscert_test

import (
	"crypto/tls"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/tlscert"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestVersions(t *testing.T) {
	tests := []struct {
		policy   string
		min, max uint16
	}{
		{"", tls.VersionTLS10, tls.VersionTLS12},
		{"ELBSecurityPolicy-2016-08", tls.VersionTLS10, tls.VersionTLS12},
		{"ELBSecurityPolicy-TLS-1-1-2017-01", tls.VersionTLS11, tls.VersionTLS12},
		{"ELBSecurityPolicy-FS-1-2-Res-2020-10", tls.VersionTLS12, tls.VersionTLS12},
		{"ELBSecurityPolicy-TLS13-1-0-2021-06", tls.VersionTLS10, tls.VersionTLS13},
		{"ELBSecurityPolicy-TLS13-1-2-2021-06", tls.VersionTLS12, tls.VersionTLS13},
		{"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", tls.VersionTLS12, tls.VersionTLS13},
		{"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09", tls.VersionTLS12, tls.VersionTLS13},
		{"ELBSecurityPolicy-TLS13-1-3-2021-06", tls.VersionTLS13, tls.VersionTLS13},
	}
	for _, tt := range tests {
		t.Run("policy "+tt.policy, func(t *testing.T) {
			min, max, err := tlscert.Versions(tt.policy)
			require.NoError(t, err)
			assert.Equal(t, tls.VersionName(tt.min), tls.VersionName(min))
			assert.Equal(t, tls.VersionName(tt.max), tls.VersionName(max))
		})
	}
	_, _, err := tlscert.Versions("TLS13")
	assert.EqualError(t, err, "TLS policy \"TLS13\" is unknown")
}

func TestConfigNamesWhatIsMissing(t *testing.T) {
	none := func(arn, _ string) (*tls.Certificate, error) {
		if arn == "arn:ok" {
			return &tls.Certificate{}, nil
		}
		return nil, errors.New("no certificate " + arn)
	}
	tests := []struct {
		name     string
		listener elb.Listener
		want     string
	}{
		{"a default certificate that does not exist", elb.Listener{Certificates: []string{"arn:1"}}, "no certificate arn:1"},
		{"no certificate at all", elb.Listener{}, "no certificate"},
		{"an unknown policy", elb.Listener{SSLPolicy: "x"}, "TLS policy \"x\" is unknown"},
		{"a trust store", elb.Listener{Certificates: []string{"arn:ok"}, MutualTLS: "verify"}, "mutual TLS verify without trust store"},
		{"an unknown mode of mutual TLS", elb.Listener{Certificates: []string{"arn:ok"}, MutualTLS: "maybe"}, "mutual TLS \"maybe\"; allowed are off, passthrough and verify"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tlscert.Config(tt.listener, nil, none, nil)
			assert.EqualError(t, err, tt.want)
		})
	}
}
