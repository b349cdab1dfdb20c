// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity

import (
	"crypto/ecdsa"
	"time"
)

// SetClock makes time pass in tests.
func (c *Checker) SetClock(now func() time.Time) { c.now = now }

// DataKey verifies what targets are told of users.
func (c *Checker) DataKey() *ecdsa.PublicKey { return &c.sign.PublicKey }
