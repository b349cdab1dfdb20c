// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v3"
)

//go:embed readme.tmpl
var readmeTemplate string

// preset is what the head of a file in values/ says.
type preset struct {
	Name, For, Account string
}

// readPresets reads the comment at the top of each preset.
func readPresets(folder string) ([]preset, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var presets []preset
	var problems []error
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		p := preset{Name: filepath.Base(file)}
		for line := range strings.SplitSeq(string(content), "\n") {
			if !isComment(line) {
				break
			}
			if text, found := strings.CutPrefix(line, "# For: "); found {
				p.For = text
			}
			if text, found := strings.CutPrefix(line, "# AWS account: "); found {
				p.Account = text
			}
		}
		if p.For == "" || p.Account == "" {
			problems = append(problems, fmt.Errorf("%s: does not say for whom it is; begin it with the lines \"# For: …\" and \"# AWS account: …\"", file))
		}
		presets = append(presets, p)
	}
	return presets, errors.Join(problems...)
}

// readVersion is the chart's own version.
func readVersion(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var chart struct{ Version string }
	if err := yaml.Unmarshal(content, &chart); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return chart.Version, nil
}

// makeReadme is the chart's README: a head written by hand, the presets, the reference.
func makeReadme(values *value, shapes *shapes, presets []preset, version string) ([]byte, error) {
	parsed, err := template.New("readme.tmpl").Parse(readmeTemplate)
	if err != nil {
		return nil, err
	}
	m := &readmeMaker{shapes: shapes}
	m.section(values)
	m.flush()
	var presetTable bytes.Buffer
	var rows [][]string
	for _, p := range presets {
		rows = append(rows, []string{fmt.Sprintf("[%s](../../%s/%s)", p.Name, presetsFolder, p.Name), prose(p.For), prose(p.Account)})
	}
	table(&presetTable, []string{"preset", "for", "what the AWS account must have"}, rows)
	var out bytes.Buffer
	err = parsed.Execute(&out, map[string]string{"Source": valuesFile, "Version": version, "Words": strings.Join(values.headings, "\n\n"), "Presets": strings.TrimSpace(presetTable.String()), "Values": strings.TrimSpace(m.out.String())})
	return out.Bytes(), errors.Join(append(m.problems, err)...)
}

// readmeMaker collects rows until a heading, a section or an example ends their table.
type readmeMaker struct {
	shapes   *shapes
	within   string // path of the section
	out      bytes.Buffer
	rows     [][]string
	examples []*value
	problems []error
}

// section walks the keys of an object. An object with a description of its own, and each at the top, is a section; the keys of others are rows.
func (m *readmeMaker) section(parent *value) {
	top := parent.path == ""
	wasLeaf := false
	for i, child := range parent.children {
		object := len(child.children) > 0 || child.node.Kind == yaml.AliasNode
		if object && (top || child.description != "") {
			m.flush()
			fmt.Fprintf(&m.out, "\n### %s\n", code(child.path))
			m.headings(child)
			if child.description != "" {
				fmt.Fprintf(&m.out, "\n%s\n", prose(child.description))
			}
			outer := m.within
			m.within = child.path + "."
			m.section(child)
			m.flush()
			m.within, wasLeaf = outer, false
			continue
		}
		if top && (!wasLeaf || len(child.headings) > 0) {
			m.flush()
			fmt.Fprintf(&m.out, "\n### %s\n", leaves(parent.children[i:]))
		}
		m.headings(child)
		if object {
			m.section(child)
			continue
		}
		wasLeaf = true
		m.row(child)
	}
}

// leaves names the keys that share a table.
func leaves(values []*value) string {
	var names []string
	for i, v := range values {
		if len(v.children) > 0 || i > 0 && len(v.headings) > 0 {
			break
		}
		names = append(names, code(v.key))
	}
	return strings.Join(names, ", ")
}

