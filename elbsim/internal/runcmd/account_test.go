// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package runcmd

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheAccountOfAFileIsTheOneThatRuns(t *testing.T) {
	content, err := os.ReadFile(sample)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "account.yaml")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(content), "eu-west-1", "us-east-1")), 0o600))
	s := started(t, "--state", "none", "--account", file, "--zones", "a,b,c")

	assert.Equal(t, "us-east-1", s.account.Region())
	assert.Equal(t, "us-east-1", s.config.Region(), "the controller works in the same region")
	assert.Equal(t, []string{"us-east-1a", "us-east-1b", "us-east-1c"}, s.account.Zones())
	members, known := s.account.Members("pl-0123456789abcdef0")
	assert.True(t, known)
	assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("192.0.2.0/25")}, members)

	cert, err := s.store.Certificate("arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555", "elsewhere.org")
	require.NoError(t, err)
	assert.Equal(t, []string{"example.com", "*.example.com"}, cert.Leaf.DNSNames, "a declared certificate has its domains, whoever asks")
}
