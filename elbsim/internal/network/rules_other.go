//go:build !linux

// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network

import (
	"errors"
	"net/netip"
)

// rules exist on Linux only.
type rules struct{ pool netip.Prefix }

func (rules) set() error { return errors.New("only Linux has rules for packets") }

func (rules) clear() error { return nil }
