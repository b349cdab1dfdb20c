// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package release

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/kube"
)

func TestErase(t *testing.T) {
	r := Release{Name: "mesh", Namespace: "n", Chart: "c"}
	log := filepath.Join(t.TempDir(), "log")
	kubectl := filepath.Join(t.TempDir(), "kubectl")
	require.NoError(t, os.WriteFile(kubectl, []byte("#!/bin/sh\nshift 2; echo \"$@\" >>"+log), 0o755))
	cluster := kube.New(kubectl, "lab.kubeconfig")

	t.Run("the release goes first, then pods, namespace and CRDs", func(t *testing.T) {
		h, lines := helm(t, "", "")
		require.NoError(t, h.Erase(t.Context(), cluster, r))
		assert.Equal(t, []string{"uninstall mesh --ignore-not-found --wait --timeout 5m0s --namespace n"}, lines())
		text, err := os.ReadFile(log)
		require.NoError(t, err)
		assert.Equal(t, "delete pods --all -n n --grace-period=0 --force --wait=false\ndelete namespace n --ignore-not-found --wait --timeout 5m0s\ndelete -f c/crds --ignore-not-found --wait\n", string(text))
	})

	t.Run("a release that stays keeps its namespace", func(t *testing.T) {
		require.NoError(t, os.Remove(log))
		h, _ := helm(t, "", "echo 'timed out' >&2; exit 1")
		assert.ErrorContains(t, h.Erase(t.Context(), cluster, r), `uninstall release "mesh": `)
		assert.NoFileExists(t, log)
	})
}
