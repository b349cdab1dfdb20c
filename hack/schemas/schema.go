// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// schema is a JSON schema, or a part of one.
type schema = map[string]any

// draft is that of OpenAPI documents, which are where the schemas come from.
const draft = "http://json-schema.org/draft-04/schema#"

// kind is a group, version and kind.
type kind struct{ group, version, name string }

// file is where kubeconform looks for a kind. It takes the version of the core group for its group.
func (k kind) file() string {
	group := k.group
	if group == "" {
		group = k.version
	}
	return filepath.Join(group, strings.ToLower(k.name)+"_"+k.version+".json")
}

func (k kind) apiVersion() string { return strings.TrimPrefix(k.group+"/"+k.version, "/") }

func compareKinds(a, b kind) int { return cmp.Compare(a.file(), b.file()) }

// identify makes s hold for one kind only.
func identify(s schema, k kind) {
	properties := s["properties"].(schema)
	properties["apiVersion"] = schema{"type": "string", "enum": []any{k.apiVersion()}}
	properties["kind"] = schema{"type": "string", "enum": []any{k.name}}
}

// tighten makes a schema and those below it refuse unknown fields, and says in JSON schema's words what
// Kubernetes says in its own. It leaves alone what stands under oneOf, anyOf and their like: those add to
// the schema that holds them and do not describe whole values.
func tighten(s schema) {
	properties, _ := s["properties"].(schema)
	for _, property := range properties {
		if property, ok := property.(schema); ok {
			tighten(property)
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if below, ok := s[key].(schema); ok {
			tighten(below)
		}
	}
	_, isMap := s["additionalProperties"]
	if properties != nil && !isMap && s["x-kubernetes-preserve-unknown-fields"] != true {
		s["additionalProperties"] = false
	}
	if s["format"] == "int-or-string" || s["x-kubernetes-int-or-string"] == true {
		delete(s, "type")
		delete(s, "format")
		s["anyOf"] = []any{schema{"type": "integer"}, schema{"type": "string"}}
	}
	if name, ok := s["type"].(string); ok && s["nullable"] == true {
		s["type"] = []any{name, "null"}
	}
}

// document is the schema of whole objects: s with the definitions that it refers to, and with more fields
// that must be there.
func document(s, definitions schema, fields ...any) schema {
	s = maps.Clone(s)
	already, _ := s["required"].([]any)
	s["$schema"], s["definitions"], s["required"] = draft, definitions, append(slices.Clone(already), fields...)
	return s
}

// required tells whether an object must have a property.
func required(s schema, name string) bool {
	names, _ := s["required"].([]any)
	return slices.Contains(names, any(name))
}
