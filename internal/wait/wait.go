// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package wait polls until something holds or a deadline passes, and then says what stood in the way.
// Package probe and the lab use it. It never decides what to wait for.
package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Option changes a default of [For].
type Option func(*settings)

type settings struct {
	within, every time.Duration
	converge      int
	log           func(format string, args ...any)
}

var errDeadline = errors.New("deadline of the wait")

// Within sets the limit; the default is one minute.
func Within(limit time.Duration) Option { return func(s *settings) { s.within = limit } }

// Every sets the pause between two attempts; the default is 200 ms.
func Every(pause time.Duration) Option { return func(s *settings) { s.every = pause } }

// Converge asks for n successes in a row; the default is 1. A failure starts the count again.
func Converge(n int) Option { return func(s *settings) { s.converge = n } }

// Log reports the first failure and the end of the wait, in the manner of testing.T.Logf.
func Log(logf func(format string, args ...any)) Option { return func(s *settings) { s.log = logf } }

// For calls attempt until it returns nil, as often in a row as [Converge] says. It ends early with an
// error made by [Permanent] and when ctx ends, and with a [*TimeoutError] when the limit has passed.
// An attempt sees the limit as its context's deadline.
func For(ctx context.Context, attempt func(context.Context) error, options ...Option) error {
	s := settings{within: time.Minute, every: 200 * time.Millisecond, converge: 1, log: func(string, ...any) {}}
	for _, option := range options {
		option(&s)
	}
	limited, cancel := context.WithTimeoutCause(ctx, s.within, errDeadline)
	defer cancel()

	start := time.Now()
	seen := Errors{}
	attempts, streak := 0, 0
	for {
		attempts++
		err := attempt(limited)
		var permanent *permanentError
		switch {
		case err == nil:
			if streak++; streak >= s.converge {
				if attempts > s.converge {
					s.log("held after %s and %d attempts", since(start), attempts)
				}
				return nil
			}
		case errors.As(err, &permanent):
			return fmt.Errorf("gave up after %s and %d attempts: %w", since(start), attempts, err)
		default:
			streak = 0
			// The limit cuts the last attempt short: that says nothing new if something was seen before.
			if limited.Err() == nil || seen.Distinct() == 0 {
				if seen.Add(err); attempts == 1 {
					s.log("waiting up to %s: %v", s.within, err)
				}
			}
		}

		select {
		case <-limited.Done():
			if context.Cause(limited) != errDeadline {
				return fmt.Errorf("interrupted after %s and %d attempts: %w%s", since(start), attempts, context.Cause(limited), seen)
			}
			return &TimeoutError{Within: s.within, Attempts: attempts, Converge: s.converge, seen: seen}
		case <-time.After(s.every):
		}
	}
}

// Permanent marks an error of an attempt that no further attempt will mend, such as a refused login.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// TimeoutError tells what was seen instead of what was waited for.
type TimeoutError struct {
	Within             time.Duration
	Attempts, Converge int
	seen               Errors
}

func (e *TimeoutError) Error() string {
	row := ""
	if e.Converge > 1 {
		row = fmt.Sprintf(" without %d good ones in a row", e.Converge)
	}
	return fmt.Sprintf("timed out after %s and %d attempts%s%s", e.Within, e.Attempts, row, e.seen)
}

// Unwrap is the error seen last; nil when no attempt failed.
func (e *TimeoutError) Unwrap() error { return e.seen.Last() }

func since(start time.Time) time.Duration { return time.Since(start).Round(10 * time.Millisecond) }
