// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package artifact keeps what the lab builds, so that each thing is built once: folders
// <component>/<key> below one root, where the key stands for everything the folder is made from.
// Package component fills it. It never looks into an artifact.
package artifact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/istio-aws/istio-aws/internal/filelock"
)

// Store is a folder of artifacts. Several processes may use one at the same time.
type Store struct {
	root  string
	inUse func() ([]string, error)
}

// Option changes what Open makes.
type Option func(*Store)

// Keep names the artifacts, by their folders, that are in use and must not be removed to make room.
func Keep(inUse func() ([]string, error)) Option { return func(s *Store) { s.inUse = inUse } }

// partial marks a folder that is being made.
const partial = ".partial"

// kept is how many artifacts of a component stay when a new one is made: enough to go back and forth
// between two branches.
const kept = 3

// Open returns the store at root, which is made if it is missing.
func Open(root string, options ...Option) (*Store, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, fmt.Errorf("open the cache %s (ISTIO_AWS_CACHE sets another place): %w", root, err)
	}
	s := &Store{root: root, inUse: func() ([]string, error) { return nil, nil }}
	for _, option := range options {
		option(s)
	}
	return s, nil
}

// Root is the store's folder.
func (s *Store) Root() string { return s.root }

// Find returns the folder of an artifact if it has been made.
func (s *Store) Find(component, key string) (dir string, found bool) {
	dir = filepath.Join(s.root, component, key)
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}

// Get returns the folder of an artifact and lets build make it if it is missing. build works in a
// folder that becomes the artifact when it returns nil; what an interrupted build left is removed first.
// Only one process builds an artifact at a time: waiting is called once if another one is at it.
func (s *Store) Get(ctx context.Context, component, key string, waiting func(), build func(dir string) error) (string, error) {
	dir, found := s.Find(component, key)
	if found {
		return dir, s.touch(dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	unlock, err := filelock.Exclusive(ctx, dir+".lock", waiting)
	if err != nil {
		return "", fmt.Errorf("wait for another process that builds %s: %w", component, err)
	}
	defer unlock()
	if _, found := s.Find(component, key); found {
		return dir, s.touch(dir)
	}
	temporary := dir + partial
	if err := os.RemoveAll(temporary); err != nil {
		return "", err
	}
	if err := os.Mkdir(temporary, 0o755); err != nil {
		return "", err
	}
	if err := build(temporary); err != nil {
		return "", err
	}
	if err := os.Rename(temporary, dir); err != nil {
		return "", err
	}
	return dir, s.prune(component, key)
}

// touch records the use of an artifact, by which prune chooses.
func (s *Store) touch(dir string) error {
	now := time.Now()
	return os.Chtimes(dir, now, now)
}

// prune removes the artifacts of a component that were used longest ago, never the one of key or one that
// is in use.
func (s *Store) prune(component, key string) error {
	entries, err := os.ReadDir(filepath.Join(s.root, component))
	if err != nil {
		return err
	}
	inUse, err := s.inUse()
	if err != nil {
		return err
	}
	var old []fs.FileInfo
	for _, entry := range entries {
		if !entry.IsDir() || entry.Name() == key || strings.HasSuffix(entry.Name(), partial) || slices.Contains(inUse, filepath.Join(s.root, component, entry.Name())) {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		old = append(old, info)
	}
	slices.SortFunc(old, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	var errs []error
	for _, info := range old[min(len(old), kept-1):] {
		errs = append(errs, os.RemoveAll(filepath.Join(s.root, component, info.Name())))
	}
	return errors.Join(errs...)
}
