// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Key names an artifact by everything it is made from: equal inputs, equal key. Make one with [NewKey].
type Key struct {
	hash hash.Hash
	err  error
}

// NewKey returns an empty key.
func NewKey() *Key { return &Key{hash: sha256.New()} }

// Add adds a named input, such as a version or a list of flags.
func (k *Key) Add(name string, values ...string) *Key {
	fmt.Fprintf(k.hash, "%d:%s=%d", len(name), name, len(values))
	for _, value := range values {
		fmt.Fprintf(k.hash, ",%d:%s", len(value), value)
	}
	return k
}

// Files adds the content of files, and of all files below folders, under their paths relative to root.
// Tests (_test.go) and documents (.md) are left out: nothing is built from them.
func (k *Key) Files(root string, paths ...string) *Key {
	for _, path := range paths {
		err := filepath.WalkDir(filepath.Join(root, path), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".md") {
				return err
			}
			return k.file(root, file)
		})
		if err != nil && k.err == nil {
			k.err = err
		}
	}
	return k
}

func (k *Key) file(root, path string) error {
	relative, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	content, err := os.Open(path)
	if err != nil {
		return err
	}
	defer content.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, content); err != nil {
		return err
	}
	k.Add("file "+filepath.ToSlash(relative), hex.EncodeToString(sum.Sum(nil)))
	return nil
}

// Sum is the key as 16 hexadecimal digits. Its error is that of the first file that could not be read.
func (k *Key) Sum() (string, error) {
	if k.err != nil {
		return "", fmt.Errorf("make an artifact's key: %w", k.err)
	}
	return hex.EncodeToString(k.hash.Sum(nil))[:16], nil
}
