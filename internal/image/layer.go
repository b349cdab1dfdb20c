// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package image makes container images straight from binaries and root filesystems, or copies them from
// a registry, into OCI layouts that the lab's registry serves. It stands between package component,
// which builds what is in images, and package cluster, which runs them. It never runs a container.
package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// File is one file of a layer: from a file of this machine or with a given text.
type File struct {
	Path string // absolute in the image
	From string // file of this machine; empty: Text is the content
	Text string
	Mode int64
}

// layer is an uncompressed layer that is read from its source each time, so that large ones need no
// memory. Uncompressed layers have one digest and take no time to pack: they only travel over loopback.
type layer struct {
	open   func() (io.ReadCloser, error)
	digest v1.Hash
	size   int64
}

var _ v1.Layer = (*layer)(nil)

// FilesLayer is a layer of files with their parent folders. Times are zero, so that equal files make an
// equal digest.
func FilesLayer(files ...File) (v1.Layer, error) {
	return newLayer(func() (io.ReadCloser, error) {
		reader, writer := io.Pipe()
		go func() { writer.CloseWithError(writeTar(writer, files)) }()
		return reader, nil
	})
}

// TarLayer is a layer that is a tar archive of this machine.
func TarLayer(file string) (v1.Layer, error) {
	return newLayer(func() (io.ReadCloser, error) { return os.Open(file) })
}

func newLayer(open func() (io.ReadCloser, error)) (v1.Layer, error) {
	content, err := open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, content)
	if err != nil {
		return nil, err
	}
	return &layer{open: open, size: size, digest: v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum.Sum(nil))}}, nil
}

func (l *layer) Digest() (v1.Hash, error)             { return l.digest, nil }
func (l *layer) DiffID() (v1.Hash, error)             { return l.digest, nil }
func (l *layer) Compressed() (io.ReadCloser, error)   { return l.open() }
func (l *layer) Uncompressed() (io.ReadCloser, error) { return l.open() }
func (l *layer) Size() (int64, error)                 { return l.size, nil }
func (l *layer) MediaType() (types.MediaType, error)  { return types.OCIUncompressedLayer, nil }

func writeTar(to io.Writer, files []File) error {
	archive := tar.NewWriter(to)
	made := map[string]bool{".": true, "/": true}
	for _, file := range files {
		if err := makeParents(archive, made, path.Dir(file.Path)); err != nil {
			return err
		}
		if err := writeFile(archive, file); err != nil {
			return fmt.Errorf("put %s into a layer: %w", file.Path, err)
		}
	}
	return archive.Close()
}

func makeParents(archive *tar.Writer, made map[string]bool, dir string) error {
	if made[dir] {
		return nil
	}
	if err := makeParents(archive, made, path.Dir(dir)); err != nil {
		return err
	}
	made[dir] = true
	return archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: strings.TrimPrefix(dir, "/") + "/", Mode: 0o755})
}

func writeFile(archive *tar.Writer, file File) error {
	var content io.Reader = strings.NewReader(file.Text)
	size := int64(len(file.Text))
	if file.From != "" {
		source, err := os.Open(file.From)
		if err != nil {
			return err
		}
		defer source.Close()
		info, err := source.Stat()
		if err != nil {
			return err
		}
		content, size = source, info.Size()
	}
	if err := archive.WriteHeader(&tar.Header{Name: strings.TrimPrefix(file.Path, "/"), Mode: file.Mode, Size: size}); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}
