// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package state keeps in a file what must outlive the process: the account with its load balancers, and the
// keys that clients trust. It knows when and how to write; what is in the account is fakeaws' knowledge.
package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// version is that of the file's format. A change that older versions misread raises it.
const version = 1

// Content is what the file holds.
type Content struct {
	// Cluster is the name of the Kubernetes cluster and ClusterUID the UID of its namespace kube-system, which
	// tells two clusters of one name apart; empty until the cluster has answered.
	Cluster    string `json:"cluster"`
	ClusterUID string `json:"clusterUID"`
	// Authorities are the certificate authorities by purpose, certificate and key as PEM.
	Authorities map[string][]byte `json:"authorities"`
	AWS         fakeaws.State     `json:"aws"`
}

// envelope is the file. The sum tells a damaged file from a whole one.
type envelope struct {
	Version int             `json:"version"`
	SHA256  string          `json:"sha256"` // of content, in hexadecimal digits
	Content json.RawMessage `json:"content"`
}

// File is a state file that this process alone uses, until Close.
type File struct {
	path string
	lock *os.File
	sum  string // of what is written
}

// Open takes a state file for this process and makes its folder; the file itself need not be there. It fails
// when another process has it.
func Open(path string) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of state file %s: %w; give another by --state", path, err)
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock state file %s: %w; give another by --state", path, err)
	}
	if err := exclusive(lock); err != nil {
		return nil, errors.Join(fmt.Errorf("lock state file %s: %w: another elbsim uses it; end that one, or give another file by --state", path, err), lock.Close())
	}
	return &File{path: path, lock: lock}, nil
}

// Path is where the file is.
func (f *File) Path() string { return f.path }

// Close gives the file back.
func (f *File) Close() error { return f.lock.Close() }

// Load reads the file. found is false when there is none. A file that is damaged or of another format is an
// error, never an empty account; who calls names the file.
func (f *File) Load() (c Content, found bool, err error) {
	raw, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return Content{}, false, nil
	}
	if err != nil {
		return Content{}, false, fmt.Errorf("read state file: %w", err)
	}
	c, err = decode(raw)
	if err != nil {
		return Content{}, false, err
	}
	return c, true, nil
}

func decode(raw []byte) (Content, error) {
	var e envelope
	if err := strict(raw, &e); err != nil {
		return Content{}, fmt.Errorf("cut off or damaged: %w", err)
	}
	if e.Version != version {
		return Content{}, fmt.Errorf("has format %d, this elbsim reads format %d: use the elbsim that wrote it", e.Version, version)
	}
	if sum := sumOf(e.Content); sum != e.SHA256 {
		return Content{}, fmt.Errorf("damaged: the sum of its content is %s, not %s", sum, e.SHA256)
	}
	var c Content
	if err := strict(e.Content, &c); err != nil {
		return Content{}, fmt.Errorf("written by a newer elbsim: %w", err)
	}
	return c, nil
}

func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Save writes the content, if it is not what the file holds already. Whenever the process or the machine
// stops, the file is either the old one or the new one.
func (f *File) Save(c Content) error {
	content, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	sum := sumOf(content)
	if sum == f.sum {
		return nil
	}
	raw, err := json.Marshal(envelope{Version: version, SHA256: sum, Content: content})
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	if err := replace(f.path, raw); err != nil {
		return fmt.Errorf("write state file %s: %w", f.path, err)
	}
	f.sum = sum
	return nil
}

// replace writes a file beside path and moves it there, each step on the disk before the next.
func replace(path string, raw []byte) (err error) {
	beside := path + ".new"
	out, err := os.OpenFile(beside, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // it holds keys
	if err != nil {
		return err
	}
	_, errWrite := out.Write(raw)
	if err := errors.Join(errWrite, out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
