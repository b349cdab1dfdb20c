// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package render_test holds the chart to its promises before any cluster sees it: what the values make,
// what they refuse, and what holds for every preset in values/. No cluster, no network.
package render_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/render"
)

const (
	chartDir  = "../../charts/istio-aws"
	valuesDir = "../../values"
)

// loadOnce reads the chart once for all tests; a Chart is never changed.
var loadOnce = sync.OnceValues(func() (*render.Chart, error) { return render.Load(chartDir) })

func chart(t *testing.T) *render.Chart {
	t.Helper()
	loaded, err := loadOnce()
	require.NoError(t, err)
	return loaded
}

// rendered renders YAML values on top of the chart's defaults.
func rendered(t *testing.T, values ...string) *render.Release {
	t.Helper()
	release, err := chart(t).Render(render.Options{Values: values})
	require.NoError(t, err)
	return release
}

// presetsOnce renders every file in values/ once for all tests, as an install and as an upgrade; nobody changes a Release.
var presetsOnce = sync.OnceValues(func() (map[string]*render.Release, error) {
	loaded, err := loadOnce()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(valuesDir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	releases := map[string]*render.Release{}
	for _, file := range files {
		for way, upgrade := range map[string]bool{"install": false, "upgrade": true} {
			release, err := loaded.Render(render.Options{ValuesFiles: []string{file}, IsUpgrade: upgrade})
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", way, file, err)
			}
			releases[strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+way] = release
		}
	}
	return releases, nil
})

// eachPreset runs a subtest for every file in values/, as an install and as an upgrade.
func eachPreset(t *testing.T, test func(t *testing.T, release *render.Release)) {
	t.Helper()
	releases, err := presetsOnce()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(releases), 6, "the presets in values/")
	for name, release := range releases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, release)
		})
	}
}

// preset is one of values/, installed.
func preset(t *testing.T, name string) *render.Release {
	t.Helper()
	releases, err := presetsOnce()
	require.NoError(t, err)
	require.Contains(t, releases, name+"/install")
	return releases[name+"/install"]
}

// defaults is the chart's own values.yaml.
func defaults(t *testing.T) map[string]any {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(chartDir, "values.yaml"))
	require.NoError(t, err)
	var values map[string]any
	require.NoError(t, yaml.Unmarshal(content, &values))
	return values
}
