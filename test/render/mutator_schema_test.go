// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// branches are the alternatives of a schema, itself among them, by their places.
func (m *mutator) branches(here map[string]any, place string) map[string]map[string]any {
	all := map[string]map[string]any{place: here}
	for _, word := range []string{"anyOf", "allOf"} {
		list, _ := here[word].([]any)
		for i, branch := range list {
			maps.Copy(all, m.branches(m.follow(branch.(map[string]any), fmt.Sprintf("%s/%s/%d", place, word, i))))
		}
	}
	return all
}

// branch is the alternative that a list or an object takes.
func (m *mutator) branch(here map[string]any, place, kind string) (map[string]any, string) {
	for place, branch := range m.branches(here, place) {
		if branch["type"] == kind {
			return branch, place
		}
	}
	return here, place
}

// types are all types that a schema takes; if it does not say, that of the value.
func (m *mutator) types(here map[string]any, value any) []string {
	var kinds []string
	for _, branch := range m.branches(here, "") {
		if kind, found := branch["type"].(string); found {
			kinds = append(kinds, kind)
		}
		values, _ := branch["enum"].([]any)
		if constant, found := branch["const"]; found {
			values = append(values, constant)
		}
		for _, value := range values {
			kinds = append(kinds, typeOf(value))
		}
	}
	if len(kinds) == 0 {
		kinds = append(kinds, typeOf(value))
	}
	return kinds
}

func typeOf(value any) string {
	return map[string]string{"string": "string", "bool": "boolean", "float64": "integer", "[]interface {}": "array", "map[string]interface {}": "object"}[fmt.Sprintf("%T", value)]
}

// strangers are texts of which each pattern refuses one.
var strangers = []string{"", " ", "!", "a b", "a,b", "/", "-", "?", "=", "0", "a\nb", "internal-a", "AWSALBx", "?x", "ARN"}

// outside are values of the right type that no alternative takes.
func (m *mutator) outside(here map[string]any, value any) []any {
	var out []any
	var constants []any
	branches := m.branches(here, "")
	for _, branch := range branches {
		if constant, found := branch["const"]; found {
			constants = append(constants, constant)
		}
	}
	if slices.Equal(constants, []any{true}) {
		out = append(out, false)
	}
	for _, branch := range branches {
		number := func(keyword string) (float64, bool) { n, found := branch[keyword].(float64); return n, found }
		if lowest, found := number("minimum"); found {
			out = append(out, lowest-1)
		}
		if highest, found := number("maximum"); found {
			out = append(out, highest+1)
		}
		if longest, found := number("maxLength"); found {
			out = append(out, strings.Repeat("a", int(longest)+1))
		}
		if values, found := branch["enum"].([]any); found && !slices.Contains(values, any("other")) {
			out = append(out, "other")
		}
		if shortest, found := number("minLength"); found && shortest > 0 {
			out = append(out, "")
		}
		if pattern, found := branch["pattern"].(string); found {
			out = append(out, m.stranger(pattern, false))
		}
		if not, _ := branch["not"].(map[string]any); not["pattern"] != nil {
			out = append(out, m.stranger(not["pattern"].(string), true))
		}
		list, _ := value.([]any)
		if least, found := number("minItems"); found && least > 0 && list != nil {
			out = append(out, []any{})
		}
		if most, found := number("maxItems"); found && len(list) > 0 {
			out = append(out, slices.Repeat(list[:1], int(most)+1))
		}
		if branch["uniqueItems"] == true && len(list) > 0 {
			out = append(out, []any{list[0], list[0]})
		}
		keys, _ := value.(map[string]any)
		if least, found := number("minProperties"); found && least > 0 && keys != nil {
			out = append(out, map[string]any{})
		}
		if most, found := number("maxProperties"); found && len(keys) > 0 {
			many := maps.Clone(keys)
			for i := range int(most) + 1 {
				many[fmt.Sprintf("a%d", i)] = slices.Collect(maps.Values(keys))[0]
			}
			out = append(out, many)
		}
	}
	return slices.DeleteFunc(out, func(wrong any) bool {
		return slices.ContainsFunc(constants, func(constant any) bool { return assert.ObjectsAreEqual(constant, wrong) })
	})
}

// stranger is a text that a pattern matches, or does not.
func (m *mutator) stranger(pattern string, matches bool) string {
	m.t.Helper()
	for _, text := range strangers {
		if regexp.MustCompile(pattern).MatchString(text) == matches {
			return text
		}
	}
	require.Fail(m.t, "no text among the strangers", "matches(%s) = %v", pattern, matches)
	return ""
}

// keys are the places of all keys of the schema.
func (m *mutator) keys(here any, place string) []string {
	var places []string
	switch here := here.(type) {
	case []any:
		for i, item := range here {
			places = append(places, m.keys(item, fmt.Sprintf("%s/%d", place, i))...)
		}
	case map[string]any:
		for word, child := range here {
			below := place + "/" + word
			if word == "properties" || word == "patternProperties" {
				for key, definition := range child.(map[string]any) {
					places = append(places, below+"/"+key)
					places = append(places, m.keys(definition, below+"/"+key)...)
				}
				continue
			}
			if word == "definitions" {
				for name, definition := range child.(map[string]any) {
					places = append(places, m.keys(definition, "#/definitions/"+name)...)
				}
				continue
			}
			if word == "items" {
				places = append(places, below)
			}
			places = append(places, m.keys(child, below)...)
		}
	}
	return places
}
