//go:build !linux

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package direct

import "net"

// Of returns c.
func Of(c net.Conn) net.Conn { return c }

// Conn does not exist here.
type Conn struct{ net.Conn }

// Left cannot tell.
func (c *Conn) Left() bool { return false }

// Quiet cannot tell.
func (c *Conn) Quiet() bool { return true }
