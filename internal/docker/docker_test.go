// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package docker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// standIn puts a shell script in the place of the docker command: what is tested here is what this
// package makes of Docker's answers, in the words of Docker 20 and 28.
func standIn(t *testing.T, script string) (dir string) {
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\n"+script), 0o755))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return dir
}

func TestInspect(t *testing.T) {
	for _, words := range []string{"Error: No such container: x", "Error response from daemon: network x not found", "Error: No such image: x"} {
		t.Run("absent: "+words, func(t *testing.T) {
			standIn(t, fmt.Sprintf("echo '%s' >&2; exit 1", words))
			_, found, err := Inspect(t.Context(), "container", "x", "{{.Id}}")
			require.NoError(t, err)
			assert.False(t, found)
		})
	}
	t.Run("present", func(t *testing.T) {
		standIn(t, `echo "$@"`)
		value, found, err := Inspect(t.Context(), "network", "x", "{{.Id}}")
		require.NoError(t, err)
		assert.True(t, found)
		assert.Equal(t, "network inspect --format {{.Id}} x", value)
	})
	t.Run("any other failure is an error to paste", func(t *testing.T) {
		standIn(t, "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
		_, _, err := Inspect(t.Context(), "network", "x", "{{.Id}}")
		assert.ErrorContains(t, err, "docker network inspect --format '{{.Id}}' x: exit status 1\nCannot connect to the Docker daemon")
	})
}

func TestRemove(t *testing.T) {
	standIn(t, `case $4 in gone) echo "Error: No such container: gone" >&2; exit 1 ;; busy) echo "device busy" >&2; exit 1 ;; esac`)
	require.NoError(t, Remove(t.Context(), "there", "gone"))
	assert.ErrorContains(t, Remove(t.Context(), "gone", "busy"), "device busy")
}

func TestContainers(t *testing.T) {
	standIn(t, `case "$*" in *label=a=b*) echo one; echo two ;; *) echo all ;; esac`)
	names, err := Containers(t.Context(), "a=b")
	require.NoError(t, err)
	assert.Equal(t, []string{"one", "two"}, names)
	names, err = Containers(t.Context(), "")
	require.NoError(t, err)
	assert.Equal(t, []string{"all"}, names)
}

func TestExec(t *testing.T) {
	standIn(t, `[ "$1 $2 $3" = "exec -i node" ] && shift 3 && exec "$@"`)
	out, err := Exec(t.Context(), "node", "echo first\nfalse\necho never\n")
	require.Error(t, err, "a script ends with its first failure")
	assert.Equal(t, "first", out)
}

func TestLogs(t *testing.T) {
	standIn(t, `echo out; echo err >&2`)
	text, err := Logs(t.Context(), "x", 5)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"out", "err"}, []string{text[:3], text[4:]})
}

func TestLoad(t *testing.T) {
	img, err := random.Image(100, 1)
	require.NoError(t, err)
	t.Run("an image that Docker has is not made", func(t *testing.T) {
		standIn(t, "echo sha256:1")
		require.NoError(t, Load(t.Context(), "istio-aws/x:1", func() (v1.Image, error) { return nil, errors.New("made") }))
	})
	t.Run("an image that Docker lacks is given to it whole, under its tag", func(t *testing.T) {
		dir := standIn(t, `case $1 in image) echo "No such image" >&2; exit 1 ;; load) cat >"$(dirname "$0")/loaded" ;; esac`)
		require.NoError(t, Load(t.Context(), "istio-aws/x:1", func() (v1.Image, error) { return img, nil }))
		manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(filepath.Join(dir, "loaded")) })
		require.NoError(t, err)
		assert.Equal(t, []string{"istio-aws/x:1"}, manifest[0].RepoTags)
	})
	t.Run("a Docker that refuses the image is an error", func(t *testing.T) {
		standIn(t, `case $1 in image) echo "No such image" >&2; exit 1 ;; load) echo "no space left on device" >&2; exit 1 ;; esac`)
		err := Load(t.Context(), "istio-aws/x:1", func() (v1.Image, error) { return img, nil })
		assert.ErrorContains(t, err, "no space left on device")
	})
}

