// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package image

import (
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/component"
)

func file(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func imageOf(t *testing.T, files ...File) v1.Image {
	layer, err := FilesLayer(files...)
	require.NoError(t, err)
	img, err := New(v1.Config{}, layer)
	require.NoError(t, err)
	return img
}

func TestLayer(t *testing.T) {
	t.Run("equal files make equal digests wherever they come from", func(t *testing.T) {
		a, err := FilesLayer(File{Path: "/usr/bin/x", From: file(t, "program"), Mode: 0o755})
		require.NoError(t, err)
		b, err := FilesLayer(File{Path: "/usr/bin/x", Text: "program", Mode: 0o755})
		require.NoError(t, err)
		digestA, err := a.Digest()
		require.NoError(t, err)
		digestB, err := b.Digest()
		require.NoError(t, err)
		assert.Equal(t, digestA, digestB)
	})
	t.Run("an image of layers is a valid one", func(t *testing.T) {
		require.NoError(t, validate.Image(imageOf(t, File{Path: "/a/b", Text: "b"}, File{Path: "/a/c", Text: "c"}), validate.Fast))
	})
	t.Run("a file that is not there is an error that names it", func(t *testing.T) {
		_, err := FilesLayer(File{Path: "/x", From: filepath.Join(t.TempDir(), "missing")})
		assert.ErrorContains(t, err, "put /x into a layer")
		_, err = TarLayer(filepath.Join(t.TempDir(), "missing.tar"))
		assert.ErrorContains(t, err, "missing.tar")
	})
}

func TestLayout(t *testing.T) {
	dir := t.TempDir()
	img := imageOf(t, File{Path: "/x", Text: "x"})
	require.NoError(t, WriteLayout(dir, map[string]v1.Image{"registry.k8s.io/pause:3": img}))
	t.Run("an image is found by its full name", func(t *testing.T) {
		got, err := ReadLayout(dir, "registry.k8s.io/pause:3")
		require.NoError(t, err)
		require.NoError(t, validate.Image(got, validate.Fast))
		want, err := img.Digest()
		require.NoError(t, err)
		digest, err := got.Digest()
		require.NoError(t, err)
		assert.Equal(t, want, digest)
	})
	t.Run("another name is an error", func(t *testing.T) {
		_, err := ReadLayout(dir, "pause:3")
		assert.ErrorContains(t, err, "has no image pause:3")
	})
}

func TestFromSource(t *testing.T) {
	v := component.Versions{Kubernetes: "v1.36.3", EtcdImage: "3.6.8-0", CoreDNS: "v1.14.2", PauseImage: "3.10.2", Istio: "1.31.1"}
	workload := t.TempDir()
	for _, program := range component.Workload().Programs {
		require.NoError(t, os.WriteFile(filepath.Join(workload, program.Binary), []byte(program.Binary), 0o755))
	}
	source := Source{Workload: workload, Base: file(t, string(make([]byte, 1024))), Envoy: file(t, "envoy"), Bootstrap: file(t, "{}")}
	images, err := FromSource(v, source)
	require.NoError(t, err)

	t.Run("every image of a cluster is made, and no other", func(t *testing.T) {
		var names []string
		for ref := range images {
			names = append(names, ref)
		}
		assert.ElementsMatch(t, ClusterNames(v), names)
	})
	t.Run("the proxy says that its Envoy is a stock one", func(t *testing.T) {
		stock, err := Label(images[Proxy(v)], StockEnvoy)
		require.NoError(t, err)
		assert.Equal(t, "true", stock)
		none, err := Label(images["registry.k8s.io/pause:3.10.2"], StockEnvoy)
		require.NoError(t, err)
		assert.Empty(t, none)
	})
	t.Run("Istio runs as the user that its iptables rules exempt", func(t *testing.T) {
		config, err := images[Proxy(v)].ConfigFile()
		require.NoError(t, err)
		assert.Equal(t, "1337:1337", config.Config.User)
	})
	t.Run("a missing binary is an error that names it", func(t *testing.T) {
		require.NoError(t, os.Remove(filepath.Join(workload, "coredns")))
		_, err := FromSource(v, source)
		assert.ErrorContains(t, err, "coredns")
	})
}

func TestPull(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	ref, err := name.ParseReference(host + "/release/pilot:1")
	require.NoError(t, err)
	img := imageOf(t, File{Path: "/pilot", Text: "pilot"})
	require.NoError(t, remote.Write(ref, img))

	t.Run("a mirror stands where the official host stood", func(t *testing.T) {
		assert.Equal(t, "mirror:5000/release/pilot:1", MirrorName("registry.istio.io/release/pilot:1", "mirror:5000"))
		assert.Equal(t, "mirror/cache/kindest/node:v1", MirrorName("docker.io/kindest/node:v1", "mirror/cache/"))
		assert.Equal(t, "docker.io/kindest/node:v1", MirrorName("docker.io/kindest/node:v1", ""))
	})
	t.Run("an image keeps its official name", func(t *testing.T) {
		require.NoError(t, Reachable(t.Context(), host))
		images, err := Pull(t.Context(), []string{"registry.istio.io/release/pilot:1"}, host)
		require.NoError(t, err)
		got, err := images["registry.istio.io/release/pilot:1"].Digest()
		require.NoError(t, err)
		want, err := img.Digest()
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})
	t.Run("an image that the mirror lacks is named as it was asked for", func(t *testing.T) {
		_, err := Pull(t.Context(), []string{"registry.istio.io/release/proxyv2:1"}, host)
		assert.ErrorContains(t, err, "pull "+host+"/release/proxyv2:1")
	})
	t.Run("a registry that does not answer is named", func(t *testing.T) {
		closed := httptest.NewServer(nil)
		closed.Close()
		address := strings.TrimPrefix(closed.URL, "http://")
		assert.ErrorContains(t, Reachable(t.Context(), address), "registry "+address+" does not answer")
		assert.ErrorContains(t, Reachable(t.Context(), "bad host"), `registry "bad host" is not host or host:port`)
	})
	t.Run("a server that is no registry is named", func(t *testing.T) {
		other := httptest.NewServer(nil)
		defer other.Close()
		assert.ErrorContains(t, Reachable(t.Context(), strings.TrimPrefix(other.URL, "http://")), "404 Not Found")
	})
}

func TestAdaptNode(t *testing.T) {
	const config = "[plugins.x]\n  sandbox_image = \"old\"\n  restrict_oom_score_adj = false\n"
	const spec = `{"process":{"rlimits":[{"type":"RLIMIT_NOFILE"}],"capabilities":{"bounding":["CAP_KILL","CAP_SYS_RESOURCE"]}}}`
	node := imageOf(t, File{Path: containerdConfig, Text: config, Mode: 0o644}, File{Path: containerSpec, Text: spec, Mode: 0o644})
	read := func(t *testing.T, img v1.Image, path string) string {
		text, err := readFile(img, path)
		require.NoError(t, err)
		return text
	}
	t.Run("an ordinary host only gets the mirror", func(t *testing.T) {
		img, err := AdaptNode(node, false)
		require.NoError(t, err)
		assert.Contains(t, read(t, img, containerdConfig), `config_path = "/etc/containerd/certs.d"`)
		assert.Contains(t, read(t, img, containerdConfig), "restrict_oom_score_adj = false")
		assert.Equal(t, spec, read(t, img, containerSpec))
		_, err = readFile(img, containerdUnit)
		assert.ErrorContains(t, err, "has no file "+containerdUnit)
	})
	t.Run("a host without CAP_SYS_RESOURCE gets a node that does not ask for it", func(t *testing.T) {
		img, err := AdaptNode(node, true)
		require.NoError(t, err)
		assert.Contains(t, read(t, img, containerdConfig), "restrict_oom_score_adj = true")
		assert.JSONEq(t, `{"process":{"capabilities":{"bounding":["CAP_KILL"]}}}`, read(t, img, containerSpec))
		assert.Contains(t, read(t, img, containerdUnit), "OOMScoreAdjust=0")
	})
	t.Run("adapting twice changes nothing more", func(t *testing.T) {
		once, err := AdaptNode(node, true)
		require.NoError(t, err)
		twice, err := AdaptNode(once, true)
		require.NoError(t, err)
		for _, path := range []string{containerdConfig, containerSpec, containerdUnit} {
			assert.Equal(t, read(t, once, path), read(t, twice, path), path)
		}
	})
	t.Run("an image that is no node is refused", func(t *testing.T) {
		_, err := AdaptNode(imageOf(t, File{Path: "/x"}), false)
		assert.ErrorContains(t, err, "the node image has no file /etc/containerd/config.toml")
	})
	t.Run("pods of a node stand on the pause image that kubeadm names", func(t *testing.T) {
		assert.Contains(t, withPause(config, "registry.k8s.io/pause:3.10.2"), "\n  sandbox_image = \"registry.k8s.io/pause:3.10.2\"\n")
	})
	t.Run("containers of a node have kind's hook and no limits of their own", func(t *testing.T) {
		got, err := nodeSpec(`{"process":{"rlimits":[],"cwd":"/"},"linux":{}}`)
		require.NoError(t, err)
		assert.JSONEq(t, `{"process":{"cwd":"/"},"linux":{},"hooks":{"createContainer":[{"path":"/kind/bin/mount-product-files.sh"}]}}`, got)
		_, err = nodeSpec("ctr: error")
		assert.ErrorContains(t, err, "ctr oci spec")
	})
}

func TestNodeFromSource(t *testing.T) {
	workload, kindBase := t.TempDir(), t.TempDir()
	for _, program := range component.Workload().Programs {
		require.NoError(t, os.WriteFile(filepath.Join(workload, program.Binary), []byte(program.Binary), 0o755))
	}
	for path, text := range map[string]string{
		"files/etc/containerd/config.toml": "sandbox_image = \"old\"\n", "files/usr/local/bin/entrypoint": "#!/bin/bash\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(kindBase, path)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(kindBase, path), []byte(text), 0o600))
	}
	img, err := NodeFromSource(component.Versions{Kubernetes: "v1.36.3", PauseImage: "3.10.2"}, NodeSource{
		OS: file(t, string(make([]byte, 1024))), Workload: workload, KindBase: kindBase, BaseSpec: `{"process":{}}`,
	})
	require.NoError(t, err)
	for path, want := range map[string]string{
		"/kind/version": "v1.36.3\n", "/usr/bin/kubelet": "kubelet", "/usr/local/bin/containerd": "containerd",
		"/usr/local/bin/entrypoint": "#!/bin/bash\n", "/etc/containerd/config.toml": "sandbox_image = \"registry.k8s.io/pause:3.10.2\"\n",
	} {
		got, err := readFile(img, path)
		require.NoError(t, err)
		assert.Equal(t, want, got, path)
	}
	config, err := img.ConfigFile()
	require.NoError(t, err)
	assert.Equal(t, "SIGRTMIN+3", config.Config.StopSignal)
	assert.Contains(t, config.Config.Env, "container=docker")
}

func TestEcho(t *testing.T) {
	images, err := Echo(file(t, "echo"))
	require.NoError(t, err)
	require.Len(t, images, 2)
	for _, tag := range EchoTags() {
		config, err := images["lab.invalid/echo:"+tag].ConfigFile()
		require.NoError(t, err)
		assert.Contains(t, config.Config.Env, "VERSION="+tag)
	}
	static, err := Static(file(t, "program"))
	require.NoError(t, err)
	layers, err := static.Layers()
	require.NoError(t, err)
	content, err := layers[0].Uncompressed()
	require.NoError(t, err)
	data, err := io.ReadAll(content)
	require.NoError(t, err)
	assert.Contains(t, string(data), "program")
}
