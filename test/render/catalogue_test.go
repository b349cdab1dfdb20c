// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// listedAnnotation is an entry of annotations/ingress.yaml or service.yaml; the head of ingress.yaml says what its fields mean.
type listedAnnotation struct {
	Theme     string            `json:"theme"`
	Value     *string           `json:"value"`
	Ingresses string            `json:"ingresses"`
	Fixed     bool              `json:"fixed"`
	Unlisted  bool              `json:"unlisted"`
	Type      string            `json:"type"`
	Allowed   []string          `json:"allowed"`
	Pattern   string            `json:"pattern"`
	Form      string            `json:"form"`
	Items     string            `json:"items"`
	Min       *int              `json:"min"`
	Max       *int              `json:"max"`
	Default   string            `json:"default"`
	Needs     map[string]string `json:"needs"`
	Excludes  []string          `json:"excludes"`
	Object    string            `json:"object"`
	Group     bool              `json:"group"`
	Effect    string            `json:"effect"`
	Change    string            `json:"change"`
}

// through says whether an annotation can be written under annotations.
func (a listedAnnotation) through() bool { return a.Value != nil && *a.Value == "" }

// listedAttribute is an entry of annotations/attributes.yaml.
type listedAttribute struct {
	Value     string            `json:"value"`
	Fixed     bool              `json:"fixed"`
	Type      string            `json:"type"`
	Allowed   []string          `json:"allowed"`
	Min       *int              `json:"min"`
	Max       *int              `json:"max"`
	Also      string            `json:"also"`
	Default   string            `json:"default"`
	When      []string          `json:"when"`
	Needs     map[string]string `json:"needs"`
	With      map[string]string `json:"with"`
	Protocols []string          `json:"protocols"`
	Effect    string            `json:"effect"`
}

// readList reads a file of annotations/ and refuses fields that it does not know.
func readList[T any](t *testing.T, file string) T {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(chartDir, "annotations", file))
	require.NoError(t, err)
	var read T
	require.NoError(t, yaml.UnmarshalStrict(content, &read))
	return read
}

func annotationsOf(t *testing.T, kind string) map[string]listedAnnotation {
	return readList[map[string]listedAnnotation](t, map[string]string{"alb": "ingress.yaml", "nlb": "service.yaml"}[kind])
}

// readContract reads what elbsim, which has the controller's code, knows.
func readContract[T any](t *testing.T, file string) T {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../../elbsim/contract", file))
	require.NoError(t, err)
	var read T
	require.NoError(t, json.Unmarshal(content, &read))
	return read
}

// blank is what a name of the list has in place of a part that is not fixed.
var blank = regexp.MustCompile("<[^>]+>")

func TestListsNameEveryAnnotationOfTheController(t *testing.T) {
	known := readContract[map[string]struct{ Names, Patterns []string }](t, "annotations.json")
	for _, c := range []struct {
		kind, object string
		count        int
	}{{"alb", "ingress", 68}, {"nlb", "service", 47}} {
		t.Run(c.kind, func(t *testing.T) {
			var names, patterns []string
			for key, entry := range annotationsOf(t, c.kind) {
				start, _, open := strings.Cut(key, ".<")
				if !entry.Unlisted {
					names = append(names, start)
				}
				if open {
					patterns = append(patterns, blank.ReplaceAllString(key, "*"))
				}
			}
			assert.Len(t, names, c.count)
			assert.ElementsMatch(t, known[c.object].Names, names, "the controller's constants")
			assert.ElementsMatch(t, known[c.object].Patterns, patterns, "names that the controller puts together")
		})
	}
}

func TestListsOfAnnotationsAreComplete(t *testing.T) {
	changes := []string{
		"in place", "in place; stays when removed", "in place, with new target groups", "in place; off deletes the NLB",
		"replaces the load balancer", "replaces the NLB", "read at creation only", "read at creation only; later an error",
		"read at creation, and when the load balancer becomes dualstack", "no effect",
	}
	for _, kind := range []string{"alb", "nlb"} {
		entries := annotationsOf(t, kind)
		for name, entry := range entries {
			t.Run(name, func(t *testing.T) {
				assert.NotEqual(t, entry.Fixed, entry.Value != nil, "either fixed or with a value")
				assert.NotEmpty(t, entry.Theme)
				assert.Contains(t, []string{"string", "bool", "int", "list", "map", "json"}, entry.Type)
				assert.Contains(t, []string{"ingress", "service"}, entry.Object)
				assert.True(t, kind == "alb" || entry.Object == "service", "an NLB has no Ingress")
				assert.Regexp(t, `^[A-Z"].*\.$`, entry.Effect)
				assert.Contains(t, changes, entry.Change)
				assert.Equal(t, entry.Type == "int", entry.Min != nil && entry.Max != nil, "the range of an int")
				assert.Equal(t, entry.Pattern+entry.Items != "", entry.Form != "", "a pattern has words")
				for _, pattern := range []string{entry.Pattern, entry.Items} {
					_, err := regexp.Compile(pattern)
					assert.NoError(t, err)
				}
				if entry.Value != nil && *entry.Value != "" {
					assert.True(t, isValue(t, kind, *entry.Value), "no value %s", *entry.Value)
				}
				if entry.Ingresses != "" {
					assert.True(t, isValue(t, kind, "ingresses[]."+entry.Ingresses), "no value ingresses[].%s", entry.Ingresses)
				}
				for _, other := range slices.Concat(slices.Collect(maps.Keys(entry.Needs)), entry.Excludes) {
					if annotation, is := strings.CutPrefix(other, "annotations."); is {
						assert.Contains(t, entries, annotation)
					} else {
						assert.True(t, isValue(t, kind, other), "no value %s", other)
					}
				}
			})
		}
	}
}

