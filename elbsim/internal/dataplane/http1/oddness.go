// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1

// oddness is what a character has no business to be in a name, from harmless to dangerous.
type oddness uint8

const (
	plain   oddness = iota // of a token or a target
	odd                    // printable or beyond ASCII, but no character of a token
	blank                  // a space
	control                // a control character, also a tab
	broken                 // NUL or CR, which some take for an end
)

// characters classifies each byte of a name, a method or a target (RFC 9110 5.6.2).
var characters = func() (out [256]oddness) {
	for c := range out {
		switch {
		case c == 0 || c == '\r':
			out[c] = broken
		case c == ' ':
			out[c] = blank
		case c < ' ' || c == 0x7f:
			out[c] = control
		case '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		default:
			out[c] = odd
		}
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		out[c] = plain
	}
	return out
}()

// oddest is the worst character of a text.
func oddest(s string) oddness {
	worst := plain
	for i := range len(s) {
		worst = max(worst, characters[s[i]])
	}
	return worst
}

// oddestValue is the worst character of a field's value, where spaces, tabs and printable ones are plain.
func oddestValue(s string) oddness {
	worst := plain
	for i := range len(s) {
		if c := s[i]; (c < ' ' || c >= 0x7f) && c != '\t' {
			worst = max(worst, characters[c])
		}
	}
	return worst
}
