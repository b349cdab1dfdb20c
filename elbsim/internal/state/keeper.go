// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package state

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// quiet is how long after a change it is written, so that changes in quick succession are written once.
const quiet = 100 * time.Millisecond

// Keeper writes the state to its file: soon after changes, and at once when asked.
type Keeper struct {
	file    *File
	content func() Content
	log     *slog.Logger

	saving sync.Mutex // held while the file is written

	mu     sync.Mutex
	next   *saving // that a change of now will be in
	failed bool    // the last attempt
}

// saving is one write that several wait for.
type saving struct {
	once sync.Once
	err  error
}

// Keep makes the keeper of a file. content is called from any goroutine.
func Keep(file *File, content func() Content, log *slog.Logger) *Keeper {
	return &Keeper{file: file, content: content, log: log}
}

// Run writes after each signal of changed until ctx ends. What happens later is for Save.
func (k *Keeper) Run(ctx context.Context, changed <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(quiet):
		}
		k.Commit()
	}
}

// Commit returns when everything up to now is written. If that fails, the simulator is worth more than its
// file: the error is logged, once until it works again, and Save returns it at the end.
func (k *Keeper) Commit() {
	err := k.Save()
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil && !k.failed {
		k.log.Error("what happens from now on is lost when elbsim stops; make room for the file or give another by --state", "err", err)
	}
	k.failed = err != nil
}

// Save returns when everything up to now is written. Those who wait for the write that is running share the one after it.
func (k *Keeper) Save() error {
	k.mu.Lock()
	if k.next == nil {
		k.next = &saving{}
	}
	mine := k.next
	k.mu.Unlock()
	mine.once.Do(func() {
		k.saving.Lock()
		defer k.saving.Unlock()
		k.mu.Lock()
		k.next = nil
		k.mu.Unlock()
		mine.err = k.file.Save(k.content())
	})
	return mine.err
}
