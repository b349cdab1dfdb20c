// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plandiff

import (
	"maps"
	"slices"
)

// details gathers what differs.
type details []Detail

// text compares one value; empty is absent. traffic is what clients notice of any change.
func (d *details) text(what, old, now, traffic string) {
	switch {
	case old == now:
	case old == "":
		*d = append(*d, Detail{Action: Create, What: what, New: now, Traffic: traffic})
	case now == "":
		*d = append(*d, Detail{Action: Delete, What: what, Old: old, Traffic: traffic})
	default:
		*d = append(*d, Detail{Action: Update, What: what, Old: old, New: now, Traffic: traffic})
	}
}

// set compares values whose order means nothing. traffic is what clients notice when one goes.
func (d *details) set(what string, old, now []string, traffic string) {
	for _, v := range old {
		if !slices.Contains(now, v) {
			*d = append(*d, Detail{Action: Delete, What: what, Old: v, Traffic: traffic})
		}
	}
	for _, v := range now {
		if !slices.Contains(old, v) {
			*d = append(*d, Detail{Action: Create, What: what, New: v})
		}
	}
}

// attributes compares attributes. A description leaves out those with AWS's default.
func (d *details) attributes(at string, old, now map[string]string) {
	d.pairs(at+"attribute ", old, now, "AWS's default")
}

// pairs compares values by key. unset is what holds for a key that is gone; empty is nothing.
func (d *details) pairs(prefix string, old, now map[string]string, unset string) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(old)), maps.Keys(now))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		was, had := old[key]
		is, has := now[key]
		switch {
		case had && has && was == is:
		case had && has:
			*d = append(*d, Detail{Action: Update, What: prefix + key, Old: was, New: is})
		case has:
			*d = append(*d, Detail{Action: Create, What: prefix + key, New: is})
		case unset != "":
			*d = append(*d, Detail{Action: Update, What: prefix + key, Old: was, New: unset})
		default:
			*d = append(*d, Detail{Action: Delete, What: prefix + key, Old: was})
		}
	}
}
