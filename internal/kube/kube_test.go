// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package kube

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kubectl is a program that answers as script says; $@ are the arguments.
func kubectl(t *testing.T, script string) *Kubectl {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubectl")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755))
	return New(path, "lab.kubeconfig")
}

type pod struct {
	Metadata struct{ Name string }
}

func TestKubectl(t *testing.T) {
	t.Run("every call names the kubeconfig", func(t *testing.T) {
		out, err := kubectl(t, `echo "$@"`).Run(t.Context(), "get", "pods", "-A")
		require.NoError(t, err)
		assert.Equal(t, "--kubeconfig lab.kubeconfig get pods -A", out)
	})

	t.Run("apply sends the manifest", func(t *testing.T) {
		assert.NoError(t, kubectl(t, `[ "$(cat)" = "kind: Namespace" ]`).Apply(t.Context(), "kind: Namespace"))
	})

	t.Run("delete sends the manifest, and waits within the limit", func(t *testing.T) {
		k := kubectl(t, `[ "$(cat)" = "kind: Namespace" ] && [ "$*" = "--kubeconfig lab.kubeconfig delete -f - --ignore-not-found --wait --timeout 1m0s" ]`)
		assert.NoError(t, k.Delete(t.Context(), "kind: Namespace", time.Minute))
	})

	t.Run("list decodes the items", func(t *testing.T) {
		pods, err := List[pod](t.Context(), kubectl(t, `echo '{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}'`), "pods", "-A")
		require.NoError(t, err)
		require.Len(t, pods, 2)
		assert.Equal(t, "b", pods[1].Metadata.Name)
	})

	t.Run("an answer that is not JSON is an error", func(t *testing.T) {
		_, err := List[pod](t.Context(), kubectl(t, `echo No resources found`), "pods")
		assert.ErrorContains(t, err, "list pods: decode the answer to kubectl [get pods -o json]: invalid character")
	})

	t.Run("a refusal is an error with kubectl's sentence", func(t *testing.T) {
		_, err := Get[pod](t.Context(), kubectl(t, `echo 'pods "a" not found' >&2; exit 1`), "pods", "shop", "a")
		assert.ErrorContains(t, err, "get pods shop/a: ")
		assert.ErrorContains(t, err, `pods "a" not found`)
	})

	t.Run("a rollout waits for each Deployment of the namespace", func(t *testing.T) {
		k := kubectl(t, `
case "$3" in
get) printf 'deployment.apps/a\ndeployment.apps/b\n' ;;
rollout) [ "$5 $6 $7" = "deployment.apps/a -n shop" ] || { echo "waits for $5 with $8 $9" >&2; exit 1; } ;;
esac`)
		err := k.Rollout(t.Context(), "shop", 30*time.Second)
		assert.ErrorContains(t, err, "waits for deployment.apps/b with --timeout 29s")
	})

	t.Run("a namespace without Deployments has not been rolled out", func(t *testing.T) {
		assert.ErrorContains(t, kubectl(t, "").Rollout(t.Context(), "shop", time.Second), "no Deployment in namespace shop")
	})
}
