// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package desync tells how dangerous a request is that two servers may read in two ways, and what each mitigation
// mode of an Application Load Balancer does with it (row 17). The classes are those of AWS's http-desync-guardian.
// It is pure and never reads a message itself.
package desync

import "fmt"

// Class is how far a request is from having one reading only.
type Class uint8

// The classes, from harmless to dangerous.
const (
	Compliant  Class = iota
	Acceptable       // against the standard, but of one reading
	Ambiguous        // servers may differ on where it ends
	Severe           // malformed, or made to be read in two ways
)

// String is AWS's word for a class.
func (c Class) String() string {
	return [...]string{"Compliant", "Acceptable", "Ambiguous", "Severe"}[c]
}

// Mode is a value of the attribute routing.http.desync_mitigation_mode.
type Mode string

// The modes. Defensive is AWS's default.
const (
	Monitor   Mode = "monitor"
	Defensive Mode = "defensive"
	Strictest Mode = "strictest"
)

// ParseMode checks a mode.
func ParseMode(text string) (Mode, error) {
	switch m := Mode(text); m {
	case Monitor, Defensive, Strictest:
		return m, nil
	}
	return "", fmt.Errorf("desync mitigation mode %q; allowed are monitor, defensive and strictest", text)
}

// Blocks tells whether a request of that class is answered with status 400 and the connection closed.
func (m Mode) Blocks(c Class) bool {
	switch m {
	case Monitor:
		return false
	case Strictest:
		return c > Compliant
	}
	return c == Severe
}

// Closes tells whether both connections end with a request of that class that is let through.
func (m Mode) Closes(c Class) bool { return m == Defensive && c == Ambiguous }