func TestListOfAttributesIsAWSs(t *testing.T) {
	type known struct{ Default, Allowed string }
	aws := readContract[map[string]map[string]map[string]known](t, "attributes.json")
	ours := readList[map[string]map[string]map[string]listedAttribute](t, "attributes.yaml")
	for kind, levels := range aws {
		for level, attributes := range levels {
			t.Run(kind+"/"+level, func(t *testing.T) {
				assert.ElementsMatch(t, slices.Collect(maps.Keys(attributes)), slices.Collect(maps.Keys(ours[kind][level])))
				for name, its := range attributes {
					entry := ours[kind][level][name]
					assert.Equal(t, its.Allowed, entry.words(its.Default), name)
					assert.True(t, strings.HasPrefix(entry.Default, its.Default), "%s: default %q, AWS's is %q", name, entry.Default, its.Default)
					assert.Regexp(t, `^[A-Z].*\.$`, entry.Effect, name)
					if entry.Value != "" {
						assert.True(t, isValue(t, kind, entry.Value), "%s: no value %s", name, entry.Value)
					}
					for other := range entry.Needs {
						assert.True(t, isValue(t, kind, other), "%s: no value %s", name, other)
					}
					for other := range entry.With {
						assert.Contains(t, ours[kind][level], other, name)
					}
				}
			})
		}
	}
}

// words says what an attribute takes as elbsim's AWS does, which names its default first.
func (a listedAttribute) words(def string) string {
	allowed := a.Allowed
	if a.Type == "bool" && allowed == nil {
		allowed = []string{"true", "false"}
	}
	if allowed != nil {
		others := slices.DeleteFunc(slices.Clone(allowed), func(v string) bool { return v == def })
		return "one of " + strings.Join(append([]string{def}, others...), ", ")
	}
	if a.Type == "string" {
		return "text"
	}
	words := fmt.Sprintf("between %d and %d", *a.Min, *a.Max)
	if a.Also != "" {
		words += " or " + a.Also
	}
	return words
}

// schemaOnce reads values.schema.json once for all tests.
var schemaOnce = sync.OnceValues(func() (map[string]any, error) {
	content, err := os.ReadFile(filepath.Join(chartDir, "values.schema.json"))
	if err != nil {
		return nil, err
	}
	var schema map[string]any
	return schema, json.Unmarshal(content, &schema)
})

// isValue says whether the schema knows a value below loadBalancers.<key>; "[]" is any element of a list.
func isValue(t *testing.T, kind, path string) bool {
	t.Helper()
	schema, err := schemaOnce()
	require.NoError(t, err)
	resolve := func(node map[string]any) map[string]any {
		for node["$ref"] != nil {
			node = schema["definitions"].(map[string]any)[strings.TrimPrefix(node["$ref"].(string), "#/definitions/")].(map[string]any)
		}
		return node
	}
	step := func(node map[string]any, keys ...string) map[string]any {
		for _, key := range keys {
			next, _ := resolve(node)[key].(map[string]any)
			if next == nil {
				return nil
			}
			node = next
		}
		return node
	}
	node := step(schema, "properties", "loadBalancers", "properties", kind+"Public")
	for _, key := range strings.Split(path, ".") {
		name, element := strings.CutSuffix(key, "[]")
		if node = step(node, "properties", name); node != nil && element {
			node = step(node, "items")
		}
		if node == nil {
			return false
		}
	}
	return true
}

// controllers splits a name that the controller reads into the kind of load balancer and the rest.
func controllers(name string) (kind, short string) {
	if short, is := strings.CutPrefix(name, "alb.ingress.kubernetes.io/"); is {
		return "alb", short
	}
	if short, is := strings.CutPrefix(name, "service.beta.kubernetes.io/"); is {
		return "nlb", short
	}
	return "", ""
}

// lookUp finds the key of a name's entry, also of one that goes on.
func lookUp(entries map[string]listedAnnotation, name string) (key string, found bool) {
	if _, found := entries[name]; found {
		return name, true
	}
	for key := range entries {
		if start, _, open := strings.Cut(key, "<"); open && strings.HasPrefix(name, start) {
			return key, true
		}
	}
	return "", false
}
