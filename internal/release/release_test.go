// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package release

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// helm is a program that writes its arguments to a log and then does what script says.
func helm(t *testing.T, kubeconfig, script string) (h *Helm, lines func() []string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	path := filepath.Join(t.TempDir(), "helm")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho \"$@\" >>"+log+"\n"+script), 0o755))
	return New(path, kubeconfig), func() []string {
		text, err := os.ReadFile(log)
		require.NoError(t, err)
		return strings.Split(strings.TrimSpace(string(text)), "\n")
	}
}

func TestCommandLines(t *testing.T) {
	full := Release{Name: "mesh", Namespace: "istio-system", Chart: "charts/istio-aws", Values: []string{"a.yaml", "b.yaml"},
		Set: map[string]string{"mtls.mode": "STRICT", "a": "1"}, Timeout: 90 * time.Second}
	const values = " --values a.yaml --values b.yaml --set a=1 --set mtls.mode=STRICT"
	for _, test := range []struct {
		name string
		run  func(*Helm, context.Context, Release) error
		want string
	}{
		{"install waits", (*Helm).Install, "install mesh charts/istio-aws --create-namespace --wait --timeout 1m30s" + values},
		{"upgrade waits", (*Helm).Upgrade, "upgrade mesh charts/istio-aws --wait --timeout 1m30s" + values},
		{"uninstall waits and accepts absence", (*Helm).Uninstall, "uninstall mesh --ignore-not-found --wait --timeout 1m30s"},
		{"template renders the same values", func(h *Helm, ctx context.Context, r Release) error {
			_, err := h.Template(ctx, r)
			return err
		}, "template mesh charts/istio-aws" + values},
		{"manifest", func(h *Helm, ctx context.Context, r Release) error {
			_, err := h.Manifest(ctx, r)
			return err
		}, "get manifest mesh"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, lines := helm(t, "lab.kubeconfig", "")
			require.NoError(t, test.run(h, t.Context(), full))
			assert.Equal(t, []string{test.want + " --namespace istio-system --kubeconfig lab.kubeconfig"}, lines())
		})
	}

	t.Run("without kubeconfig and time-out the defaults hold", func(t *testing.T) {
		h, lines := helm(t, "", "")
		require.NoError(t, h.Install(t.Context(), Release{Name: "mesh", Namespace: "n", Chart: "c"}))
		assert.Equal(t, []string{"install mesh c --create-namespace --wait --timeout 5m0s --namespace n"}, lines())
	})
}

func TestApply(t *testing.T) {
	r := Release{Name: "mesh", Namespace: "n", Chart: "c"}
	const list = `list --pending --uninstalling --filter ^mesh$ -o json --namespace n`
	const upgrade = "upgrade mesh c --install --create-namespace --wait --timeout 5m0s --namespace n"
	for _, test := range []struct {
		name, listed string
		want         []string
	}{
		{"what is absent or whole is installed or upgraded", `[]`, []string{list, upgrade}},
		{"what an interrupted helm left is removed first", `[{"status":"pending-install"}]`,
			[]string{list, "uninstall mesh --ignore-not-found --wait --timeout 5m0s --namespace n", upgrade}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, lines := helm(t, "", `[ "$1" != list ] || echo '`+test.listed+`'`)
			require.NoError(t, h.Apply(t.Context(), r))
			assert.Equal(t, test.want, lines())
		})
	}

	t.Run("an answer that is not JSON is an error", func(t *testing.T) {
		h, _ := helm(t, "", "echo oops")
		assert.ErrorContains(t, h.Apply(t.Context(), r), "decode the answer to helm list")
	})
}

func TestFailure(t *testing.T) {
	h, _ := helm(t, "", "echo 'Error: timed out waiting for the condition' >&2; exit 1")
	err := h.Install(t.Context(), Release{Name: "mesh", Namespace: "n", Chart: "c"})
	assert.ErrorContains(t, err, `install release "mesh": `)
	assert.ErrorContains(t, err, "install mesh c --create-namespace --wait --timeout 5m0s --namespace n: exit status 1\nError: timed out waiting for the condition")
}
