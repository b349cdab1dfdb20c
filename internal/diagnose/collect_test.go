// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package diagnose

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/kube"
)

// cluster is a kubectl that knows one gateway pod with a running Envoy in istio-system and one in another
// namespace.
const cluster = `#!/bin/sh
shift 2
status='{"phase":"Running","initContainerStatuses":[{"name":"istio-proxy","state":{"running":{}}}]}'
case "$*" in
"get pods -o json -A") echo '{"items":[{"metadata":{"namespace":"istio-system","name":"gw"},"status":'"$status"'},{"metadata":{"namespace":"kube-system","name":"dns"},"status":'"$status"'}]}' ;;
*"-o json"*) echo '{"items":[]}' ;;
*) echo "$*" ;;
esac
`

func source(t *testing.T, kubectl string, elbsim http.HandlerFunc) Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubectl")
	require.NoError(t, os.WriteFile(path, []byte(kubectl), 0o755))
	server := httptest.NewServer(elbsim)
	t.Cleanup(server.Close)
	return Source{Kube: kube.New(path, "lab.kubeconfig"), Namespaces: []string{"istio-system"}, ElbsimURL: server.URL,
		Manifest: func(context.Context) (string, error) { return "kind: Service", nil }}
}

func elbsim(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/loadbalancers" {
		fmt.Fprint(w, "[]")
	}
}

func read(t *testing.T, elements ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elements...))
	require.NoError(t, err)
	return string(text)
}

func TestCollect(t *testing.T) {
	t.Run("evidence is in the folder", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "a", "b")
		require.NoError(t, os.MkdirAll(folder, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "log-of-yesterday.txt"), nil, 0o644))
		findings, err := Collect(t.Context(), folder, source(t, cluster, elbsim))
		require.NoError(t, err)
		assert.Empty(t, findings)
		assert.Equal(t, "kind: Service", read(t, folder, "manifest.yaml"))
		assert.Equal(t, "[]", read(t, folder, "elbsim-loadbalancers.json"))
		assert.Contains(t, read(t, folder, "events.txt"), "get events -A")
		assert.Contains(t, read(t, folder, "log-istio-system-gw.txt"), "logs -n istio-system gw --all-containers")
		assert.Contains(t, read(t, folder, "envoy-istio-system-gw.json"), "exec -n istio-system gw -c istio-proxy -- pilot-agent request GET config_dump")
		assert.NoFileExists(t, filepath.Join(folder, "log-kube-system-dns.txt"))
		assert.NoFileExists(t, filepath.Join(folder, "log-of-yesterday.txt"))
	})

	t.Run("what cannot be had is said, the rest is there", func(t *testing.T) {
		folder := t.TempDir()
		s := source(t, cluster, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "starting", http.StatusServiceUnavailable) })
		s.Manifest = func(context.Context) (string, error) { return "", errors.New("release: not found") }
		findings, err := Collect(t.Context(), folder, s)
		assert.ErrorContains(t, err, "manifest.yaml: release: not found")
		require.Len(t, findings, 1)
		assert.Contains(t, findings[0], "AWS Load Balancer Controller (elbsim) is not running")
		assert.Contains(t, findings[0], "/healthz: 503 Service Unavailable: starting")
		assert.Equal(t, findings[0], read(t, folder, "findings.txt"))
		assert.Contains(t, read(t, folder, "manifest.yaml"), "[incomplete: release: not found]")
		assert.Contains(t, read(t, folder, "events.txt"), "get events -A")
	})
}

// ending is a test that runs its cleanups at the end of scope.
type ending struct {
	failed  bool
	cleanup func()
	log     []string
}

func (e *ending) Helper()          {}
func (e *ending) Cleanup(f func()) { e.cleanup = f }
func (e *ending) Failed() bool     { return e.failed }
func (e *ending) Name() string     { return "TestALBPublic/a b" }
func (e *ending) Logf(format string, args ...any) {
	e.log = append(e.log, fmt.Sprintf(format, args...))
}

func TestOnFailure(t *testing.T) {
	t.Run("a failed test's log ends with findings and path", func(t *testing.T) {
		dir, failed := t.TempDir(), &ending{failed: true}
		OnFailure(failed, dir, source(t, cluster, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/loadbalancers" {
				fmt.Fprint(w, `[{"stack":"s","targetGroups":[{"name":"g"}]}]`)
			}
		}))
		failed.cleanup()
		assert.Equal(t, []string{
			"found: load balancer s, target group g: no targets are registered",
			"evidence: " + filepath.Join(dir, "TestALBPublic_a_b"),
		}, failed.log)
		assert.FileExists(t, filepath.Join(dir, "TestALBPublic_a_b", "events.txt"))
	})

	t.Run("a test that passed leaves nothing", func(t *testing.T) {
		dir, passed := t.TempDir(), &ending{}
		OnFailure(passed, dir, source(t, cluster, elbsim))
		passed.cleanup()
		assert.Empty(t, passed.log)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Empty(t, entries)
	})
}
