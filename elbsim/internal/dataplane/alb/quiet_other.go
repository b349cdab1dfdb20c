//go:build !unix

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb

import "syscall"

// probe cannot tell here.
type probe struct{}

func newProbe(syscall.RawConn) *probe { return &probe{} }

func (p *probe) holds() bool { return true }
