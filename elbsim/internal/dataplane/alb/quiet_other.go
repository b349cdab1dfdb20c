//go:build !unix

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import "syscall"

// quiet cannot tell here.
func quiet(syscall.RawConn) bool { return true }
