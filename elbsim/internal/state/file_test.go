// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package state_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/state"
)

// writerFile makes this test binary a process that writes a state file until it is killed.
const writerFile = "ELBSIM_TEST_STATE_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerFile); path != "" {
		fmt.Fprintln(os.Stderr, write(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// write saves contents of growing serial for ever.
func write(path string) error {
	f, err := state.Open(path)
	if err != nil {
		return err
	}
	for serial := 1; ; serial++ {
		if err := f.Save(content(serial)); err != nil {
			return err
		}
	}
}

// content is a state of some size, whole only if each of its parts has the same serial.
func content(serial int) state.Content {
	c := state.Content{Cluster: "c", AWS: fakeaws.State{Serial: serial}, Authorities: map[string][]byte{"acm": []byte("pem")}}
	for range 500 {
		c.AWS.Instances = append(c.AWS.Instances, fakeaws.Instance{ID: "i-" + strconv.Itoa(serial)})
	}
	return c
}

func open(t *testing.T, path string) *state.File {
	t.Helper()
	f, err := state.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, f.Close()) })
	return f
}

func TestWhatIsSavedIsLoaded(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "deep", "down", "state.json"))
	_, found, err := f.Load()
	require.NoError(t, err)
	assert.False(t, found, "there is none yet")

	require.NoError(t, f.Save(content(1)))
	require.NoError(t, f.Save(content(2)))
	got, found, err := f.Load()
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, content(2), got)
	info, err := os.Stat(f.Path())
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it holds keys")
}

func TestWhatDidNotChangeIsNotWrittenAgain(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "state.json"))
	require.NoError(t, f.Save(content(1)))
	require.NoError(t, os.Remove(f.Path()))
	require.NoError(t, f.Save(content(1)))
	assert.NoFileExists(t, f.Path())
}

func TestADamagedFileIsNeverAnEmptyAccount(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "state.json"))
	require.NoError(t, f.Save(content(1)))
	whole, err := os.ReadFile(f.Path())
	require.NoError(t, err)
	load := func(raw []byte) error {
		require.NoError(t, os.WriteFile(f.Path(), raw, 0o600))
		_, _, err := f.Load()
		return err
	}
	require.NoError(t, load(whole))
	for n := 0; n < len(whole); n += 97 {
		require.ErrorContains(t, load(whole[:n]), "cut off or damaged", "%d of %d bytes", n, len(whole))
	}
	for n := 0; n < len(whole); n += 97 {
		damaged := bytes.Clone(whole)
		damaged[n] ^= 1
		require.Error(t, load(damaged), "byte %d", n)
	}
	require.ErrorContains(t, load(bytes.Replace(whole, []byte(`i-1`), []byte(`i-7`), 1)), "damaged: the sum of its content is")
	require.ErrorContains(t, load(bytes.Replace(whole, []byte(`"version":1`), []byte(`"version":2`), 1)), "has format 2, this elbsim reads format 1")
	require.ErrorContains(t, load([]byte("{}")), "has format 0")
}

func TestTwoProcessesDoNotShareAFile(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "state.json"))
	_, err := state.Open(f.Path())
	require.ErrorContains(t, err, "another elbsim uses it; end that one, or give another file by --state")
}

func TestAFileThatCannotBeIsNamedWithTheCure(t *testing.T) {
	in := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(in, nil, 0o600))
	_, err := state.Open(filepath.Join(in, "state.json"))
	require.ErrorContains(t, err, "make the folder of state file")
	require.ErrorContains(t, err, "give another by --state")
}

func TestAProcessThatIsKilledLeavesAWholeFile(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	path, last := filepath.Join(t.TempDir(), "state.json"), 0
	for kill := range 15 {
		writer := exec.Command(self)
		writer.Env = append(os.Environ(), writerFile+"="+path)
		var stderr bytes.Buffer
		writer.Stderr = &stderr
		require.NoError(t, writer.Start())
		beside := path + ".new"
		if kill%2 == 0 { // kill it while it writes, otherwise at any time after its first file
			require.Eventually(t, func() bool { _, err := os.Stat(beside); return err == nil }, 10*time.Second, time.Millisecond, stderr.String())
		} else {
			require.Eventually(t, func() bool { _, err := os.Stat(path); return err == nil }, 10*time.Second, time.Millisecond, stderr.String())
		}
		require.NoError(t, writer.Process.Kill())
		require.ErrorContains(t, writer.Wait(), "killed", stderr.String())

		f, err := state.Open(path)
		require.NoError(t, err, "the lock went with the process")
		got, found, err := f.Load()
		require.NoError(t, err)
		if found {
			last = got.AWS.Serial
			assert.Equal(t, content(last), got)
		}
		require.NoError(t, f.Close())
	}
	assert.Positive(t, last, "nothing was ever written")
}
