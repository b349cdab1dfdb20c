//go:build !linux

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dial

import "syscall"

func bindLate(_, _ string, _ syscall.RawConn) error { return nil }
