// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// blobs finds blobs in several layouts.
type blobs []layout.Path

var (
	_ registry.BlobHandler     = blobs(nil)
	_ registry.BlobStatHandler = blobs(nil)
)

// Get opens a blob. Its content was verified when the layout was written.
func (b blobs) Get(_ context.Context, _ string, hash v1.Hash) (io.ReadCloser, error) {
	for _, path := range b {
		file, err := path.Blob(hash)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return file, err
	}
	return nil, registry.ErrNotFound
}

// Stat returns a blob's size in bytes.
func (b blobs) Stat(_ context.Context, _ string, hash v1.Hash) (int64, error) {
	for _, path := range b {
		info, err := os.Stat(filepath.Join(string(path), "blobs", hash.Algorithm, hash.Hex))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	return 0, registry.ErrNotFound
}
