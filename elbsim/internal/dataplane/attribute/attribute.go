// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package attribute reads the attributes of load balancers, listeners and target groups, which are text by
// key and absent where AWS's default holds.
package attribute

import (
	"errors"
	"fmt"
	"strconv"
)

// Reader reads attributes and gathers what is wrong with them.
type Reader struct {
	values map[string]string
	errs   []error
}

// From reads from a map.
func From(values map[string]string) *Reader { return &Reader{values: values} }

// Err is all that was wrong.
func (r *Reader) Err() error { return errors.Join(r.errs...) }

// Text returns a value or its default.
func (r *Reader) Text(key, def string) string {
	if v, ok := r.values[key]; ok {
		return v
	}
	return def
}

// Int returns a number.
func (r *Reader) Int(key string, def int) int {
	v, ok := r.values[key]
	if !ok {
		return def
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("attribute %s is %q; it must be a number", key, v))
		return def
	}
	return n
}

// Bool returns a flag.
func (r *Reader) Bool(key string, def bool) bool {
	switch v, ok := r.values[key]; {
	case !ok:
		return def
	case v == "true" || v == "false":
		return v == "true"
	default:
		r.errs = append(r.errs, fmt.Errorf("attribute %s is %q; it must be true or false", key, v))
		return def
	}
}
