// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package artifact

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKey(t *testing.T) {
	folder := func(t *testing.T, files map[string]string) string {
		dir := t.TempDir()
		for name, content := range files {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		}
		return dir
	}
	sum := func(t *testing.T, k *Key) string {
		s, err := k.Sum()
		require.NoError(t, err)
		assert.Regexp(t, "^[0-9a-f]{16}$", s)
		return s
	}
	base := map[string]string{"go.mod": "module x", "src/main.go": "package main"}

	t.Run("equal inputs in different folders have equal keys", func(t *testing.T) {
		a, b := NewKey().Add("go", "1.26").Files(folder(t, base), "go.mod", "src"), NewKey().Add("go", "1.26").Files(folder(t, base), "go.mod", "src")
		assert.Equal(t, sum(t, a), sum(t, b))
	})
	t.Run("each input changes the key", func(t *testing.T) {
		seen := map[string]string{}
		for name, key := range map[string]*Key{
			"base":         NewKey().Add("go", "1.26").Files(folder(t, base), "src"),
			"other value":  NewKey().Add("go", "1.27").Files(folder(t, base), "src"),
			"other name":   NewKey().Add("os", "1.26").Files(folder(t, base), "src"),
			"two values":   NewKey().Add("go", "1", ".26").Files(folder(t, base), "src"),
			"content":      NewKey().Add("go", "1.26").Files(folder(t, map[string]string{"src/main.go": "package other"}), "src"),
			"name of file": NewKey().Add("go", "1.26").Files(folder(t, map[string]string{"src/man.go": "package main"}), "src"),
		} {
			s := sum(t, key)
			assert.Empty(t, seen[s], "%s has the key of %s", name, seen[s])
			seen[s] = name
		}
	})
	t.Run("tests and documents do not change the key", func(t *testing.T) {
		more := map[string]string{"src/main_test.go": "package main", "src/README.md": "text", "src/main.go": "package main"}
		assert.Equal(t, sum(t, NewKey().Files(folder(t, base), "src")), sum(t, NewKey().Files(folder(t, more), "src")))
	})
	t.Run("a file that is not there is an error that names it", func(t *testing.T) {
		_, err := NewKey().Files(t.TempDir(), "go.sum").Sum()
		assert.ErrorContains(t, err, "go.sum")
	})
}

func TestStore(t *testing.T) {
	open := func(t *testing.T) *Store {
		s, err := Open(filepath.Join(t.TempDir(), "cache"))
		require.NoError(t, err)
		return s
	}
	write := func(dir string) error { return os.WriteFile(filepath.Join(dir, "binary"), []byte("x"), 0o755) }
	never := func(t *testing.T) func() { return func() { t.Error("waits for nobody") } }

	t.Run("an artifact is built once and found again", func(t *testing.T) {
		s := open(t)
		first, err := s.Get(t.Context(), "programs", "k1", never(t), write)
		require.NoError(t, err)
		assert.FileExists(t, filepath.Join(first, "binary"))
		second, err := s.Get(t.Context(), "programs", "k1", never(t), func(string) error { return errors.New("built twice") })
		require.NoError(t, err)
		assert.Equal(t, first, second)
	})
	t.Run("an interrupted build leaves no artifact, and the next build starts clean", func(t *testing.T) {
		s := open(t)
		_, err := s.Get(t.Context(), "programs", "k1", never(t), func(dir string) error {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "half"), nil, 0o600))
			return errors.New("interrupted")
		})
		require.ErrorContains(t, err, "interrupted")
		_, found := s.Find("programs", "k1")
		assert.False(t, found)
		dir, err := s.Get(t.Context(), "programs", "k1", never(t), write)
		require.NoError(t, err)
		assert.NoFileExists(t, filepath.Join(dir, "half"))
	})
	t.Run("of several builders one builds and the others wait and say so", func(t *testing.T) {
		s := open(t)
		var built, waited atomic.Int32
		var group sync.WaitGroup
		begun := make(chan struct{})
		group.Go(func() {
			_, err := s.Get(t.Context(), "programs", "k1", func() {}, func(dir string) error {
				built.Add(1)
				close(begun)
				for waited.Load() < 2 { // the deadline is the test's own
					if err := t.Context().Err(); err != nil {
						return err
					}
				}
				return write(dir)
			})
			assert.NoError(t, err)
		})
		<-begun
		for range 2 {
			group.Go(func() {
				_, err := s.Get(t.Context(), "programs", "k1", func() { waited.Add(1) }, func(string) error { built.Add(1); return nil })
				assert.NoError(t, err)
			})
		}
		group.Wait()
		assert.EqualValues(t, 1, built.Load())
	})
	t.Run("an artifact in use stays, however long ago it was made", func(t *testing.T) {
		var first string
		s, err := Open(filepath.Join(t.TempDir(), "cache"), Keep(func() ([]string, error) { return []string{first}, nil }))
		require.NoError(t, err)
		first, err = s.Get(t.Context(), "programs", "k0", never(t), write)
		require.NoError(t, err)
		for _, key := range []string{"k1", "k2", "k3", "k4", "k5"} {
			_, err := s.Get(t.Context(), "programs", key, never(t), write)
			require.NoError(t, err)
		}
		assert.DirExists(t, first)
		entries, err := filepath.Glob(filepath.Join(filepath.Dir(first), "k?"))
		require.NoError(t, err)
		assert.Len(t, entries, 1+kept)
	})
	t.Run("a wait for another builder ends with its context", func(t *testing.T) {
		s := open(t)
		_, err := s.Get(t.Context(), "programs", "k1", never(t), func(string) error {
			ctx, cancel := context.WithCancelCause(t.Context())
			_, err := s.Get(ctx, "programs", "k1", func() { cancel(errors.New("gave up")) }, write)
			return err
		})
		assert.ErrorContains(t, err, "wait for another process that builds programs: gave up")
	})
	t.Run("the three artifacts used last stay", func(t *testing.T) {
		s := open(t)
		for i := range 4 {
			dir, err := s.Get(t.Context(), "programs", fmt.Sprintf("k%d", i), never(t), write)
			require.NoError(t, err)
			age := time.Now().Add(time.Duration(i-10) * time.Hour)
			require.NoError(t, os.Chtimes(dir, age, age))
		}
		_, found := s.Find("programs", "k0")
		assert.False(t, found, "k0 was used longest ago")
		for _, key := range []string{"k1", "k2", "k3"} {
			_, found := s.Find("programs", key)
			assert.True(t, found, key)
		}
	})
	t.Run("a cache that cannot be made names itself and the cure", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		_, err := Open(filepath.Join(file, "cache"))
		assert.ErrorContains(t, err, "ISTIO_AWS_CACHE")
	})
}
