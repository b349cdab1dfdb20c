// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package state_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/state"
)

// keeper keeps a file whose content is the content of serial.
func keeper(t *testing.T, serial *atomic.Int64, log *slog.Logger) (*state.Keeper, *state.File) {
	t.Helper()
	f := open(t, filepath.Join(t.TempDir(), "folder", "state.json"))
	return state.Keep(f, func() state.Content { return content(int(serial.Load())) }, log), f
}

func saved(t *testing.T, f *state.File) int {
	t.Helper()
	c, _, err := f.Load()
	require.NoError(t, err)
	return c.AWS.Serial
}

func TestChangesAreWrittenSoon(t *testing.T) {
	var serial atomic.Int64
	k, f := keeper(t, &serial, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}, 1), make(chan struct{})
	go func() { defer close(ended); k.Run(ctx, changed) }()
	for n := int64(1); n <= 2; n++ {
		serial.Store(n)
		changed <- struct{}{}
		require.Eventually(t, func() bool { return int64(saved(t, f)) == n }, 10*time.Second, 5*time.Millisecond)
	}
	cancel()
	<-ended
}

func TestWhoCommitsFindsItsChangeInTheFile(t *testing.T) {
	var serial atomic.Int64
	k, f := keeper(t, &serial, slog.New(slog.DiscardHandler))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				mine := serial.Add(1)
				k.Commit()
				assert.GreaterOrEqual(t, int64(saved(t, f)), mine)
			}
		})
	}
	wg.Wait()
}

func TestAFileThatCannotBeWrittenIsToldOnceAndTriedAgain(t *testing.T) {
	var out bytes.Buffer
	var serial atomic.Int64
	k, f := keeper(t, &serial, slog.New(slog.NewTextHandler(&out, nil)))
	require.NoError(t, os.RemoveAll(filepath.Dir(f.Path())))
	for range 3 {
		serial.Add(1)
		k.Commit()
	}
	assert.Equal(t, 1, strings.Count(out.String(), "what happens from now on is lost"), out.String())
	require.ErrorContains(t, k.Save(), "write state file "+f.Path())

	require.NoError(t, os.MkdirAll(filepath.Dir(f.Path()), 0o755))
	require.NoError(t, k.Save())
	assert.Equal(t, 3, saved(t, f))
}
