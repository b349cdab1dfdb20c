// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/internal/wait"
)

// judged runs an assertion against a recorder and returns what it would have done to a test.
func judged(t *testing.T, assertion func(T)) *recorder {
	t.Helper()
	r := &recorder{ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil && p != errFailNow {
				panic(p)
			}
		}()
		assertion(r)
	}()
	<-done
	return r
}

var errFailNow = errors.New("FailNow")

// recorder is a test that writes down how it ends.
type recorder struct {
	ctx         context.Context
	errors, log []string
	ended       bool
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Logf(format string, args ...any) {
	r.log = append(r.log, fmt.Sprintf(format, args...))
}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) FailNow()        { r.ended = true; panic(errFailNow) }
func (r *recorder) message() string { return strings.Join(r.errors, "\n") }

func counter() func(context.Context) (int, error) {
	var n atomic.Int64
	return func(context.Context) (int, error) { return int(n.Add(1)), nil }
}

func atLeast(want int) func(int) error {
	return func(got int) error {
		if got < want {
			return fmt.Errorf("less than %d", want)
		}
		return nil
	}
}

func failing(context.Context) (int, error) { return 0, errors.New("connection refused") }

func TestEventually(t *testing.T) {
	t.Run("it returns the observation that passed", func(t *testing.T) {
		r := judged(t, func(t T) {
			if got := Eventually(t, counter(), atLeast(3), wait.Every(time.Millisecond)); got != 3 {
				t.Errorf("got %d", got)
			}
		})
		assert.Empty(t, r.errors)
		assert.False(t, r.ended)
	})

	t.Run("a time-out ends the test with what was seen", func(t *testing.T) {
		r := judged(t, func(t T) {
			Eventually(t, counter(), atLeast(1_000_000), wait.Within(20*time.Millisecond), wait.Every(time.Millisecond))
		})
		assert.Regexp(t, `^timed out after 20ms and \d+ attempts\n  \d+×: less than 1000000$`, r.message())
		assert.True(t, r.ended)
	})

	t.Run("what cannot be observed is in the message too", func(t *testing.T) {
		r := judged(t, func(t T) {
			Eventually(t, failing, atLeast(0), wait.Within(20*time.Millisecond), wait.Every(time.Millisecond))
		})
		assert.Contains(t, r.message(), "connection refused")
		assert.True(t, r.ended)
	})
}

func TestNever(t *testing.T) {
	t.Run("it passes when the forbidden is not seen", func(t *testing.T) {
		r := judged(t, func(t T) { Never(t, counter(), atLeast(1_000_000), 50*time.Millisecond) })
		assert.Empty(t, r.errors)
		assert.Regexp(t, `^never in 50ms and \d+ observations$`, r.log[0])
	})

	t.Run("it ends the test at the first sight", func(t *testing.T) {
		r := judged(t, func(t T) { Never(t, counter(), atLeast(2), time.Minute) })
		assert.Regexp(t, `^after \S+, observation 2, what must never be: 2$`, r.message())
		assert.True(t, r.ended)
	})

	t.Run("seeing nothing at all is no proof", func(t *testing.T) {
		r := judged(t, func(t T) { Never(t, failing, atLeast(1), 30*time.Millisecond) })
		assert.Equal(t, "nothing was observed in 30ms; last error: connection refused", r.message())
		assert.True(t, r.ended)
	})
}

func TestDuring(t *testing.T) {
	// served is a change that ends when n requests have been answered.
	served := func(n int64) (func(context.Context) (int, error), func(context.Context) error) {
		var count atomic.Int64
		return func(context.Context) (int, error) { return int(count.Add(1)), nil },
			func(ctx context.Context) error {
				return wait.For(ctx, func(context.Context) error {
					if count.Load() < n {
						return errors.New("too few requests")
					}
					return nil
				}, wait.Every(time.Millisecond))
			}
	}

	t.Run("it passes when every request passes", func(t *testing.T) {
		request, change := served(20)
		var load Load
		r := judged(t, func(t T) { load = During(t, request, atLeast(1), change) })
		assert.Empty(t, r.errors)
		assert.GreaterOrEqual(t, load.Requests, 20)
	})

	t.Run("one refused answer fails the test with its reason", func(t *testing.T) {
		request, change := served(20)
		var load Load
		r := judged(t, func(t T) { load = During(t, request, atLeast(2), change) })
		assert.Equal(t, 1, load.Failed)
		assert.Regexp(t, `^1 of \d+ requests failed:\n  1×: less than 2$`, r.message())
	})

	t.Run("a failed change fails the test", func(t *testing.T) {
		request, _ := served(0)
		r := judged(t, func(t T) {
			During(t, request, atLeast(0), func(context.Context) error { return errors.New("upgrade: time-out") })
		})
		assert.Equal(t, "the change under load: upgrade: time-out", r.message())
	})

	t.Run("no requests is no proof", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := &recorder{ctx: ctx}
		During(r, counter(), atLeast(0), func(context.Context) error { return nil })
		assert.Equal(t, "no request was made while the change ran", r.message())
	})
}
