// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package forwarded

import (
	"strings"
	"time"
)

// maxTrace is the size in bytes above which a trace header is thrown away (row 7).
const maxTrace = 7 << 10

// TraceID is a new identifier: version, time, 96 random bits.
func TraceID(now time.Time, random func() uint64) string {
	id := append(make([]byte, 0, len("1-01234567-0123456789abcdef01234567")), "1-"...)
	id = append(appendHex(id, uint64(now.Unix()), 8), '-')
	id = appendHex(id, random(), 16)
	return string(appendHex(id, random(), 8))
}

// appendHex appends the lowest digits of a number, the highest of them first.
func appendHex(to []byte, n uint64, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		to = append(to, "0123456789abcdef"[n>>shift&0xf])
	}
	return to
}

// TraceHeader is the value of X-Amzn-Trace-Id for a target, from what the client sent (row 7): without Root a
// new Root, with Root a new Self in front, with Self a new value in its place.
func TraceHeader(old, id string) string {
	if old == "" || len(old) > maxTrace {
		return "Root=" + id
	}
	parts := strings.Split(old, ";")
	root, self := false, false
	for i, part := range parts {
		name, _, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case strings.EqualFold(name, "Root"):
			root = true
		case strings.EqualFold(name, "Self"):
			self = true
			parts[i] = "Self=" + id
		}
	}
	switch out := strings.Join(parts, ";"); {
	case self:
		return out
	case root:
		return "Self=" + id + ";" + out
	default:
		return "Root=" + id + ";" + out
	}
}
