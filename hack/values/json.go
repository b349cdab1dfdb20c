// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

const jsonWidth = 150

// writeJSON is a YAML tree as JSON, its order kept; what fits into a line stands on one.
func writeJSON(node *yaml.Node) []byte {
	var out bytes.Buffer
	writeNode(&out, node, "", 0)
	out.WriteByte('\n')
	return out.Bytes()
}

// writeNode writes a node that begins in the given column.
func writeNode(out *bytes.Buffer, node *yaml.Node, indent string, column int) {
	if node.Kind == yaml.ScalarNode {
		out.WriteString(scalarJSON(node))
		return
	}
	if line := oneLine(node); column+len(line) <= jsonWidth {
		out.WriteString(line)
		return
	}
	open, end, step := "[", "]", 1
	if node.Kind == yaml.MappingNode {
		open, end, step = "{", "}", 2
	}
	out.WriteString(open)
	deeper := indent + "  "
	for i := 0; i < len(node.Content); i += step {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n" + deeper)
		name := ""
		if step == 2 {
			name = scalarJSON(node.Content[i]) + ": "
		}
		out.WriteString(name)
		writeNode(out, node.Content[i+step-1], deeper, len(deeper)+len(name))
	}
	out.WriteString("\n" + indent + end)
}

func oneLine(node *yaml.Node) string {
	var parts []string
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			parts = append(parts, scalarJSON(node.Content[i])+": "+oneLine(node.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case yaml.SequenceNode:
		for _, item := range node.Content {
			parts = append(parts, oneLine(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return scalarJSON(node)
}

func scalarJSON(node *yaml.Node) string {
	switch node.ShortTag() {
	case "!!bool", "!!int", "!!float", "!!null":
		return node.Value
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(node.Value) // a string always encodes
	return strings.TrimSuffix(text.String(), "\n")
}
