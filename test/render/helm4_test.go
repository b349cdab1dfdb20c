// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"bytes"
	"debug/buildinfo"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/render"
)

// Everything else here renders with Helm 3's library. What users run are programs, of Helm 3 and of Helm 4.
func TestHelm3AndHelm4RenderTheSameObjects(t *testing.T) {
	releases, err := presetsOnce()
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(valuesDir, "*.yaml"))
	require.NoError(t, err)
	for program, helm := range map[string]string{"Helm 3": helmProgram(t, "helm", ".", "helm.sh/helm/v3"), "Helm 4": helmProgram(t, "helm4", "hack/components", "helm.sh/helm/v4")} {
		for _, file := range files {
			preset := strings.TrimSuffix(filepath.Base(file), ".yaml")
			t.Run(program+"/"+preset, func(t *testing.T) {
				t.Parallel()
				cmd := exec.CommandContext(t.Context(), helm, "template", "istio-aws", chartDir, "--namespace", "istio-system", "--kube-version", render.KubeVersion, "--values", file)
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				manifests, err := cmd.Output()
				require.NoError(t, err, stderr.String())
				want, got := objectSet(t, releases[preset+"/install"].Manifest), objectSet(t, string(manifests))
				assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
				for name := range want {
					assert.Equal(t, want[name], got[name], name)
				}
				assert.Greater(t, len(got), 20)
			})
		}
	}
}

// objectSet maps "Kind namespace/name" to the object as JSON.
func objectSet(t *testing.T, manifests string) map[string]string {
	t.Helper()
	objects := map[string]string{}
	for _, document := range releaseutil.SplitManifests(manifests) {
		content, err := yaml.YAMLToJSON([]byte(document))
		require.NoError(t, err, document)
		if string(content) == "null" {
			continue // only comments
		}
		var object struct {
			Kind     string `json:"kind"`
			Metadata struct {
				Name      string `json:"name"`
				Namespace string `json:"namespace"`
			} `json:"metadata"`
		}
		require.NoError(t, yaml.Unmarshal(content, &object))
		name := object.Kind + " " + object.Metadata.Namespace + "/" + object.Metadata.Name
		require.NotContains(t, objects, name, "rendered twice")
		objects[name] = string(content)
	}
	return objects
}

// helmProgram is a program in bin/, of the version that the go.mod in a folder of the repository pins.
func helmProgram(t *testing.T, name, folder, module string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "bin", name))
	require.NoError(t, err)
	built, err := buildinfo.ReadFile(path)
	require.NoError(t, err, "run: make helm")
	pinned, err := exec.CommandContext(t.Context(), "go", "-C", filepath.Join("..", "..", folder), "list", "-m", "-f", "{{.Path}} {{.Version}}", module).Output()
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(pinned)), built.Main.Path+" "+built.Main.Version, "bin/%s is out of date; run: make helm", name)
	return path
}
