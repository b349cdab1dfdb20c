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

// value is one key of values.yaml and what stands around it.
type value struct {
	key  string
	path string // loadBalancers.albPublic.tls.policy
	line int
	node *yaml.Node // the default

	headings    []string          // paragraphs that introduce this key and the ones below
	description string            // the text after "# -- "
	example     string            // YAML, if the comment has some
	afterwards  string            // text below the example
	constraints map[string]string // after "# @schema "

	children []*value // of an object that is no shape
}

// readValues reads the tree of values and reports every comment that does not say enough.
func readValues(file string) (*value, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	root := &value{node: document.Content[0]}
	reader := reader{file: file, lines: strings.Split(string(content), "\n")}
	reader.children(root)
	if len(root.children) > 0 { // what stands above the first key is the file's
		root.headings, root.children[0].headings = root.children[0].headings, nil
	}
	return root, errors.Join(reader.problems...)
}

type reader struct {
	file     string
	lines    []string
	problems []error
}

func (r *reader) children(parent *value) {
	for i := 0; i < len(parent.node.Content); i += 2 {
		key, node := parent.node.Content[i], parent.node.Content[i+1]
		child := &value{key: key.Value, path: strings.TrimPrefix(parent.path+"."+key.Value, "."), line: key.Line, node: node}
		r.comment(child)
		r.constraint(child)
		if node.Kind == yaml.MappingNode && child.constraints == nil {
			r.children(child)
		} else {
			r.check(child)
		}
		parent.children = append(parent.children, child)
	}
}

// comment takes the lines above a key apart: headings, the description, the example (indented further), text below it.
func (r *reader) comment(v *value) {
	first := v.line - 1
	for first > 0 && (isComment(r.lines[first-1]) || strings.TrimSpace(r.lines[first-1]) == "") {
		first--
	}
	var heading, example []string
	described := false
	endHeading := func() {
		// The file's own head is nobody's heading.
		if len(heading) > 0 && !strings.Contains(heading[0], "SPDX-License-Identifier") {
			v.headings = append(v.headings, strings.Join(heading, "\n"))
		}
		heading = nil
	}
	for _, line := range r.lines[first : v.line-1] {
		text := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "#"), " ")
		switch {
		case !isComment(line):
			endHeading()
		case strings.HasPrefix(text, "-- "):
			endHeading()
			described = true
			v.description = strings.TrimPrefix(text, "-- ")
		case !described:
			heading = append(heading, text)
		case strings.HasPrefix(text, "  "):
			example = append(example, strings.TrimPrefix(text, "  "))
		case len(example) > 0:
			v.afterwards = strings.TrimSpace(v.afterwards + " " + text)
		default:
			v.description += " " + text
		}
	}
	endHeading()
	v.example = strings.Join(example, "\n")
}

func isComment(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }

var constraintKeys = []string{"type", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "$ref"}

var beginsLikeAKey = regexp.MustCompile(`^\$?[A-Za-z]+:`)

// constraint reads "k:v;k:v". A semicolon inside a pattern is none between two constraints unless "word:" follows.
func (r *reader) constraint(v *value) {
	_, written, found := strings.Cut(r.lines[v.line-1], "# @schema")
	if !found {
		return
	}
	v.constraints = map[string]string{}
	last := ""
	for part := range strings.SplitSeq(strings.TrimSpace(written), ";") {
		if last != "" && !beginsLikeAKey.MatchString(part) {
			v.constraints[last] += ";" + part
			continue
		}
		key, content, _ := strings.Cut(part, ":")
		if !slices.Contains(constraintKeys, key) {
			r.problem(v, "has the constraint %q, which is unknown; write one of %s", key, strings.Join(constraintKeys, ", "))
		}
		v.constraints[key], last = content, key
	}
	if v.constraints["$ref"] != "" && len(v.constraints) > 1 {
		r.problem(v, "has constraints beside $ref, which a draft 7 schema ignores; put them into the shape %s in %s", v.constraints["$ref"], definitionsFile)
	}
}

// whatAChangeDoes are the ways to say it; one of them stands in every description.
var whatAChangeDoes = regexp.MustCompile(`\b(Updates? in place|Replaces the|Read at creation only|deletes the|is up to the annotation)\b`)

func (r *reader) check(v *value) {
	r.checkDefault(v)
	alias := v.node.Kind == yaml.AliasNode // the keys behind it say all but what it is
	if v.description == "" {
		r.problem(v, "has no description; write it above the key, as: # -- What it does. Default: … Updates in place.")
	} else if !alias && !whatAChangeDoes.MatchString(v.description) {
		r.problem(v, "does not say what a change does to a live system; add a sentence such as: Updates in place. Or: Replaces the load balancer. Or: Read at creation only.")
	}
	if !alias && v.constraints == nil && v.node.ShortTag() != "!!bool" {
		r.problem(v, "does not say what is allowed; write it after the default, as: # @schema minimum:1;maximum:9, or type:string if everything is")
	}
}

// spoken are the words for a default that a reader would not write as it stands.
var spoken = map[string]*regexp.Regexp{"true": regexp.MustCompile(`^(on|yes)\b`), "false": regexp.MustCompile(`^(off|no)\b`)}

// checkDefault compares a number, a switch or a choice with what its comment says.
func (r *reader) checkDefault(v *value) {
	_, meaning := split(v)
	kind := v.node.ShortTag()
	if meaning == "" || kind != "!!int" && kind != "!!bool" && v.constraints["enum"] == "" {
		return
	}
	agrees := regexp.MustCompile("^" + regexp.QuoteMeta(v.node.Value) + `\b`).MatchString(meaning)
	if words := spoken[v.node.Value]; kind == "!!bool" && words != nil {
		agrees = words.MatchString(meaning)
	}
	if !agrees {
		r.problem(v, "is %s, but its comment says \"Default: %s.\"; correct the comment", v.node.Value, meaning)
	}
}

func (r *reader) problem(v *value, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s %s", r.file, v.line, v.path, fmt.Sprintf(format, args...)))
}

// find is the value at a path below this one, nil if there is none.
func (v *value) find(path string) *value {
	if path == "" {
		return v
	}
	key, rest, _ := strings.Cut(path, ".")
	for _, child := range v.children {
		if child.key == key {
			return child.find(rest)
		}
	}
	return nil
}
