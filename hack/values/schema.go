// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// shapes are the definitions by name, in the order of their file.
type shapes struct {
	file  string
	names []string
	nodes map[string]*yaml.Node
}

func readDefinitions(file string) (*shapes, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	s := &shapes{file: file, nodes: map[string]*yaml.Node{}}
	for i := 0; i < len(document.Content[0].Content); i += 2 {
		name := document.Content[0].Content[i].Value
		s.names = append(s.names, name)
		s.nodes[name] = document.Content[0].Content[i+1]
	}
	return s, nil
}

// makeSchema is values.schema.json.
func makeSchema(values *value, shapes *shapes) ([]byte, error) {
	m := &schemaMaker{shapes: shapes, used: map[string]bool{}, definitions: mapping()}
	top := m.object(values)
	properties := get(top, "properties")
	properties.Content = append([]*yaml.Node{text("global"), mapping("type", text("object"),
		"description", text("Helm hands it to every chart below; istio-aws itself keeps nothing here."))}, properties.Content...)
	for _, name := range shapes.names {
		set(m.definitions, name, m.shape(name, shapes.nodes[name]))
	}
	for _, name := range shapes.names {
		if !m.used[name] {
			m.problems = append(m.problems, fmt.Errorf("%s:%d: nothing uses the shape %s; remove it", shapes.file, shapes.nodes[name].Line, name))
		}
	}
	root := mapping(
		"$schema", text("http://json-schema.org/draft-07/schema#"),
		"$comment", text("Generated from "+valuesFile+" and "+definitionsFile+" by make generate."),
		"title", text("Values of istio-aws"))
	root.Content = append(root.Content, top.Content...)
	set(root, "definitions", m.definitions)
	return writeJSON(root), errors.Join(m.problems...)
}

type schemaMaker struct {
	shapes      *shapes
	used        map[string]bool
	definitions *yaml.Node
	problems    []error
}

// object takes no unknown keys, and needs all it knows: a null would otherwise take a default away unnoticed.
func (m *schemaMaker) object(v *value) *yaml.Node {
	properties, required := mapping(), []string{}
	for _, child := range v.children {
		set(properties, child.key, m.value(child))
		required = append(required, child.key)
	}
	slices.Sort(required)
	names := &yaml.Node{Kind: yaml.SequenceNode}
	for _, name := range required {
		names.Content = append(names.Content, text(name))
	}
	return mapping("type", text("object"), "additionalProperties", constant("false"), "properties", properties, "required", names)
}

func (m *schemaMaker) value(v *value) *yaml.Node {
	out := mapping()
	switch {
	case v.node.Kind == yaml.AliasNode:
		set(out, "$ref", text("#/definitions/"+v.node.Value))
	case v.constraints["$ref"] != "":
		name := v.constraints["$ref"]
		if m.shapes.nodes[name] == nil {
			m.problems = append(m.problems, fmt.Errorf("%s:%d: %s has the shape %s, which %s does not have; add it there, or use one of its names", valuesFile, v.line, v.path, name, m.shapes.file))
		}
		m.used[name] = true
		set(out, "$ref", text("#/definitions/"+name))
	case v.children != nil && v.node.Anchor != "":
		set(m.definitions, v.node.Anchor, m.object(v))
		set(out, "$ref", text("#/definitions/"+v.node.Anchor))
	case v.children != nil:
		out = m.object(v)
	default:
		if v.constraints["type"] == "" && v.constraints["enum"] == "" {
			set(out, "type", text(jsonType(v.node)))
		}
		for _, key := range constraintKeys {
			if written, found := v.constraints[key]; found {
				set(out, key, m.constraint(v, key, written))
			}
		}
	}
	if v.description != "" {
		set(out, "description", text(strings.TrimRight(v.description+"\n"+v.example+"\n"+v.afterwards, "\n")))
	}
	return out
}

func (m *schemaMaker) constraint(v *value, key, written string) *yaml.Node {
	if key == "pattern" || key == "type" {
		return text(written)
	}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(written), &document); err != nil || len(document.Content) == 0 {
		m.problems = append(m.problems, fmt.Errorf("%s:%d: %s has the constraint %s:%s, which is no YAML; write a number, or a list as [a,b]", valuesFile, v.line, v.path, key, written))
		return text(written)
	}
	return document.Content[0]
}

func jsonType(node *yaml.Node) string {
	switch node.Kind {
	case yaml.SequenceNode:
		return "array"
	case yaml.MappingNode:
		return "object"
	}
	switch node.ShortTag() {
	case "!!bool":
		return "boolean"
	case "!!int":
		return "integer"
	case "!!float":
		return "number"
	}
	return "string"
}

// shape is a definition as JSON schema has it: full references, and no unknown keys in an object that has known ones.
func (m *schemaMaker) shape(name string, node *yaml.Node) *yaml.Node {
	out := *node
	out.Content = nil
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			out.Content = append(out.Content, child)
			continue
		}
		out.Content = append(out.Content, m.shape(name, child))
	}
	if node.Kind != yaml.MappingNode {
		return &out
	}
	if ref := get(&out, "$ref"); ref != nil && ref.Kind == yaml.ScalarNode {
		if m.shapes.nodes[ref.Value] == nil {
			m.problems = append(m.problems, fmt.Errorf("%s:%d: %s refers to the shape %s, which is not there; add it, or use another", m.shapes.file, node.Line, name, ref.Value))
		}
		if len(out.Content) > 2 {
			m.problems = append(m.problems, fmt.Errorf("%s:%d: %s has constraints beside $ref, which a draft 7 schema ignores; write allOf: [{$ref: %s}, {…}]", m.shapes.file, node.Line, name, ref.Value))
		}
		if ref.Value != name {
			m.used[ref.Value] = true
		}
		set(&out, "$ref", text("#/definitions/"+ref.Value))
	}
	m.patterns(name, &out)
	if kind := get(&out, "type"); kind != nil && kind.Value == "object" && get(&out, "additionalProperties") == nil &&
		(get(&out, "properties") != nil || get(&out, "patternProperties") != nil) {
		set(&out, "additionalProperties", constant("false"))
	}
	return &out
}

// patterns reports regular expressions that Helm could not read.
func (m *schemaMaker) patterns(name string, node *yaml.Node) {
	var patterns []*yaml.Node
	if pattern := get(node, "pattern"); pattern != nil && pattern.Kind == yaml.ScalarNode {
		patterns = append(patterns, pattern)
	}
	if properties := get(node, "patternProperties"); properties != nil && properties.Kind == yaml.MappingNode {
		for i := 0; i < len(properties.Content); i += 2 {
			patterns = append(patterns, properties.Content[i])
		}
	}
	for _, pattern := range patterns {
		if _, err := regexp.Compile(pattern.Value); err != nil {
			m.problems = append(m.problems, fmt.Errorf("%s:%d: %s has a pattern that cannot be used: %w; write it in RE2", m.shapes.file, pattern.Line, name, err))
		}
	}
}

func text(content string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: content}
}

func constant(content string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: content} }

func mapping(pairs ...any) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		set(out, pairs[i].(string), pairs[i+1].(*yaml.Node))
	}
	return out
}

func get(node *yaml.Node, key string) *yaml.Node {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

func set(node *yaml.Node, key string, content *yaml.Node) {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content[i+1] = content
			return
		}
	}
	node.Content = append(node.Content, text(key), content)
}
