// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// small writes a chart of two objects and returns it loaded.
func small(t *testing.T) *Chart {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"Chart.yaml":                "apiVersion: v2\nname: small\nversion: 1.2.3\n",
		"values.yaml":               "port: 80\nlabels: {}\n",
		"values.schema.json":        `{"properties": {"port": {"type": "integer"}}}`,
		"templates/service.yaml":    "kind: Service\napiVersion: v1\nmetadata: {name: '{{ .Release.Name }}', namespace: '{{ .Release.Namespace }}'}\nspec: {ports: [{port: {{ .Values.port }}}]}\n",
		"templates/deployment.yaml": "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: web, labels: {{ toJson .Values.labels }}}\nspec: {paused: {{ .Release.IsUpgrade }}}\n",
		"templates/empty.yaml":      "{{- /* nothing */ -}}\n",
		"templates/refuse.yaml":     "{{- if eq (int .Values.port) 81 }}{{ fail \"port: 81 is taken\" }}{{ end }}\n",
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	chart, err := Load(dir)
	require.NoError(t, err)
	return chart
}

func TestObjectsComeInHelmsOrderOfInstallation(t *testing.T) {
	release, err := small(t).Render(Options{})
	require.NoError(t, err)
	require.Len(t, release.Objects, 2)
	assert.Equal(t, "Service", release.Objects[0].GetKind())
	assert.Equal(t, "Deployment", release.Objects[1].GetKind())
}

func TestValuesWinFromLeftToRight(t *testing.T) {
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, []byte("port: 8080\nlabels: {a: file, b: file}\n"), 0o644))
	release, err := small(t).Render(Options{
		Release: "r", Namespace: "n", IsUpgrade: true,
		ValuesFiles: []string{file}, Values: []string{"labels: {b: first, c: first}", "labels: {c: second}"},
	})
	require.NoError(t, err)
	service, err := Get[corev1.Service](release, "Service", "r")
	require.NoError(t, err)
	assert.Equal(t, int32(8080), service.Spec.Ports[0].Port)
	assert.Equal(t, "n", service.Namespace)
	deployment, found := release.Find("Deployment", "web")
	require.True(t, found)
	assert.Equal(t, map[string]string{"a": "file", "b": "first", "c": "second"}, deployment.GetLabels())
	assert.Equal(t, true, deployment.Object["spec"].(map[string]any)["paused"], "rendered as an upgrade")
}

func TestErrorsSayWhatHelmSays(t *testing.T) {
	chart := small(t)
	_, err := chart.Render(Options{Values: []string{"port: x"}})
	assert.ErrorContains(t, err, "at '/port': got string, want integer")
	_, err = chart.Render(Options{Values: []string{"port: 81"}})
	assert.ErrorContains(t, err, "port: 81 is taken")
	_, err = chart.Render(Options{Values: []string{"{"}})
	assert.ErrorContains(t, err, `read values "{"`)
	_, err = chart.Render(Options{ValuesFiles: []string{"absent.yaml"}})
	assert.ErrorContains(t, err, "absent.yaml")
	_, err = chart.Render(Options{KubeVersion: "x"})
	assert.ErrorContains(t, err, `version of Kubernetes "x"`)
}

func TestGetRefusesWhatTheAPIServerWould(t *testing.T) {
	chart := small(t)
	release, err := chart.Render(Options{})
	require.NoError(t, err)
	_, err = Get[corev1.Service](release, "Service", "other")
	assert.EqualError(t, err, `Service "other": not rendered`)

	broken, err := chart.With("templates/service.yaml", []byte("kind: Service\napiVersion: v1\nmetadata: {name: s}\nspec: {prots: []}\n")).Render(Options{})
	require.NoError(t, err)
	_, err = Get[corev1.Service](broken, "Service", "s")
	assert.ErrorContains(t, err, `unknown field "spec.prots"`)
}

func TestLoadNamesTheCureForMissingDependencies(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Chart.yaml"),
		[]byte("apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: base, version: 1.0.0, repository: https://charts.example.com}]\n"), 0o644))
	_, err := Load(dir)
	assert.ErrorContains(t, err, "missing in charts/ directory: base; run: make deps")
}

func TestStoredBytesCountsTheWholeRelease(t *testing.T) {
	chart := small(t)
	release, err := chart.Render(Options{})
	require.NoError(t, err)
	without, err := release.StoredBytes()
	require.NoError(t, err)
	release, err = chart.With("crds/crd.yaml", []byte("# "+t.Name())).Render(Options{})
	require.NoError(t, err)
	with, err := release.StoredBytes()
	require.NoError(t, err)
	assert.Greater(t, with, without)
}
