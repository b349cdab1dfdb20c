// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repository serves charts base and gateway in version 1.2.3 and counts requests.
type repository struct {
	*httptest.Server
	requests atomic.Int32
}

func newRepository(t *testing.T, change func(index string) string) *repository {
	t.Helper()
	r := &repository{}
	archives := map[string][]byte{}
	index := "apiVersion: v1\nentries:\n"
	for name, files := range map[string]map[string][]byte{
		"base":    {"Chart.yaml": []byte("apiVersion: v2\nname: base\nversion: 1.2.3\n"), "files/crd-all.gen.yaml": []byte("kind: CustomResourceDefinition\n")},
		"gateway": {"Chart.yaml": []byte("apiVersion: v2\nname: gateway\nversion: 1.2.3\n")},
	} {
		archive, err := pack(name, files)
		require.NoError(t, err)
		archives["/"+name+"-1.2.3.tgz"] = archive
		index += fmt.Sprintf("  %s: [{apiVersion: v2, name: %s, version: 1.2.3, urls: [%s-1.2.3.tgz], digest: %x}]\n", name, name, name, sha256.Sum256(archive))
	}
	archives["/index.yaml"] = []byte(change(index))
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.requests.Add(1)
		body, found := archives[req.URL.Path]
		if !found {
			http.NotFound(w, req)
			return
		}
		_, _ = w.Write(body) // a broken connection is the client's error
	}))
	t.Cleanup(r.Close)
	return r
}

// workplace makes a chart that depends on base and two gateways, and a module that pins Istio's sources.
func workplace(t *testing.T, repository string) options {
	t.Helper()
	dir := t.TempDir()
	opts := options{Chart: filepath.Join(dir, "chart"), Components: filepath.Join(dir, "components"), Timeout: 5 * time.Second}
	require.NoError(t, os.MkdirAll(opts.Chart, 0o755))
	require.NoError(t, os.MkdirAll(opts.Components, 0o755))
	dependency := "- {name: %s, alias: %s, version: 1.2.3, repository: '" + repository + "'}\n"
	require.NoError(t, os.WriteFile(filepath.Join(opts.Chart, "Chart.yaml"), []byte("apiVersion: v2\nname: c\nversion: 0.1.0\ndependencies:\n"+
		fmt.Sprintf(dependency, "gateway", "one")+fmt.Sprintf(dependency, "base", "base")+fmt.Sprintf(dependency, "gateway", "two")), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(opts.Components, "go.mod"), []byte("module components\n\nrequire (\n\tistio.io/api v1.9.9\n\tistio.io/istio v0.0.0-20260101000000-0123456789ab\n)\n"), 0o644))
	return opts
}

func same(index string) string { return index }

