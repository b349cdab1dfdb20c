// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package filelock

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLock(t *testing.T) {
	path := func(t *testing.T) string { return filepath.Join(t.TempDir(), "new", "lock") }
	never := func(t *testing.T) func() { return func() { t.Error("waits") } }

	t.Run("a lock is free again once it is given back", func(t *testing.T) {
		path := path(t)
		for range 2 {
			unlock, err := Exclusive(t.Context(), path, never(t))
			require.NoError(t, err)
			unlock()
		}
	})
	t.Run("who has to wait says so once and gets the lock in the end", func(t *testing.T) {
		path := path(t)
		first, err := Exclusive(t.Context(), path, never(t))
		require.NoError(t, err)
		waited := 0
		second, err := Exclusive(t.Context(), path, func() { waited++; first() })
		require.NoError(t, err)
		second()
		assert.Equal(t, 1, waited)
	})
	t.Run("a wait ends with its context", func(t *testing.T) {
		path := path(t)
		unlock, err := Shared(t.Context(), path, never(t))
		require.NoError(t, err)
		defer unlock()
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err = Exclusive(ctx, path, func() { cancel(errors.New("gave up")) })
		assert.ErrorContains(t, err, "gave up")
	})
	t.Run("shared locks stand together and keep out exclusive ones", func(t *testing.T) {
		path := path(t)
		first, err := Shared(t.Context(), path, never(t))
		require.NoError(t, err)
		second, err := Shared(t.Context(), path, never(t))
		require.NoError(t, err)
		first()
		_, taken, err := TryExclusive(path)
		require.NoError(t, err)
		assert.False(t, taken)
		second()
		unlock, taken, err := TryExclusive(path)
		require.NoError(t, err)
		assert.True(t, taken)
		unlock()
	})
	t.Run("a place where no file can be is an error", func(t *testing.T) {
		_, _, err := TryExclusive("/dev/null/lock")
		assert.ErrorContains(t, err, "/dev/null")
	})
}
