// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/release"
)

// TestOrderOfInstallation: each Helm has an order of kinds of its own. The gateways' accounts come after
// the injection webhook in both, or a gateway pod could exist before it.
func TestOrderOfInstallation(t *testing.T) {
	r := release.Release{
		Name:      "istio-aws",
		Namespace: meshNamespace,
		Chart:     filepath.Join(suite.root, "charts", "istio-aws"),
		Values:    []string{filepath.Join(suite.root, "values", "three-gateways.yaml")},
	}
	for name, binary := range map[string]string{"Helm 3": suite.Helm3, "Helm 4": suite.Helm4} {
		t.Run(name, func(t *testing.T) {
			manifest, err := release.New(binary, "").Template(t.Context(), r)
			require.NoError(t, err)
			var kinds []string
			for line := range strings.Lines(manifest) {
				if kind, ok := strings.CutPrefix(line, "kind: "); ok {
					kinds = append(kinds, strings.TrimSpace(kind))
				}
			}
			webhook, accounts := slices.Index(kinds, "MutatingWebhookConfiguration"), slices.Index(kinds, "ServiceAccountList")
			require.NotEqual(t, -1, webhook, "no injection webhook among the kinds %v", kinds)
			require.NotEqual(t, -1, accounts, "the gateways' accounts are not in a ServiceAccountList; ordinary ServiceAccounts come before the injection webhook")
			assert.Greater(t, accounts, webhook, "the gateways' ServiceAccountList must come after the injection webhook; kinds: %v", kinds)
		})
	}
}
