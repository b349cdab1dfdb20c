// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
)

const (
	crdsInBase = "files/crd-all.gen.yaml" // in the base chart
	crdsFile   = "crd-all.gen.yaml"       // in crds/
	stampFile  = ".stamp"                 // in charts/; Helm ignores what begins with a dot
)

// file is the name that Helm gives a chart's archive.
func (w wanted) file(chart string) string { return chart + "-" + w.Version + ".tgz" }

// pack makes a chart archive that depends on nothing but its content: Helm's own writer stores the time.
func pack(name string, files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	zipper := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipper)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		header := tar.Header{Name: name + "/" + path, Mode: 0o644, Size: int64(len(files[path]))}
		if err := archive.WriteHeader(&header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(files[path]); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(archive.Close(), zipper.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// upToDate tells whether a run with the same inputs has finished in this folder.
func upToDate(chart string, w wanted) bool {
	key, err := w.key()
	if err != nil {
		return false
	}
	written, err := os.ReadFile(filepath.Join(chart, "charts", stampFile))
	if err != nil || string(written) != key {
		return false
	}
	paths := []string{filepath.Join(chart, "crds", crdsFile)}
	for _, name := range w.Charts {
		paths = append(paths, filepath.Join(chart, "charts", w.file(name)))
	}
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return false
		}
	}
	return true
}

// write checks the archives, puts them and the CRDs in place one rename each, removes what an
// earlier version left, and stamps the folder last.
func write(chart string, w wanted, archives map[string][]byte) error {
	var crds []byte
	files := map[string][]byte{}
	for name, archive := range archives {
		c, err := loader.LoadArchive(bytes.NewReader(archive))
		if err != nil {
			return fmt.Errorf("load chart %q: %w", name, err)
		}
		if c.Name() != name || c.Metadata.Version != w.Version {
			return fmt.Errorf("chart %q: got %s %s, want version %s", name, c.Name(), c.Metadata.Version, w.Version)
		}
		for _, f := range c.Files {
			if name == "base" && f.Name == crdsInBase {
				crds = f.Data
			}
		}
		files[w.file(name)] = archive
	}
	if crds == nil {
		return fmt.Errorf("chart base %s has no %s: adapt hack/deps", w.Version, crdsInBase)
	}
	key, err := w.key()
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(chart, "crds"), map[string][]byte{crdsFile: crds}); err != nil {
		return err
	}
	charts := filepath.Join(chart, "charts")
	if err := replace(charts, files); err != nil {
		return err
	}
	return place(charts, stampFile, []byte(key))
}

// replace makes dir hold exactly these files. Readers see each file whole, old or new.
func replace(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make folder for charts: %w", err)
	}
	for name, data := range files {
		if err := place(dir, name, data); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list old charts: %w", err)
	}
	for _, entry := range entries {
		if _, wanted := files[entry.Name()]; !wanted && !strings.HasPrefix(entry.Name(), ".") {
			if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
				return fmt.Errorf("remove old chart: %w", err)
			}
		}
	}
	return nil
}

// place writes one file by rename. Helm ignores the temporary name: it begins with a dot.
func place(dir, name string, data []byte) error {
	temp, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(temp.Name()) // gone already after the rename
	_, err = temp.Write(data)
	if err := errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(temp.Name(), filepath.Join(dir, name)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
