// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package message holds HTTP messages the way a load balancer sees them: header fields in the order and
// spelling of the sender, a body as a stream. Both legs and both HTTP versions speak in its terms; it never
// reads or writes a connection.
package message

import "strings"

// Field is one header field as it was sent, value without surrounding white space.
type Field struct{ Name, Value string }

// Fields are header fields in order. Names compare without regard to case.
type Fields []Field

// Get returns the first value of a name, or "".
func (f Fields) Get(name string) string {
	for i := range f {
		if strings.EqualFold(f[i].Name, name) {
			return f[i].Value
		}
	}
	return ""
}

// Has tells whether a field of that name is there.
func (f Fields) Has(name string) bool {
	for i := range f {
		if strings.EqualFold(f[i].Name, name) {
			return true
		}
	}
	return false
}

// Values returns all values of a name, in order.
func (f Fields) Values(name string) []string {
	var out []string
	for i := range f {
		if strings.EqualFold(f[i].Name, name) {
			out = append(out, f[i].Value)
		}
	}
	return out
}

// Set leaves one field of that name with this value, in the place and spelling of the first one.
func (f *Fields) Set(name, value string) {
	kept, found := (*f)[:0], false
	for _, x := range *f {
		if strings.EqualFold(x.Name, name) {
			if found {
				continue
			}
			found, x.Value = true, value
		}
		kept = append(kept, x)
	}
	if !found {
		kept = append(kept, Field{Name: name, Value: value})
	}
	*f = kept
}

// Add appends a field.
func (f *Fields) Add(name, value string) { *f = append(*f, Field{Name: name, Value: value}) }

// Del removes all fields of that name.
func (f *Fields) Del(name string) {
	f.DelFunc(func(x Field) bool { return strings.EqualFold(x.Name, name) })
}

// DelFunc removes all fields for which del is true.
func (f *Fields) DelFunc(del func(Field) bool) {
	kept := (*f)[:0]
	for _, x := range *f {
		if !del(x) {
			kept = append(kept, x)
		}
	}
	*f = kept
}

// HasToken tells whether a comma-separated list under that name has a token, without regard to case.
func (f Fields) HasToken(name, token string) bool {
	for i := range f {
		if !strings.EqualFold(f[i].Name, name) {
			continue
		}
		for part := range strings.SplitSeq(f[i].Value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}
