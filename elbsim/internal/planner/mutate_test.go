// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// odd are the values that mutations put in.
var odd = []any{
	nil, "", "x", "use-annotation", "*", "-", "0", "-1", "443", "true", "null", "{}", "[]", "[null]", "[{}]", "[{bad", "1,,2", "a=b", "a=,=b", "\x00",
	strings.Repeat("a", 300), "arn:aws:acm:::", "::/0", "0.0.0.0/0", "traffic-port", -1, 0, 65536, 4294967296, 1e300, 1.5, true, false,
	[]any{}, []any{nil}, map[string]any{}, map[string]any{"": nil},
}

// annotationValues go where an annotation's value is: each is right somewhere.
var annotationValues = []any{
	`[{"HTTP": 80}, {"HTTPS": 443}]`, `{"type":"forward"}`, `{"type":"forward","forwardConfig":{}}`, `{"type":"forward","forwardConfig":{"targetGroups":[{}]}}`,
	`{"type":"redirect"}`, `{"type":"fixed-response"}`, `{"type":"authenticate-oidc"}`, `[{"field":"host-header"}]`, `[{"field":"path-pattern","pathPatternConfig":{"values":[""]}}]`,
	`[{"type":"url-rewrite"}]`, `[{"port":443,"mode":"verify"}]`, `{"issuer":null}`, "instance", "ip", "internal", "internet-facing", "dualstack", "dualstack-without-public-ipv4",
	"nodes", "private-eu-west-1a", "CapacityUnits=0", "external", "nlb-ip", "HTTP2", "GRPC", "HTTPS", "oidc", "cognito", "80=443", "pl-1", "shared",
}

// mutate changes a few places of the manifests: it drops, doubles, renames and retypes nodes, moves
// values between annotations, and does the same within annotations that hold JSON. A few times it
// mangles the text itself.
func mutate(r *rand.Rand, text string) string {
	if r.IntN(20) == 0 {
		return mangle(r, text)
	}
	var documents []string
	m := mutator{Rand: r, odds: []int{80, 300, 1200}[r.IntN(3)]}
	for _, document := range strings.Split(text, "\n---\n") {
		var tree any
		if err := yaml.Unmarshal([]byte(document), &tree); err != nil {
			panic(err) // a seed that is no YAML
		}
		tree = m.node(tree, "")
		if m.now() {
			continue
		}
		out, err := yaml.Marshal(tree)
		if err != nil {
			panic(err)
		}
		documents = append(documents, string(out))
	}
	return strings.Join(documents, "\n---\n")
}

// mangle deletes, doubles or replaces a stretch of the text.
func mangle(r *rand.Rand, text string) string {
	from := r.IntN(len(text))
	to := min(len(text), from+r.IntN(80))
	piece := []string{"", strings.Repeat(text[from:to], 2), "\t", "---\n", "\x00", "&a [*a]", "<<: *b", "%", "\xff\xfe", "? ", "!!binary x"}[r.IntN(11)]
	return text[:from] + piece + text[to:]
}

type mutator struct {
	*rand.Rand
	odds int // one of so many nodes is changed
}

func (m mutator) now() bool { return m.IntN(m.odds) == 0 }

func (m mutator) node(v any, key string) any {
	if m.now() {
		return odd[m.IntN(len(odd))]
	}
	switch x := v.(type) {
	case map[string]any:
		m.fields(x, key)
	case []any:
		for i := range x {
			x[i] = m.node(x[i], key)
		}
		if len(x) > 0 && m.now() {
			return append(x, x[m.IntN(len(x))])
		}
		if len(x) > 0 && m.now() {
			return x[1:]
		}
	case string:
		return m.text(x)
	}
	return v
}

func (m mutator) fields(x map[string]any, key string) {
	keys := slices.Sorted(maps.Keys(x))
	for _, k := range keys {
		if (k == "apiVersion" || k == "kind") && !m.now() {
			continue
		}
		x[k] = m.node(x[k], k)
		switch {
		case m.now():
			delete(x, k)
		case m.now(): // a value that belongs elsewhere
			x[k] = x[keys[m.IntN(len(keys))]]
		case m.now() && len(k) > 1: // a misspelt name
			i := m.IntN(len(k))
			x[k[:i]+k[i+1:]] = x[k]
		case key == "annotations" && m.now():
			x[k] = annotationValues[m.IntN(len(annotationValues))]
		}
	}
}

// text changes a string: as JSON if it is some, else by a letter or a piece.
func (m mutator) text(s string) any {
	var inner any
	if strings.ContainsAny(s, "{[") && json.Unmarshal([]byte(s), &inner) == nil {
		within := mutator{Rand: m.Rand, odds: max(2, m.odds/6)}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(within.node(inner, "")); err != nil {
			panic(err)
		}
		return strings.TrimSpace(b.String())
	}
	if len(s) == 0 || !m.now() {
		return s
	}
	i := m.IntN(len(s))
	return s[:i] + []string{"", ",", "=", ".", "*", " ", "é", s}[m.IntN(8)] + s[i+1:]
}
