// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package wait

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// results is an attempt that returns errs one after another and the last of them for good.
func results(errs ...error) func(context.Context) error {
	next := 0
	return func(context.Context) error {
		err := errs[min(next, len(errs)-1)]
		next++
		return err
	}
}

func TestFor(t *testing.T) {
	refused, notFound := errors.New("connection refused"), errors.New("status 404, want 200")

	t.Run("it returns at the first success", func(t *testing.T) {
		require.NoError(t, For(t.Context(), results(refused, nil), Every(time.Millisecond)))
	})

	t.Run("a failure starts the count of successes again", func(t *testing.T) {
		attempts := 0
		next := results(nil, refused, nil, nil, nil)
		require.NoError(t, For(t.Context(), func(ctx context.Context) error { attempts++; return next(ctx) },
			Every(time.Millisecond), Converge(3)))
		assert.Equal(t, 5, attempts)
	})

	t.Run("a time-out lists each distinct error with its count, the last first", func(t *testing.T) {
		ctx, attempts := t.Context(), 0
		next := results(refused, refused, notFound)
		err := For(ctx, func(ctx context.Context) error { attempts++; return next(ctx) }, Within(100*time.Millisecond), Every(10*time.Millisecond))
		var timeout *TimeoutError
		require.ErrorAs(t, err, &timeout)
		assert.ErrorIs(t, err, notFound)
		assert.Equal(t, attempts, timeout.Attempts)
		assert.Regexp(t, `^timed out after 100ms and \d+ attempts\n  last seen, \d+×: status 404, want 200\n  2×: connection refused$`, err.Error())
	})

	t.Run("a time-out without convergence says so", func(t *testing.T) {
		err := For(t.Context(), results(nil), Within(20*time.Millisecond), Every(5*time.Millisecond), Converge(1000))
		assert.ErrorContains(t, err, "attempts without 1000 good ones in a row")
	})

	t.Run("an attempt that the limit cuts short does not hide what was seen before", func(t *testing.T) {
		calls := 0
		err := For(t.Context(), func(ctx context.Context) error {
			if calls++; calls == 1 {
				return notFound
			}
			<-ctx.Done()
			return ctx.Err()
		}, Within(30*time.Millisecond), Every(time.Millisecond))
		assert.ErrorContains(t, err, "1×: status 404, want 200")
		assert.NotContains(t, err.Error(), "deadline exceeded")
	})

	t.Run("a permanent error ends the wait at once", func(t *testing.T) {
		forbidden := errors.New("forbidden")
		start := time.Now()
		err := For(t.Context(), results(fmt.Errorf("list pods: %w", Permanent(forbidden))), Within(time.Minute))
		assert.ErrorIs(t, err, forbidden)
		assert.ErrorContains(t, err, "gave up after")
		assert.ErrorContains(t, err, "list pods: forbidden")
		assert.Less(t, time.Since(start), 10*time.Second)
	})

	t.Run("the end of the caller's context is an interruption, not a time-out", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := For(ctx, func(context.Context) error { cancel(); return refused })
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, "interrupted after")
		assert.ErrorContains(t, err, "connection refused")
	})

	t.Run("many different errors are cut", func(t *testing.T) {
		n := 0
		err := For(t.Context(), func(context.Context) error { n++; return fmt.Errorf("error %d", n) },
			Within(100*time.Millisecond), Every(time.Millisecond))
		assert.Regexp(t, `\n  and \d+ other errors$`, err.Error())
	})

	t.Run("the log has the first failure and the end", func(t *testing.T) {
		var lines []string
		require.NoError(t, For(t.Context(), results(refused, refused, nil), Every(time.Millisecond), Within(time.Second),
			Log(func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) })))
		require.Len(t, lines, 2)
		assert.Equal(t, "waiting up to 1s: connection refused", lines[0])
		assert.Regexp(t, `^held after \S+ and 3 attempts$`, lines[1])
	})
}
