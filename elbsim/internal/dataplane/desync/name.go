// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package desync

import "strings"

// Framing is what a field's name has to do with where a message ends.
type Framing uint8

// A name is one of the two that frame a message, looks like one of them to a lenient server, or neither.
const (
	NoFraming Framing = iota
	ContentLength
	TransferEncoding
	LikeContentLength
	LikeTransferEncoding
)

const (
	contentLength    = "contentlength"
	transferEncoding = "transferencoding"
)

// NameOf classifies a field's name. A name looks like another if only characters between and around its letters
// differ, or letters that fold to the same ones.
func NameOf(name string) Framing {
	if len(name) < len(contentLength) {
		return NoFraming
	}
	switch {
	case len(name) == 14 && strings.EqualFold(name, "Content-Length") && ascii(name):
		return ContentLength
	case len(name) == 17 && strings.EqualFold(name, "Transfer-Encoding") && ascii(name):
		return TransferEncoding
	case sameLetters(name, contentLength):
		return LikeContentLength
	case sameLetters(name, transferEncoding):
		return LikeTransferEncoding
	}
	return NoFraming
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// sameLetters tells whether the letters of name, in lower case, are those of want. It ends at the first that differs.
func sameLetters(name, want string) bool {
	at := 0
	for _, r := range name {
		switch {
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		case r == 'ſ': // folds to s
			r = 's'
		case r == 'ı': // dotless, taken for i
			r = 'i'
		case r < 'a' || r > 'z':
			continue
		}
		if at == len(want) || byte(r) != want[at] {
			return false
		}
		at++
	}
	return at == len(want)
}
