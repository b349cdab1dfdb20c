//go:build !linux

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package inbound

import "syscall"

// Attach does nothing where the kernel has no socket filters: excluded clients are then held without an
// answer after they have been accepted.
func (s Sources) Attach(syscall.RawConn) error { return nil }
