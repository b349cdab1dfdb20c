// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package progress

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStep(t *testing.T) {
	t.Run("a step that ends well is one line", func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, New(&out).Step("build programs", func(s *Step) error { s.Detail("compile"); return nil }))
		assert.Equal(t, "✓ build programs (0s)\n", out.String())
	})

	t.Run("a step that fails is marked and its error is the caller's", func(t *testing.T) {
		var out bytes.Buffer
		cause := errors.New("no space")
		assert.Same(t, cause, New(&out).Step("build programs", func(*Step) error { return cause }))
		assert.Equal(t, "✗ build programs (0s)\n", out.String())
	})

	t.Run("a long step shows its last detail while it runs", func(t *testing.T) {
		out := &written{lines: make(chan string, 100)}
		require.NoError(t, New(out, SignOfLife(time.Millisecond)).Step("build", func(s *Step) error {
			s.Detail("package %d", 7)
			for line := range out.lines {
				if strings.HasSuffix(line, "so far): package 7\n") {
					return nil
				}
			}
			return errors.New("no sign of life")
		}))
	})

	t.Run("a verbose log shows every detail", func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, New(&out, Verbose()).Step("build", func(s *Step) error { s.Detail("one"); s.Detail("two"); return nil }))
		assert.Equal(t, "    one\n    two\n✓ build (0s)\n", out.String())
	})

	t.Run("lines of steps side by side stay whole", func(t *testing.T) {
		var out bytes.Buffer
		log := New(&out)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { log.Say("one whole line") })
		}
		group.Wait()
		assert.Equal(t, strings.Repeat("· one whole line\n", 20), out.String())
	})
}

// written hands every line on; a full channel drops lines rather than blocking the log.
type written struct{ lines chan string }

func (w *written) Write(p []byte) (int, error) {
	select {
	case w.lines <- string(p):
	default:
	}
	return len(p), nil
}
