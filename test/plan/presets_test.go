// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package plan asserts what load balancers AWS will build from each preset, strictly: the fourth
// arrow of the flow, without a cluster.
package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/plan"
	"github.com/istio-aws/istio-aws/internal/render"
)

const root = "../.."

// elbsim is the program that makes the plans; ELBSIM names another one than bin/elbsim.
var elbsim string

func TestMain(m *testing.M) {
	var err error
	if elbsim, err = plan.Binary(os.Getenv("ELBSIM"), root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// loadOnce reads the chart once for all tests; a Chart is never changed.
var loadOnce = sync.OnceValues(func() (*render.Chart, error) { return render.Load(filepath.Join(root, "charts", "istio-aws")) })

func rendered(t *testing.T, options render.Options) *render.Release {
	t.Helper()
	chart, err := loadOnce()
	require.NoError(t, err)
	release, err := chart.Render(options)
	require.NoError(t, err)
	return release
}

// planned renders the chart, once for each release, and plans what comes out.
func planned(t *testing.T, releases ...render.Options) plan.Plan {
	t.Helper()
	manifests := ""
	for _, options := range releases {
		manifests += "\n---\n" + rendered(t, options).Manifest
	}
	p, err := plan.Make(t.Context(), elbsim, manifests)
	require.NoError(t, err)
	return p
}

// companions are releases that a preset is one half of.
var companions = map[string]render.Options{
	"canary": {Release: "istio-aws-1-32", ValuesFiles: []string{filepath.Join(root, "examples", "canary", "second-release.yaml")}},
}

func TestPresets(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "values", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		preset := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(preset, func(t *testing.T) {
			want, ok := presets[preset]
			require.True(t, ok, "a preset needs an expectation in test/plan")
			releases := []render.Options{{ValuesFiles: []string{file}}}
			if second, is := companions[preset]; is {
				releases = append(releases, second)
			}
			p := planned(t, releases...)
			assert.Empty(t, p.Rejections)
			assert.ElementsMatch(t, warnings[preset], p.Warnings)
			if d := plan.Diff(want, p.LoadBalancers); d != "" {
				t.Errorf("expected (-) and planned (+) load balancers differ:\n%s", d)
			}
		})
	}
	for preset := range presets {
		assert.FileExists(t, filepath.Join(root, "values", preset+".yaml"), "an expectation without its preset")
	}
}

// edited plans the preset alb-public after an edit that the chart itself would refuse.
func edited(t *testing.T, before, after string) plan.Plan {
	t.Helper()
	manifest := rendered(t, render.Options{ValuesFiles: []string{filepath.Join(root, "values", "alb-public.yaml")}}).Manifest
	require.Contains(t, manifest, before)
	p, err := plan.Make(t.Context(), elbsim, strings.Replace(manifest, before, after, 1))
	require.NoError(t, err)
	return p
}

func TestASettingThatDoesNotExistIsNamed(t *testing.T) {
	p := edited(t, "alb.ingress.kubernetes.io/ssl-redirect:", "alb.ingress.kubernetes.io/ssl-redirects:")
	assert.Empty(t, p.Rejections)
	require.Len(t, p.Warnings, 1)
	assert.Equal(t, "Ingress istio-system/alb-public", p.Warnings[0].Object)
	assert.Contains(t, p.Warnings[0].Message, "did you mean alb.ingress.kubernetes.io/ssl-redirect?")
}

func TestWhatAWSRefusesIsRejectedAndNotPlanned(t *testing.T) {
	p := edited(t, "load-balancer-attributes: ", "load-balancer-attributes: routing.http.desync_mitigation_mode=lenient,")
	assert.Empty(t, p.LoadBalancers)
	require.Len(t, p.Rejections, 1)
	assert.Equal(t, "Ingress istio-system/alb-public", p.Rejections[0].Object)
	assert.Equal(t, "AWS", p.Rejections[0].Stage)
	assert.Contains(t, p.Rejections[0].Message, "routing.http.desync_mitigation_mode' cannot be 'lenient'")
}
