// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package lab

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/component"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/image"
)

func TestCacheFromEnvironment(t *testing.T) {
	for _, tt := range []struct {
		name        string
		environment map[string]string
		want        string
	}{
		{"the project's own variable wins", map[string]string{"ISTIO_AWS_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/c"},
		{"the user's cache folder is next", map[string]string{"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/istio-aws"},
		{"the home folder is last", map[string]string{"HOME": "/h"}, "/h/.cache/istio-aws"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := CacheFromEnvironment(func(name string) string { return tt.environment[name] })
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
	_, err := CacheFromEnvironment(func(string) string { return "" })
	assert.ErrorContains(t, err, "set ISTIO_AWS_CACHE")
}

func TestName(t *testing.T) {
	for _, good := range []string{"istio-aws-lab", "l2", strings.Repeat("a", 40)} {
		assert.NoError(t, checkName(good))
	}
	for _, bad := range []string{"", "a", "Lab", "1lab", "lab-", "my_lab", strings.Repeat("a", 41)} {
		assert.ErrorContains(t, checkName(bad), "lower-case letters", bad)
	}
	assert.ErrorContains(t, Down(t.Context(), Options{Name: "My Lab", Cache: t.TempDir()}), `lab name "My Lab"`)
}

func TestWay(t *testing.T) {
	answer := func(err error) func(context.Context, string) error {
		return func(context.Context, string) error { return err }
	}
	down := errors.New("registry x does not answer")
	for _, tt := range []struct {
		name, mirror string
		reachable    error
		want, err    string
	}{
		{name: "a mirror that answers is used", mirror: "m:5000", want: "images are pulled: IMAGE_REGISTRY is m:5000"},
		{name: "a mirror that does not answer is an error, not a build", mirror: "m:5000", reachable: down,
			err: "IMAGE_REGISTRY=m:5000 cannot be used; correct it, or leave it empty to pull official images or build them from source: registry x does not answer"},
		{name: "official registries that answer are used", want: "images are pulled: the official registries can be reached"},
		{name: "without any registry everything is built", reachable: down, want: "images are built from source: no official registry can be reached from here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := chooseWay(t.Context(), tt.mirror, answer(tt.reachable))
			if tt.err != "" {
				assert.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got.String())
		})
	}
	t.Run("pulling needs no tools of building", func(t *testing.T) {
		assert.Empty(t, tools(way{pull: true}, host.Host{}))
		assert.Len(t, tools(way{}, host.Host{}), 1+len(tools(way{}, host.Host{Root: true})), "without root one more")
	})
}

func bench(t *testing.T) *workshop {
	w, err := open(Options{Name: "lab", Cache: t.TempDir()})
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(w.dir(), 0o755))
	return w
}

func TestSameAs(t *testing.T) {
	w := bench(t)
	b := &built{Elbsim: "/c/elbsim/1", Own: "/c/own/1", Cluster: "/c/cluster/1", Echo: "/c/echo/1", Nodes: "/c/node/1", Tools: "/c/tools/1"}
	assert.EqualError(t, w.sameAs(b), "it was not finished")
	require.NoError(t, os.WriteFile(w.madeOf(), []byte(strings.Join(b.paths(), "\n")), 0o600))
	require.NoError(t, w.sameAs(b))
	changed := *b
	changed.Elbsim = "/c/elbsim/2"
	assert.EqualError(t, w.sameAs(&changed), "its elbsim has changed")
	changed = *b
	changed.Tools = "/c/tools/2"
	assert.NoError(t, w.sameAs(&changed), "tools run on this machine, not in the cluster")
}

func TestValues(t *testing.T) {
	w := bench(t)
	v := component.Versions{Istio: "1.31.1"}
	layout := func(labels map[string]string) string {
		img, err := image.New(v1.Config{Labels: labels})
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, image.WriteLayout(dir, map[string]v1.Image{image.Proxy(v): img}))
		return dir
	}
	t.Run("the official proxy needs no values", func(t *testing.T) {
		files, err := w.values(&built{Cluster: layout(nil), versions: v})
		require.NoError(t, err)
		assert.Empty(t, files)
	})
	t.Run("a stock Envoy is told nothing of Istio's own filters", func(t *testing.T) {
		files, err := w.values(&built{Cluster: layout(map[string]string{image.StockEnvoy: "true"}), versions: v})
		require.NoError(t, err)
		require.Len(t, files, 1)
		text, err := os.ReadFile(files[0])
		require.NoError(t, err)
		var values struct {
			Istiod struct {
				Env       map[string]string
				Telemetry struct{ Enabled *bool }
			}
		}
		require.NoError(t, yaml.UnmarshalStrict(text, &values))
		assert.Equal(t, map[string]string{"PILOT_ENABLE_METADATA_EXCHANGE": "false", "PILOT_ENABLE_ALPN_FILTER": "false"}, values.Istiod.Env)
		require.NotNil(t, values.Istiod.Telemetry.Enabled)
		assert.False(t, *values.Istiod.Telemetry.Enabled)
	})
}

func TestRuntime(t *testing.T) {
	assert.Empty(t, runtime(host.Host{}, "/tools"))
	assert.Equal(t, "/tools/runc-reduced", runtime(host.Host{MissingSysResource: true}, "/tools"))
}

func TestOpen(t *testing.T) {
	_, err := open(Options{Name: "lab"})
	assert.ErrorContains(t, err, "Cache is empty")
	w := bench(t)
	assert.Equal(t, filepath.Join(w.store.Root(), "labs", "lab"), w.dir())
	assert.Equal(t, io.Discard, w.options.Progress)
}
