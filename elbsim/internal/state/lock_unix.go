//go:build unix

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package state

import (
	"os"

	"golang.org/x/sys/unix"
)

// exclusive takes a lock that ends with the process, however that ends.
func exclusive(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
