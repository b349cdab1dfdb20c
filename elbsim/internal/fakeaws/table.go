// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"cmp"
	"slices"
)

// table holds resources of one kind by their ID (for most an ARN), in the order of creation, and finds
// them by other keys as well: what they belong to, their name, what they refer to. So no call has to
// look at the whole account.
type table[V any] struct {
	keys    func(V) []string
	entries map[string]*entry[V]
	all     []*entry[V]            // oldest first
	byKey   map[string][]*entry[V] // oldest first
	number  int
}

type entry[V any] struct {
	id     string
	number int
	value  V
	keys   []string // under which it is found now
}

func newTable[V any](keys func(V) []string) *table[V] {
	return &table[V]{keys: keys, entries: map[string]*entry[V]{}, byKey: map[string][]*entry[V]{}}
}

// get returns the resource, or V's zero value.
func (t *table[V]) get(id string) V {
	if e := t.entries[id]; e != nil {
		return e.value
	}
	var none V
	return none
}

// put adds a resource. It is also to be called when a resource that is there has changed one of its
// keys; its place in the order stays.
func (t *table[V]) put(id string, v V) {
	e := t.entries[id]
	if e == nil {
		t.number++
		e = &entry[V]{id: id, number: t.number}
		t.entries[id] = e
		t.all = append(t.all, e)
	}
	t.unlink(e)
	e.value, e.keys = v, t.keys(v)
	slices.Sort(e.keys)
	e.keys = slices.Compact(e.keys)
	for _, k := range e.keys {
		i, _ := t.find(t.byKey[k], e)
		t.byKey[k] = slices.Insert(t.byKey[k], i, e)
	}
}

// drop removes a resource; one that is not there may be dropped.
func (t *table[V]) drop(id string) {
	e := t.entries[id]
	if e == nil {
		return
	}
	t.unlink(e)
	delete(t.entries, id)
	i, _ := t.find(t.all, e)
	t.all = slices.Delete(t.all, i, i+1)
}

func (t *table[V]) unlink(e *entry[V]) {
	for _, k := range e.keys {
		i, _ := t.find(t.byKey[k], e)
		if t.byKey[k] = slices.Delete(t.byKey[k], i, i+1); len(t.byKey[k]) == 0 {
			delete(t.byKey, k)
		}
	}
}

func (t *table[V]) find(in []*entry[V], e *entry[V]) (int, bool) {
	return slices.BinarySearchFunc(in, e, func(x, y *entry[V]) int { return cmp.Compare(x.number, y.number) })
}

// values returns all resources, oldest first.
func (t *table[V]) values() []V { return values(t.all) }

// by returns the resources that have this key, oldest first.
func (t *table[V]) by(key string) []V { return values(t.byKey[key]) }

// byAll returns the resources that may have all these keys: the ones of the rarest key; without keys, all.
func (t *table[V]) byAll(keys []string) []V {
	if len(keys) == 0 {
		return t.values()
	}
	return values(slices.MinFunc(mapped(keys, func(k string) []*entry[V] { return t.byKey[k] }), func(x, y []*entry[V]) int {
		return cmp.Compare(len(x), len(y))
	}))
}

// has says whether a resource has this key.
func (t *table[V]) has(key string) bool { return len(t.byKey[key]) > 0 }

// len is the number of resources.
func (t *table[V]) len() int { return len(t.all) }

func values[V any](entries []*entry[V]) []V {
	return mapped(entries, func(e *entry[V]) V { return e.value })
}

func mapped[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, x := range in {
		out[i] = f(x)
	}
	return out
}

// some returns the resources of these IDs and of these keys, or all when none is asked for. Of what is
// asked for and does not exist, nothing is returned.
func some[V any](t *table[V], ids, keys []string) []V {
	if len(ids) == 0 && len(keys) == 0 {
		return t.values()
	}
	var found []*entry[V]
	for _, id := range ids {
		if e := t.entries[id]; e != nil {
			found = append(found, e)
		}
	}
	for _, k := range keys {
		found = append(found, t.byKey[k]...)
	}
	slices.SortFunc(found, func(x, y *entry[V]) int { return cmp.Compare(x.number, y.number) })
	return values(slices.Compact(found))
}
