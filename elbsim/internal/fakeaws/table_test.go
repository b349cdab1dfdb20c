// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// words are found by their letters.
func words(all ...string) *table[string] {
	t := newTable(func(s string) []string { return strings.Split(s, "") })
	for _, w := range all {
		t.put("id-"+w, w)
	}
	return t
}

func TestATableFindsByKeyInTheOrderOfCreation(t *testing.T) {
	w := words("zoo", "ox", "ax")
	assert.Equal(t, []string{"zoo", "ox", "ax"}, w.values())
	assert.Equal(t, []string{"zoo", "ox"}, w.by("o"))
	assert.Equal(t, []string{"ox", "ax"}, w.byAll([]string{"x"}))
	assert.Equal(t, []string{"ax"}, w.byAll([]string{"x", "a"}), "the rarest key decides")
	assert.Equal(t, w.values(), w.byAll(nil))
	assert.Empty(t, w.by("q"))
	assert.Equal(t, "ox", w.get("id-ox"))
	assert.Empty(t, w.get("id-none"))
}

func TestAResourceThatChangesIsFoundByItsNewKeysAndKeepsItsPlace(t *testing.T) {
	w := words("zoo", "ox", "ax")
	w.put("id-zoo", "fix")
	assert.Equal(t, []string{"ox"}, w.by("o"))
	assert.Equal(t, []string{"fix", "ox", "ax"}, w.by("x"))
	assert.Equal(t, 3, w.len())
}

func TestAResourceThatIsDroppedIsNotFound(t *testing.T) {
	w := words("zoo", "ox", "ax")
	w.drop("id-ox")
	w.drop("id-none")
	assert.Equal(t, []string{"zoo"}, w.by("o"))
	assert.Equal(t, []string{"zoo", "ax"}, w.values())
	assert.False(t, w.has("ox"))
	w.drop("id-zoo")
	assert.NotContains(t, w.byKey, "z", "keys of nothing are forgotten")
}

func TestSomeAreThoseOfTheIDsAndTheKeysOnce(t *testing.T) {
	w := words("zoo", "ox", "ax")
	assert.Equal(t, []string{"zoo", "ax"}, some(w, []string{"id-ax", "id-none"}, []string{"z", "a"}))
	assert.Equal(t, w.values(), some(w, nil, nil))
}
