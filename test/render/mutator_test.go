// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mutator changes values in place, one at a time, and sees the schema refuse each change.
type mutator struct {
	t         *testing.T
	schema    map[string]any
	compiled  *jsonschema.Schema
	values    map[string]any
	counts    map[string]int
	seen      map[string]bool // places in the schema
	unbounded map[string]bool // places of texts and numbers that nothing bounds
}

func newMutator(t *testing.T) *mutator {
	t.Helper()
	content, root := schema(t)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(content)))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("values.schema.json", document))
	compiled, err := compiler.Compile("values.schema.json")
	require.NoError(t, err)
	return &mutator{t: t, schema: root, compiled: compiled, values: defaults(t), counts: map[string]int{}, seen: map[string]bool{}, unbounded: map[string]bool{}}
}

// sample mutates a value below path, in the place of the default.
func (m *mutator) sample(path string, value any) {
	m.t.Helper()
	here, parent, place, pointer := m.schema, m.values, "#", ""
	keys := strings.Split(path, ".")
	for i, key := range keys {
		here, place = m.follow(here["properties"].(map[string]any)[key].(map[string]any), place+"/properties/"+key)
		pointer += "/" + key
		if i < len(keys)-1 {
			parent = parent[key].(map[string]any)
		}
	}
	last := keys[len(keys)-1]
	before, there := parent[last]
	parent[last] = value
	require.NoError(m.t, m.compiled.Validate(m.values), "%s: %v", path, value)
	m.walk(here, value, pointer, place, func(value any) { parent[last] = value })
	if parent[last] = before; !there {
		delete(parent, last)
	}
}

// follow resolves references.
func (m *mutator) follow(here map[string]any, place string) (map[string]any, string) {
	if ref, found := here["$ref"].(string); found {
		return m.follow(m.schema["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any), ref)
	}
	return here, place
}

// walk mutates a value and what is inside of it. put writes another value in its place.
func (m *mutator) walk(here map[string]any, value any, pointer, place string, put func(any)) {
	here, place = m.follow(here, place)
	m.seen[place] = true
	if kinds := m.types(here, value); pointer != "" {
		for kind, wrong := range map[string]any{"null": nil, "boolean": true, "number": 7.5, "integer": 7.0, "string": "text", "array": []any{[]any{}}, "object": map[string]any{"not": "this"}} {
			if !slices.Contains(kinds, kind) && !(kind == "integer" && slices.Contains(kinds, "number")) {
				m.refused(wrong, pointer, "another type", put)
			}
		}
	}
	bounded := false
	for _, wrong := range m.outside(here, value) {
		bounded = true
		m.refused(wrong, pointer, "out of range", put)
	}
	put(value)
	switch value := value.(type) {
	case string, float64:
		if !bounded {
			m.unbounded[place] = true
		}
	case []any:
		list, place := m.branch(here, place, "array")
		items, _ := list["items"].(map[string]any)
		for i, item := range value {
			m.seen[place+"/items"] = true
			m.walk(items, item, fmt.Sprintf("%s/%d", pointer, i), place+"/items", func(other any) { value[i] = other })
		}
	case map[string]any:
		object, place := m.branch(here, place, "object")
		m.object(object, value, pointer, place)
	}
}

// object misspells each key, takes the required ones away, and walks on.
func (m *mutator) object(here, value map[string]any, pointer, place string) {
	patterns, _ := here["patternProperties"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(value)) {
		child, childPlace := m.child(here, key, place)
		if child == nil {
			continue // of a chart that the values are passed through to
		}
		content, below := value[key], pointer+"/"+escape(key)
		delete(value, key)
		if required, _ := here["required"].([]any); slices.Contains(required, any(key)) {
			m.refusedWith(pointer, fmt.Sprintf("missing property '%s'", key), "a missing key")
		}
		if !slices.Contains(passedThrough, strings.Split(pointer+"/", "/")[1]) {
			wrong := key + "x"
			for pattern := range patterns {
				wrong = m.stranger(pattern, false)
			}
			value[wrong] = content
			m.refusedWith(pointer, fmt.Sprintf("additional properties '%s' not allowed", wrong), "a misspelt key")
			delete(value, wrong)
		}
		value[key] = content
		m.walk(child, content, below, childPlace, func(other any) { value[key] = other })
	}
}

// child is the schema of a key.
func (m *mutator) child(here map[string]any, key, place string) (map[string]any, string) {
	if properties, _ := here["properties"].(map[string]any); properties[key] != nil {
		place += "/properties/" + key
		m.seen[place] = true
		return properties[key].(map[string]any), place
	}
	patterns, _ := here["patternProperties"].(map[string]any)
	for pattern, child := range patterns {
		if regexp.MustCompile(pattern).MatchString(key) {
			place += "/patternProperties/" + pattern
			m.seen[place] = true
			return child.(map[string]any), place
		}
	}
	return nil, ""
}

func (m *mutator) refused(wrong any, pointer, kind string, put func(any)) {
	m.t.Helper()
	put(wrong)
	m.refusedWith(pointer, "", fmt.Sprint(kind), wrong)
}

// refusedWith validates the values as they are now.
func (m *mutator) refusedWith(pointer, message, kind string, wrong ...any) {
	m.t.Helper()
	m.counts[kind]++
	err := m.compiled.Validate(m.values)
	content, _ := json.Marshal(wrong)
	if assert.Error(m.t, err, "%s at %s: %s %s", kind, pointer, message, content) {
		assert.Contains(m.t, err.Error(), "at '"+pointer+"': "+message, "%s: %s", kind, content)
	}
}

var escape = strings.NewReplacer("~", "~0", "/", "~1").Replace
