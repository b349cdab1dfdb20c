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
	"strings"
	"text/template"

	"go.yaml.in/yaml/v3"
)

//go:embed loadbalancers.tmpl
var loadBalancersTemplate string

// catalogue is what the chart knows of the controller's annotations and of AWS's attributes.
type catalogue struct {
	ingress, service *yaml.Node // by name
	attributes       *yaml.Node // by kind of load balancer, by what has them, by name
}

func readCatalogue(folder string) (*catalogue, error) {
	var c catalogue
	for name, into := range map[string]**yaml.Node{"ingress.yaml": &c.ingress, "service.yaml": &c.service, "attributes.yaml": &c.attributes} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		var document yaml.Node
		if err := yaml.Unmarshal(content, &document); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(folder, name), err)
		}
		*into = document.Content[0]
	}
	return &c, nil
}

// makeLoadBalancers is docs/load-balancers.md.
func makeLoadBalancers(values *value, c *catalogue) ([]byte, error) {
	if c == nil {
		return nil, nil // readCatalogue said why
	}
	parsed, err := template.New("loadbalancers.tmpl").Parse(loadBalancersTemplate)
	if err != nil {
		return nil, err
	}
	m := &loadBalancersMaker{values: values}
	fill := map[string]any{
		"IngressTables":   m.annotations(c.ingress, "ingress.yaml", "albPublic"),
		"ServiceTables":   m.annotations(c.service, "service.yaml", "nlbPublic"),
		"AttributeTables": m.attributes(c.attributes),
		"Ingress":         listed(c.ingress),
		"Service":         listed(c.service),
		"Unlisted":        (len(c.ingress.Content)+len(c.service.Content))/2 - listed(c.ingress) - listed(c.service),
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, fill)
	return out.Bytes(), errors.Join(append(m.problems, err)...)
}

// listed counts the names that the controller has a constant for.
func listed(entries *yaml.Node) int {
	count := 0
	for i := 1; i < len(entries.Content); i += 2 {
		if get(entries.Content[i], "unlisted") == nil {
			count++
		}
	}
	return count
}

type loadBalancersMaker struct {
	values   *value
	problems []error
}

// annotations are tables by theme, in the order of the file.
func (m *loadBalancersMaker) annotations(entries *yaml.Node, file, loadBalancer string) string {
	var out bytes.Buffer
	var rows [][]string
	theme := ""
	flush := func() {
		if theme != "" {
			fmt.Fprintf(&out, "\n### %s\n", theme)
		}
		table(&out, []string{"annotation", "value", "effect", "a change"}, rows)
		rows = nil
	}
	for i := 0; i < len(entries.Content); i += 2 {
		name, entry := entries.Content[i], entries.Content[i+1]
		if next := field(entry, "theme"); next != theme {
			flush()
			theme = next
		}
		m.check(entry, name, file, loadBalancer, "effect", "change", "theme")
		rows = append(rows, []string{code(name.Value), setBy(entry, "annotations"), prose(field(entry, "effect")), prose(field(entry, "change"))})
	}
	flush()
	return strings.TrimSpace(out.String())
}

// attributes are tables by what has them.
func (m *loadBalancersMaker) attributes(kinds *yaml.Node) string {
	var out bytes.Buffer
	through := map[string]string{"loadBalancer": "attributes", "targetGroup": "targetGroupAttributes", "listener": "a listener's attributes"}
	title := map[string]string{"loadBalancer": "the load balancer", "targetGroup": "its target groups", "listener": "its listeners"}
	for i := 0; i < len(kinds.Content); i += 2 {
		kind := kinds.Content[i].Value
		for j := 0; j < len(kinds.Content[i+1].Content); j += 2 {
			owner, entries := kinds.Content[i+1].Content[j].Value, kinds.Content[i+1].Content[j+1]
			fmt.Fprintf(&out, "\n### %s: %s\n", strings.ToUpper(kind), title[owner])
			var rows [][]string
			for k := 0; k < len(entries.Content); k += 2 {
				name, entry := entries.Content[k], entries.Content[k+1]
				m.check(entry, name, "attributes.yaml", kind+"Public", "effect")
				rows = append(rows, []string{code(name.Value), setBy(entry, through[owner]), taken(entry), prose(field(entry, "default")), prose(field(entry, "effect"))})
			}
			table(&out, []string{"attribute", "value", "allowed", "AWS's default", "effect"}, rows)
		}
	}
	return strings.TrimSpace(out.String())
}

// check reports an entry that says too little or names a value that is not there.
func (m *loadBalancersMaker) check(entry, name *yaml.Node, file, loadBalancer string, fields ...string) {
	place := fmt.Sprintf("%s/%s:%d: %s", annotationsFolder, file, name.Line, name.Value)
	for _, wanted := range fields {
		if field(entry, wanted) == "" {
			m.problems = append(m.problems, fmt.Errorf("%s has no %s; add it", place, wanted))
		}
	}
	path := field(entry, "value")
	path, _, _ = strings.Cut(path, "[]") // what is inside of a list is a shape
	if path == "" {
		return
	}
	value := m.values.find("loadBalancers." + loadBalancer + "." + path)
	if value == nil {
		m.problems = append(m.problems, fmt.Errorf("%s is set by loadBalancers.%s.%s, which values.yaml does not have; correct it", place, loadBalancer, path))
		return
	}
	change := field(entry, "change")
	for _, drastic := range []string{"replaces the", "read at creation only"} {
		if change != "" && value.description != "" && strings.Contains(change, drastic) != strings.Contains(strings.ToLower(value.description), drastic) {
			m.problems = append(m.problems, fmt.Errorf("%s: change is %q here, but the comment of loadBalancers.%s.%s says otherwise; correct one of them", place, change, loadBalancer, path))
			break
		}
	}
}

func setBy(entry *yaml.Node, through string) string {
	switch {
	case field(entry, "fixed") == "true":
		return "*fixed*"
	case field(entry, "ingresses") != "":
		return code(field(entry, "value")) + "; of further Ingresses " + code("ingresses[]."+field(entry, "ingresses"))
	case field(entry, "value") != "":
		return code(field(entry, "value"))
	}
	return "*through " + through + "*"
}

// taken says what an attribute may be.
func taken(entry *yaml.Node) string {
	var words []string
	if allowed := get(entry, "allowed"); allowed != nil {
		for _, item := range allowed.Content {
			words = append(words, item.Value)
		}
	} else if lowest, highest := field(entry, "min"), field(entry, "max"); lowest != "" || highest != "" {
		words = append(words, strings.TrimSpace(lowest+" to "+highest))
	} else if field(entry, "type") == "bool" {
		words = append(words, "true, false")
	}
	if also := field(entry, "also"); also != "" {
		words = append(words, also)
	}
	return prose(strings.Join(words, ", "))
}

func field(entry *yaml.Node, name string) string {
	if node := get(entry, name); node != nil && node.Kind == yaml.ScalarNode {
		return node.Value
	}
	return ""
}
