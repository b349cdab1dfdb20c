// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package progress tells a person what the lab is doing: one line per step with its duration, and a
// sign of life from steps that take long. Every stage of the lab reports to it. It never writes to
// standard output, which belongs to results.
package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Log writes steps to one writer. It is safe for concurrent use, also by steps that run side by side.
type Log struct {
	mu      sync.Mutex
	out     io.Writer
	verbose bool
	quiet   time.Duration
}

// Option changes a default of [New].
type Option func(*Log)

// Verbose prints every detail of a step on a line of its own.
func Verbose() Option { return func(l *Log) { l.verbose = true } }

// SignOfLife sets how long a running step may be silent; the default is 20 s.
func SignOfLife(after time.Duration) Option { return func(l *Log) { l.quiet = after } }

// New returns a log that writes to out.
func New(out io.Writer, options ...Option) *Log {
	l := &Log{out: out, quiet: 20 * time.Second}
	for _, option := range options {
		option(l)
	}
	return l
}

// Say writes one line that is not a step: a decision, or a fact worth knowing.
func (l *Log) Say(format string, args ...any) { l.line("· " + fmt.Sprintf(format, args...)) }

// Step runs do and writes "✓ title (41s)" or "✗ title (3s)"; it returns do's error untouched.
func (l *Log) Step(title string, do func(*Step) error) error {
	step := &Step{log: l, title: title, start: time.Now(), ended: make(chan struct{})}
	var watcher sync.WaitGroup
	watcher.Go(step.watch)
	err := do(step)
	close(step.ended)
	watcher.Wait()
	mark := "✓"
	if err != nil {
		mark = "✗"
	}
	l.line(fmt.Sprintf("%s %s (%s)", mark, title, Round(time.Since(step.start))))
	return err
}

// Round shortens a duration to what a person reads: tenths below ten seconds, seconds above.
func Round(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

func (l *Log) line(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A progress line that cannot be written leaves nobody to tell.
	_, _ = fmt.Fprintln(l.out, strings.TrimRight(text, "\n"))
}

// Step is a step under way.
type Step struct {
	log   *Log
	title string
	start time.Time
	ended chan struct{}

	mu     sync.Mutex
	detail string
}

// Detail says what the step is doing now. It is shown when the step takes long, or at once when the log
// is verbose.
func (s *Step) Detail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.mu.Lock()
	s.detail = text
	s.mu.Unlock()
	if s.log.verbose {
		s.log.line("    " + text)
	}
}

func (s *Step) watch() {
	ticker := time.NewTicker(s.log.quiet)
	defer ticker.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-ticker.C:
			s.mu.Lock()
			detail := s.detail
			s.mu.Unlock()
			if detail != "" {
				detail = ": " + detail
			}
			s.log.line(fmt.Sprintf("… %s (%s so far)%s", s.title, Round(time.Since(s.start)), detail))
		}
	}
}