func (m *readmeMaker) headings(v *value) {
	if len(v.headings) > 0 {
		m.flush()
	}
	for _, heading := range v.headings {
		fmt.Fprintf(&m.out, "\n%s\n", strings.Replace(heading, "\n- ", "\n\n- ", 1))
	}
}

func (m *readmeMaker) row(v *value) {
	effect, meaning := split(v)
	m.rows = append(m.rows, []string{code(strings.TrimPrefix(v.path, m.within)), byDefault(v.node, meaning), prose(m.allowed(v)), prose(effect)})
	if v.example != "" {
		m.examples = append(m.examples, v)
	}
}

// flush ends a table; the examples of its values follow it.
func (m *readmeMaker) flush() {
	table(&m.out, []string{"value", "default", "allowed", "effect"}, m.rows)
	for _, v := range m.examples {
		example := v.key + ":\n  " + strings.ReplaceAll(v.example, "\n", "\n  ")
		fmt.Fprintf(&m.out, "\nAn example of %s:\n\n```yaml\n%s\n```\n", code(v.path), example)
	}
	m.rows, m.examples = nil, nil
}

var (
	defaultSentence = regexp.MustCompile(`(?:^| )Default: (.*?)\.(?: |$)`)
	exampleLeadIn   = regexp.MustCompile(` [A-Z][^.:]*:$`)
)

// split takes a description apart: what it says of the effect and of a change, and what the default means.
func split(v *value) (effect, meaning string) {
	effect = v.description
	if v.example != "" {
		effect = strings.TrimSpace(exampleLeadIn.ReplaceAllString(effect, "") + " " + v.afterwards)
	}
	if found := defaultSentence.FindStringSubmatch(effect); found != nil {
		meaning = found[1]
		effect = strings.TrimSpace(strings.Replace(effect, found[0], " ", 1))
	}
	return effect, meaning
}

func byDefault(node *yaml.Node, meaning string) string {
	if node.Kind == yaml.MappingNode && len(node.Content) > 0 {
		return "see values.yaml"
	}
	literal := oneLine(node)
	if node.Kind == yaml.ScalarNode && node.Value != "" {
		literal = node.Value
	}
	meaning = strings.TrimPrefix(meaning, literal+", ")
	if literal == meaning || meaning == "" {
		return code(literal)
	}
	return code(literal) + ": " + prose(meaning)
}

// allowed says in words what the schema says.
func (m *readmeMaker) allowed(v *value) string {
	if name := v.constraints["$ref"]; name != "" {
		node := m.shapes.nodes[name]
		if node == nil {
			return "" // makeSchema reports it
		}
		title := get(node, "title")
		if title == nil {
			m.problems = append(m.problems, fmt.Errorf("%s:%d: values have the shape %s, which has no title; say in a few words what it takes, as: title: a node port, 30000 to 32767", m.shapes.file, node.Line, name))
			return ""
		}
		return title.Value
	}
	if v.constraints["enum"] != "" {
		return strings.ReplaceAll(strings.Trim(v.constraints["enum"], "[]"), ",", ", ")
	}
	if v.constraints["pattern"] != "" {
		m.problems = append(m.problems, fmt.Errorf("%s:%d: %s has a pattern, which a reader cannot read; move it to a shape with a title in %s", valuesFile, v.line, v.path, definitionsFile))
	}
	minimum, maximum := v.constraints["minimum"], v.constraints["maximum"]
	switch kind := jsonType(v.node); {
	case minimum != "" && maximum != "":
		return minimum + " to " + maximum
	case minimum != "":
		return minimum + " or more"
	case kind == "boolean":
		return "true, false"
	case kind == "string" && v.constraints["minLength"] != "":
		return "text, not empty"
	case kind == "string" && v.constraints["maxLength"] != "":
		return "text, up to " + v.constraints["maxLength"] + " characters"
	case kind == "string":
		return "text"
	case kind == "array":
		return "a list"
	}
	return ""
}
