// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package manifest reads Kubernetes manifests: files, folders and streams of YAML documents become
// single objects that know where they stand. It does not know any kind of object.
package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Source says where an object stands.
type Source struct {
	File     string // "-" is standard input
	Document int    // counted from 1, empty ones included
	Line     int    // first line of the document, counted from 1
	Template string // the file of a chart that Helm made the document of, if it says so
}

const standardInput = "standard input"

func (s Source) name() string {
	if s.File == "-" {
		return standardInput
	}
	return s.File
}

func (s Source) String() string {
	from := ""
	if s.Template != "" {
		from = ", from " + s.Template
	}
	return fmt.Sprintf("%s, document %d (line %d%s)", s.name(), s.Document, s.Line, from)
}

// Object is one object as JSON.
type Object struct {
	Source
	APIVersion string
	Kind       string
	JSON       []byte
}

// ReadPaths reads files, folders (all *.yaml, *.yml and *.json in them and in their folders, in order of
// name) and, for "-", standard input. The error is of type Errors and names all that is wrong; that
// there is no object at all is an error too.
func ReadPaths(paths []string, stdin io.Reader) ([]Object, error) {
	var out []Object
	var wrong Errors
	for _, path := range paths {
		objects, err := readPath(path, stdin)
		out = append(out, objects...)
		wrong = wrong.with(err)
	}
	if len(wrong) == 0 && len(out) == 0 {
		wrong = Errors{fmt.Errorf("read manifests: no Kubernetes object in %s; did what should have written it fail?", strings.Join(named(paths), ", "))}
	}
	return out, wrong.orNil()
}

func named(paths []string) []string {
	out := slices.Clone(paths)
	for i, path := range out {
		if path == "-" {
			out[i] = standardInput
		}
	}
	return out
}

func readPath(path string, stdin io.Reader) ([]Object, error) {
	if path == "-" {
		return Read("-", stdin)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	if !info.IsDir() {
		return readFile(path)
	}
	files, err := filesIn(path)
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("read manifests: %s holds no .yaml, .yml or .json file", path)
	}
	var out []Object
	var wrong Errors
	for _, file := range files {
		objects, err := readFile(file)
		out = append(out, objects...)
		wrong = wrong.with(err)
	}
	return out, wrong.orNil()
}

// filesIn returns the manifests of a folder and of its folders, in order of name.
func filesIn(folder string) ([]string, error) {
	root, err := filepath.EvalSymlinks(folder) // a walk does not follow even the first link
	if err != nil {
		return nil, err
	}
	var out []string
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) {
			out = append(out, file)
		}
		return err
	})
	return out, err
}

func readFile(file string) (out []Object, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return Read(file, f)
}

// Read reads the documents of one stream. The name is only for messages. Lists are taken apart. The
// error is of type Errors and names all documents that are no objects.
func Read(name string, r io.Reader) ([]Object, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", Source{File: name}.name(), err)
	}
	var out []Object
	var wrong Errors
	for _, d := range documents(name, data) {
		d.Template = template(d.text)
		content, err := toJSON(d)
		if err == nil && content != nil {
			var objects []Object
			objects, err = expand(d.Source, content, "", "")
			out = append(out, objects...)
		}
		wrong = wrong.with(err)
	}
	return out, wrong.orNil()
}

// expand takes lists apart: a v1 List and typed lists such as ServiceAccountList. Items of a typed
// list may leave out their version and kind.
func expand(s Source, content []byte, version, kind string) ([]Object, error) {
	var head struct {
		APIVersion *string           `json:"apiVersion"`
		Kind       *string           `json:"kind"`
		Items      []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(content, &head); err != nil {
		return nil, &SyntaxError{s, "not a Kubernetes object: apiVersion and kind must be text, items a list"}
	}
	if head.APIVersion != nil {
		version = *head.APIVersion
	}
	if head.Kind != nil {
		kind = *head.Kind
	}
	if version == "" || kind == "" {
		return nil, &SyntaxError{s, "not a Kubernetes object: apiVersion or kind is missing; give the output of `helm template` or files that kubectl accepts"}
	}
	if item, list := strings.CutSuffix(kind, "List"); list && head.Items != nil {
		var out []Object
		for _, raw := range head.Items {
			v, k := version, item
			if item == "" {
				v, k = "", "" // items of a v1 List name their own
			}
			objects, err := expand(s, raw, v, k)
			if err != nil {
				return nil, err
			}
			out = append(out, objects...)
		}
		return out, nil
	}
	return []Object{{Source: s, APIVersion: version, Kind: kind, JSON: content}}, nil
}
