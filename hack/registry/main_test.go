// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/image"
)

func TestServe(t *testing.T) {
	pilot, err := random.Image(1000, 2)
	require.NoError(t, err)
	echo, err := random.Image(1000, 1)
	require.NoError(t, err)
	first, second := t.TempDir(), t.TempDir()
	require.NoError(t, image.WriteLayout(first, map[string]v1.Image{"registry.istio.io/release/pilot:1.31.1": pilot}))
	require.NoError(t, image.WriteLayout(second, map[string]v1.Image{"lab.invalid/echo:v1": echo}))
	handler, err := serve([]string{first, second})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()
	pull := func(t *testing.T, path string) (v1.Image, error) {
		ref, err := name.ParseReference(strings.TrimPrefix(server.URL, "http://") + "/" + path)
		require.NoError(t, err)
		return remote.Image(ref)
	}

	t.Run("images of all layouts are served without their hosts", func(t *testing.T) {
		for path, want := range map[string]v1.Image{"release/pilot:1.31.1": pilot, "echo:v1": echo} {
			got, err := pull(t, path)
			require.NoError(t, err)
			require.NoError(t, validate.Image(got), "%s: manifest, configuration and layers are what they say", path)
			wantDigest, err := want.Digest()
			require.NoError(t, err)
			digest, err := got.Digest()
			require.NoError(t, err)
			assert.Equal(t, wantDigest, digest)
		}
	})
	t.Run("what no layout has is not found", func(t *testing.T) {
		_, err := pull(t, "release/proxyv2:1.31.1")
		assert.ErrorContains(t, err, "NAME_UNKNOWN")
	})
	t.Run("a folder that is no layout is named", func(t *testing.T) {
		empty := t.TempDir()
		_, err := serve([]string{empty})
		assert.ErrorContains(t, err, empty)
	})
}
