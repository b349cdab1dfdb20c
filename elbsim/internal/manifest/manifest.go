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
}

func (s Source) String() string {
	name := s.File
	if name == "-" {
		name = "standard input"
	}
	return fmt.Sprintf("%s, document %d (line %d)", name, s.Document, s.Line)
}

// Object is one object as JSON.
type Object struct {
	Source
	APIVersion string
	Kind       string
	JSON       []byte
}

// A SyntaxError is about input that is no Kubernetes object at all.
type SyntaxError struct {
	Source
	Message string // what is wrong and the cure
}

func (e *SyntaxError) Error() string { return e.Source.String() + ": " + e.Message }

// ReadPaths reads files, folders (all *.yaml, *.yml and *.json in them, in order of name) and, for
// "-", standard input.
func ReadPaths(paths []string, stdin io.Reader) ([]Object, error) {
	var out []Object
	for _, path := range paths {
		objects, err := readPath(path, stdin)
		if err != nil {
			return nil, err
		}
		out = append(out, objects...)
	}
	return out, nil
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
	var out []Object
	found := false
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) {
			return err
		}
		found = true
		objects, err := readFile(file)
		out = append(out, objects...)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("read manifests: %s holds no .yaml, .yml or .json file", path)
	}
	return out, nil
}

func readFile(file string) (out []Object, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return Read(file, f)
}

// Read reads the documents of one stream. The name is only for messages. Lists are taken apart.
func Read(name string, r io.Reader) ([]Object, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var out []Object
	for _, d := range documents(name, string(data)) {
		content, err := toJSON(d)
		if err != nil {
			return nil, err
		}
		if content == nil {
			continue
		}
		objects, err := expand(d.Source, content, "", "")
		if err != nil {
			return nil, err
		}
		out = append(out, objects...)
	}
	return out, nil
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
