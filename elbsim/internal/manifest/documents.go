// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package manifest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

type document struct {
	Source
	text string
}

// documents splits a stream at its "---" lines, counting lines, which YAML libraries do not.
func documents(file, text string) []document {
	text = strings.TrimPrefix(text, "\ufeff")
	var out []document
	current := document{Source: Source{File: file, Document: 1, Line: 1}}
	var body strings.Builder
	flush := func() {
		current.text = body.String()
		out = append(out, current)
		body.Reset()
	}
	line := 0
	for l := range strings.Lines(text) {
		line++
		rest, separator := strings.CutPrefix(l, "---")
		if !separator || (rest != "" && !strings.ContainsAny(rest[:1], " \t\r\n")) {
			body.WriteString(l)
			continue
		}
		flush()
		current = document{Source: Source{File: file, Document: current.Document + 1, Line: line}}
		body.WriteString(rest) // what follows the dashes belongs to the document, and keeps line numbers right
		if !strings.HasSuffix(rest, "\n") {
			body.WriteString("\n")
		}
	}
	flush()
	return out
}

// toJSON turns a document into JSON, or nil if it holds nothing.
func toJSON(d document) (content []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &SyntaxError{d.Source, fmt.Sprintf("the YAML parser gave up: %v; check the document by eye", p)}
		}
	}()
	content, err = yaml.YAMLToJSON([]byte(d.text))
	if err != nil {
		return nil, &SyntaxError{d.Source, fmt.Sprintf("not valid YAML: %s; correct the line, or the template that made it", absoluteLines(err.Error(), d.Line))}
	}
	switch {
	case string(content) == "null":
		return nil, nil
	case content[0] != '{':
		return nil, &SyntaxError{d.Source, "not a Kubernetes object: a document must be a mapping with apiVersion and kind"}
	}
	return content, nil
}

var lineNumber = regexp.MustCompile(`line (\d+)`)

// absoluteLines turns the parser's line numbers, which count from the start of the document, into
// those of the file.
func absoluteLines(message string, first int) string {
	message = strings.TrimPrefix(strings.TrimPrefix(message, "error converting YAML to JSON: "), "yaml: ")
	return lineNumber.ReplaceAllStringFunc(message, func(m string) string {
		n, err := strconv.Atoi(m[len("line "):])
		if err != nil {
			return m
		}
		return fmt.Sprintf("line %d", n+first-1)
	})
}