func TestDaemon(t *testing.T) {
	t.Run("a daemon with a runtime that cannot work here is refused with the cure", func(t *testing.T) {
		standIn(t, `case $1 in version) echo 28 ;; info) echo runc ;; esac`)
		err := Daemon{Dir: t.TempDir(), Runtime: "/tools/runc-reduced"}.Ensure(t.Context(), progress.New(io.Discard))
		assert.ErrorContains(t, err, "dockerd --add-runtime reduced=/tools/runc-reduced --default-runtime reduced")
		require.NoError(t, Daemon{Dir: t.TempDir()}.Ensure(t.Context(), progress.New(io.Discard)))
	})
	t.Run("the process of a daemon that ended is not taken for another's", func(t *testing.T) {
		d := Daemon{Dir: t.TempDir()}
		_, running := d.pid()
		assert.False(t, running, "no file")
		require.NoError(t, os.WriteFile(d.pidFile(), fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600))
		_, running = d.pid()
		assert.False(t, running, "this process is no dockerd")
		require.NoError(t, os.WriteFile(d.pidFile(), []byte("x"), 0o600))
		_, running = d.pid()
		assert.False(t, running, "half a file")
	})
	t.Run("a daemon that the lab did not start is not stopped", func(t *testing.T) {
		standIn(t, "exit 1")
		require.NoError(t, Daemon{Dir: t.TempDir()}.StopIfIdle(t.Context(), progress.New(io.Discard)))
	})
}

func TestPrune(t *testing.T) {
	const list = `case $2 in ls) echo istio-aws/x:1; echo istio-aws/x:2; echo istio-aws/x:3 ;; rm) `
	dir := standIn(t, list+`echo "$3" >>"$(dirname "$0")/removed"; [ "$3" != istio-aws/x:2 ] || { echo "conflict: image is being used by running container" >&2; exit 1; } ;; esac`)
	require.NoError(t, Prune(t.Context(), "istio-aws/x:3"))
	removed, err := os.ReadFile(filepath.Join(dir, "removed"))
	require.NoError(t, err)
	assert.Equal(t, "istio-aws/x:1\nistio-aws/x:2\n", string(removed), "the tag itself stays")
	standIn(t, list+`echo "no permission" >&2; exit 1 ;; esac`)
	assert.ErrorContains(t, Prune(t.Context(), "istio-aws/x:3"), "no permission")
}

func TestInstall(t *testing.T) {
	t.Run("a Docker that answers is enough, wherever it runs", func(t *testing.T) {
		standIn(t, "echo 28")
		require.NoError(t, Install(t.Context(), progress.New(io.Discard), host.Host{}))
	})
	t.Run("a user who may not use it hears so before anything is built", func(t *testing.T) {
		dir := standIn(t, "echo 'permission denied' >&2; exit 1")
		require.NoError(t, os.WriteFile(filepath.Join(dir, "dockerd"), []byte("#!/bin/sh\n"), 0o755))
		err := Install(t.Context(), progress.New(io.Discard), host.Host{Debian: true})
		assert.ErrorContains(t, err, "sudo usermod -aG docker $USER")
		assert.ErrorContains(t, err, "permission denied")
	})
}

func TestVersions(t *testing.T) {
	for version, want := range map[string]bool{"1.41": false, "1.43": false, "1.44": true, "1.51": true, "2.0": true, "0.99": false} {
		got, err := atLeast(version, 1, 44)
		require.NoError(t, err)
		assert.Equal(t, want, got, version)
	}
	_, err := atLeast("", 1, 44)
	assert.ErrorContains(t, err, `version "" of Docker's API`)
}