func TestRunTakesTheChartRepositoryOnceAndThenDoesNothing(t *testing.T) {
	repository := newRepository(t, same)
	opts := workplace(t, repository.URL)
	require.NoError(t, os.MkdirAll(filepath.Join(opts.Chart, "charts"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(opts.Chart, "charts", "base-1.2.2.tgz"), nil, 0o644))

	var log bytes.Buffer
	require.NoError(t, run(t.Context(), opts, &log))
	assert.Contains(t, log.String(), "✓ Istio 1.2.3 charts and CRDs from chart repository "+repository.URL)
	assert.Equal(t, []string{".stamp", "base-1.2.3.tgz", "gateway-1.2.3.tgz"}, names(t, filepath.Join(opts.Chart, "charts")), "the older version is gone")
	assert.Equal(t, []string{"crd-all.gen.yaml"}, names(t, filepath.Join(opts.Chart, "crds")))
	assert.Equal(t, int32(3), repository.requests.Load(), "index and each chart once")

	log.Reset()
	require.NoError(t, run(t.Context(), opts, &log))
	assert.Empty(t, log.String())
	assert.Equal(t, int32(3), repository.requests.Load())

	require.NoError(t, os.Remove(filepath.Join(opts.Chart, "crds", "crd-all.gen.yaml")))
	require.NoError(t, run(t.Context(), opts, &log))
	assert.FileExists(t, filepath.Join(opts.Chart, "crds", "crd-all.gen.yaml"), "what somebody removed comes back")
}

func TestRepositoryFailuresSayWhy(t *testing.T) {
	for _, row := range []struct{ name, old, new, want string }{
		{"a chart with other content", "digest: ", "digest: 00", "has SHA-256"},
		{"a version that is not there", "version: 1.2.3", "version: 1.2.4", `version 1.2.3: not in the index`},
		{"a chart without address", "urls: [gateway-1.2.3.tgz]", "urls: []", `chart "gateway" version 1.2.3: no address in the index`},
		{"a chart that cannot be downloaded", "urls: [gateway-1.2.3.tgz]", "urls: [gone.tgz]", "gone.tgz: 404 Not Found"},
	} {
		t.Run(row.name, func(t *testing.T) {
			repository := newRepository(t, func(index string) string { return strings.ReplaceAll(index, row.old, row.new) })
			opts := workplace(t, repository.URL)
			w, err := readWanted(opts)
			require.NoError(t, err)
			_, err = fromRepository(t.Context(), opts, w)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestBothWaysFailingAreBothReported(t *testing.T) {
	repository := newRepository(t, same)
	opts := workplace(t, repository.URL)
	repository.Close()
	require.NoError(t, os.WriteFile(filepath.Join(opts.Components, "go.mod"), []byte("module components\n\nrequire istio.io/istio v0.0.0\n"), 0o644))
	t.Setenv("GOPROXY", "off")
	err := run(t.Context(), opts, &bytes.Buffer{})
	assert.ErrorContains(t, err, "get Istio 1.2.3: ")
	assert.ErrorContains(t, err, "connection refused")
	assert.ErrorContains(t, err, "istio.io/istio")
	assert.NoDirExists(t, filepath.Join(opts.Chart, "charts"), "nothing half done")
}

func TestReadWantedRefusesMixedVersions(t *testing.T) {
	opts := workplace(t, "https://charts.example.com")
	path := filepath.Join(opts.Chart, "Chart.yaml")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.Replace(content, []byte("alias: two, version: 1.2.3"), []byte("alias: two, version: 1.2.4"), 1), 0o644))
	_, err = readWanted(opts)
	assert.ErrorContains(t, err, `dependency "gateway" is 1.2.4`)
}

func TestStampMakesAReleasedChart(t *testing.T) {
	files := map[string][]byte{
		"Chart.yaml":  []byte("name: istiod\n# never shipped\nversion: 1.0.0\nappVersion: 1.0.0\n"),
		"values.yaml": []byte("hub: \"\"\ntag: \"\"\nglobal:\n    hub: registry.istio.io/testing\n    tag: latest\n"),
	}
	require.NoError(t, stamp("istiod", files, "1.2.3"))
	assert.Equal(t, "name: istiod\n# never shipped\nversion: 1.2.3\nappVersion: 1.2.3\n", string(files["Chart.yaml"]))
	assert.Equal(t, "hub: \"\"\ntag: \"\"\nglobal:\n    hub: registry.istio.io/release\n    tag: 1.2.3\n", string(files["values.yaml"]))
	assert.ErrorContains(t, stamp("istiod", files, "1.2.3"), `values.yaml has 0 lines like "hub:`, "a change upstream is noticed")
}

func TestPackDependsOnContentOnly(t *testing.T) {
	files := map[string][]byte{"a": []byte("1"), "b/c": []byte("2")}
	first, err := pack("chart", files)
	require.NoError(t, err)
	second, err := pack("chart", files)
	require.NoError(t, err)
	assert.Equal(t, first, second)
}

func TestWriteRefusesWhatIsNotTheWantedChart(t *testing.T) {
	archive, err := pack("gateway", map[string][]byte{"Chart.yaml": []byte("apiVersion: v2\nname: gateway\nversion: 1.0.0\n")})
	require.NoError(t, err)
	dir := t.TempDir()
	assert.ErrorContains(t, write(dir, wanted{Version: "1.2.3"}, map[string][]byte{"gateway": archive}), "got gateway 1.0.0, want version 1.2.3")
	assert.ErrorContains(t, write(dir, wanted{Version: "1.0.0"}, map[string][]byte{"gateway": archive}), "chart base 1.0.0 has no files/crd-all.gen.yaml")
	assert.Empty(t, names(t, dir), "nothing half done")
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var result []string
	for _, entry := range entries {
		result = append(result, entry.Name())
	}
	return result
}
