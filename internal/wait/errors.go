// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package wait

import (
	"fmt"
	"strings"
)

// maxDistinct bounds a message whose attempts all fail differently, for example by a time in the text.
const maxDistinct = 8

// Errors counts errors by their text, so that a thousand failed attempts are a few lines. The zero value
// is empty. It is not safe for concurrent use.
type Errors struct{ seen []observation }

type observation struct {
	err   error
	count int
}

// Add counts err, which is then the last seen.
func (e *Errors) Add(err error) {
	count := 1
	for i, o := range e.seen {
		if o.err.Error() == err.Error() {
			count += o.count
			e.seen = append(e.seen[:i], e.seen[i+1:]...)
			break
		}
	}
	e.seen = append(e.seen, observation{err, count})
}

// Distinct is the number of different errors.
func (e Errors) Distinct() int { return len(e.seen) }

// Last is the error seen last; nil when there is none.
func (e Errors) Last() error {
	if len(e.seen) == 0 {
		return nil
	}
	return e.seen[len(e.seen)-1].err
}

// String is one indented line per distinct error with its count, the last seen first, each line after a
// line break.
func (e Errors) String() string {
	var text strings.Builder
	for i := range e.seen {
		o := e.seen[len(e.seen)-1-i]
		if i == maxDistinct {
			fmt.Fprintf(&text, "\n  and %d other errors", len(e.seen)-i)
			break
		}
		last := ""
		if i == 0 && len(e.seen) > 1 {
			last = "last seen, "
		}
		fmt.Fprintf(&text, "\n  %s%d×: %s", last, o.count, strings.ReplaceAll(o.err.Error(), "\n", "\n    "))
	}
	return text.String()
}
