// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/render"
)

// Helm refuses a release in which base renders a CRD that crds/ also has, and one with a resource whose
// CRD is in neither; so three lists have to be equal.
func TestCRDsAreEqualInCrdsFolderBaseChartAndExcludedCRDs(t *testing.T) {
	folder, err := filepath.Glob(filepath.Join(chartDir, "crds", "*.yaml"))
	require.NoError(t, err)
	var inFolder []string
	for _, file := range folder {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		inFolder = append(inFolder, crdNames(t, string(content))...)
	}
	loaded, err := chart(t).Helm()
	require.NoError(t, err)
	var inBase []string
	for _, dependency := range loaded.Dependencies() {
		for _, file := range dependency.Files {
			if dependency.Name() == "base" && file.Name == "files/crd-all.gen.yaml" {
				inBase = crdNames(t, string(file.Data))
			}
		}
	}
	var excluded []string
	for _, name := range defaults(t)["base"].(map[string]any)["base"].(map[string]any)["excludedCRDs"].([]any) {
		excluded = append(excluded, name.(string))
	}
	slices.Sort(inFolder)
	slices.Sort(inBase)
	slices.Sort(excluded)
	require.NotEmpty(t, inBase)
	assert.Equal(t, inBase, inFolder, "crds/ differs from Istio's base chart; run: make deps")
	assert.Equal(t, inBase, excluded, "base.base.excludedCRDs in values.yaml differs from Istio's base chart: copy the names")
}

func TestNoCRDIsRenderedAsATemplate(t *testing.T) {
	eachPreset(t, func(t *testing.T, release *render.Release) {
		assert.Empty(t, release.Kind("CustomResourceDefinition"))
	})
}

func TestIstioVersionIsTheSameEverywhere(t *testing.T) {
	loaded, err := chart(t).Helm()
	require.NoError(t, err)
	for _, dependency := range loaded.Dependencies() {
		assert.Equal(t, loaded.Metadata.AppVersion, dependency.Metadata.Version, dependency.Name())
	}
	istiod, found := rendered(t).Find("Deployment", "istiod")
	require.True(t, found)
	assert.Contains(t, text(t, istiod.Object), `"image":"registry.istio.io/release/pilot:`+loaded.Metadata.AppVersion+`"`)
}

func crdNames(t *testing.T, documents string) []string {
	t.Helper()
	var names []string
	for _, document := range releaseutil.SplitManifests(documents) {
		var crd struct {
			Kind     string `json:"kind"`
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		require.NoError(t, yaml.Unmarshal([]byte(document), &crd))
		if crd.Kind == "CustomResourceDefinition" {
			names = append(names, crd.Metadata.Name)
		}
	}
	return names
}
