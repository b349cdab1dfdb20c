// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package manifest

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

type document struct {
	Source
	text []byte
}

const byteOrderMark = "\ufeff"

// documents splits a stream at its "---" and "..." lines, counting lines, which YAML libraries do not.
// The documents share the stream's memory.
func documents(file string, text []byte) []document {
	var out []document
	current, start, offset, line := Source{File: file, Document: 1, Line: 1}, 0, 0, 0
	for l := range bytes.Lines(text) {
		line++
		end := offset
		offset += len(l)
		bare := bytes.TrimPrefix(l, []byte(byteOrderMark)) // of a file that was appended to another
		marker := bytes.HasPrefix(bare, []byte("---")) || bytes.HasPrefix(bare, []byte("..."))
		if !marker || len(bare) > 3 && !bytes.ContainsAny(bare[3:4], " \t\r\n") {
			continue
		}
		out = append(out, document{current, text[start:end]})
		// What follows the marker belongs to the document, and keeps the numbers of lines right.
		current, start = Source{File: file, Document: current.Document + 1, Line: line}, offset-len(bare)+3
	}
	return append(out, document{current, text[start:]})
}

// toJSON turns a document into JSON, or nil if it holds nothing.
func toJSON(d document) (content []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &SyntaxError{d.Source, fmt.Sprintf("the YAML parser gave up: %v; check the document by eye", p)}
		}
	}()
	text := bytes.TrimPrefix(d.text, []byte(byteOrderMark))
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return nil, &SyntaxError{d.Source, "not UTF-8 but UTF-16, as PowerShell's > writes it; save it as UTF-8"}
	case !utf8.Valid(text):
		return nil, &SyntaxError{d.Source, "not UTF-8 text; give manifests, not an archive or a binary file"}
	}
	content, err = yaml.YAMLToJSONStrict(text)
	if err != nil && bytes.Contains(text, []byte("<<")) {
		content, err = merged(text)
	}
	if err != nil {
		return nil, &SyntaxError{d.Source, fmt.Sprintf("not valid YAML: %s; %s", absoluteLines(err.Error(), d.Line), cure(text, err))}
	}
	switch {
	case string(content) == "null":
		return nil, nil
	case content[0] != '{':
		return nil, &SyntaxError{d.Source, "not a Kubernetes object: a document must be a mapping with apiVersion and kind"}
	}
	return content, nil
}

// merged reads a document with merge keys ("<<"): the strict parser takes a key that is merged and then
// given for one that is given twice.
func merged(text []byte) ([]byte, error) {
	var anything any
	if err := yamlv3.Unmarshal(text, &anything); err != nil { // knows a key that is given twice
		return nil, err
	}
	return yaml.YAMLToJSON(text)
}

var templateComment = regexp.MustCompile(`(?m)^# Source: (\S+)`)

// template is the file of a chart that Helm names in a comment at the top of a document.
func template(text []byte) string {
	head := text[:min(len(text), 1024)]
	if m := templateComment.FindSubmatch(head); m != nil {
		return string(m[1])
	}
	return ""
}

// cure says what to do about text that is no YAML.
func cure(text []byte, err error) string {
	switch {
	case bytes.Contains(text, []byte("{{")):
		return "this looks like a template of a Helm chart: render it first, helm template … | elbsim plan -"
	case strings.Contains(err.Error(), "cannot start any token") && bytes.Contains(text, []byte("\t")):
		return "indent by blanks, YAML allows no tabs for that"
	case strings.Contains(err.Error(), "already ") && strings.Contains(err.Error(), "key "):
		return "give each key once; which value counts would depend on who reads it"
	}
	return "correct the line, or the template that made it"
}

var lineNumber = regexp.MustCompile(`line (\d+)`)

// absoluteLines turns the parser's line numbers, which count from the start of the document, into
// those of the file, and puts its messages on one line.
func absoluteLines(message string, first int) string {
	for _, prefix := range []string{"error converting YAML to JSON: ", "yaml: ", "unmarshal errors:"} {
		message = strings.TrimPrefix(message, prefix)
	}
	message = strings.Join(strings.Fields(message), " ")
	return lineNumber.ReplaceAllStringFunc(message, func(m string) string {
		n, err := strconv.Atoi(m[len("line "):])
		if err != nil {
			return m
		}
		return fmt.Sprintf("line %d", n+first-1)
	})
}
