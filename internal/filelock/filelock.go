// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package filelock keeps processes of the lab from getting in each other's way: locks on files, which
// the kernel gives back when a process ends, however it ends. It never looks at what is locked.
package filelock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// pause is how long a process waits before it tries again to get a lock.
const pause = 200 * time.Millisecond

// Exclusive takes the lock of path alone. It calls waiting once if another process holds it, and returns
// when it has the lock or ctx ends.
func Exclusive(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	return take(ctx, path, syscall.LOCK_EX, waiting)
}

// Shared takes the lock of path together with others that share it.
func Shared(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	return take(ctx, path, syscall.LOCK_SH, waiting)
}

// TryExclusive takes the lock of path if nobody else has it.
func TryExclusive(path string) (unlock func(), taken bool, err error) {
	file, err := open(path)
	if err != nil {
		return nil, false, err
	}
	if taken, err = try(file, syscall.LOCK_EX); err != nil || !taken {
		return nil, false, errors.Join(err, file.Close())
	}
	return release(file), true, nil
}

func take(ctx context.Context, path string, how int, waiting func()) (unlock func(), err error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		taken, err := try(file, how)
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		if taken {
			return release(file), nil
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), file.Close())
		case <-time.After(pause):
		}
	}
}

func open(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
}

func try(file *os.File, how int) (taken bool, err error) {
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// release gives the lock back; closing a file that was opened only to be locked loses nothing.
func release(file *os.File) func() { return func() { _ = file.Close() } }
