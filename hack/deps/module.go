// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// Where istio.io/istio keeps the charts that it releases under these names.
const (
	moduleCharts = "manifests/charts"
	officialHub  = "registry.istio.io/release"
)

// fromModule makes the archives out of the Go module istio.io/istio, which holds the sources of the
// released charts, and does to them what Istio's release builder does: stamps the version into
// Chart.yaml, and hub and tag into istiod's values.
func fromModule(ctx context.Context, opts options, w wanted) (map[string][]byte, error) {
	dir, err := downloadModule(ctx, opts.Components)
	if err != nil {
		return nil, err
	}
	folders := map[string]string{"base": "base", "gateway": "gateway", "istiod": "istio-control/istio-discovery"}
	archives := map[string][]byte{}
	for _, name := range w.Charts {
		folder, known := folders[name]
		if !known {
			return nil, fmt.Errorf("chart %q: not one of base, gateway, istiod", name)
		}
		files, err := readChart(filepath.Join(dir, moduleCharts, folder))
		if err != nil {
			return nil, fmt.Errorf("read chart %q: %w", name, err)
		}
		if err := stamp(name, files, w.Version); err != nil {
			return nil, err
		}
		if archives[name], err = pack(name, files); err != nil {
			return nil, fmt.Errorf("pack chart %q: %w", name, err)
		}
	}
	return archives, nil
}

// downloadModule returns the folder of istio.io/istio in the module cache, at the version that the
// Go module in components requires.
func downloadModule(ctx context.Context, components string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", "istio.io/istio")
	cmd.Dir = components
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var answer struct{ Dir, Error string }
	if json.Unmarshal(out, &answer) == nil && answer.Error != "" {
		return "", fmt.Errorf("download istio.io/istio: %s", answer.Error)
	}
	if err != nil {
		return "", fmt.Errorf("(cd %s && go mod download -json istio.io/istio): %w: %s", components, err, stderr.Bytes())
	}
	return answer.Dir, nil
}

// readChart returns the files of a chart by their path in it.
func readChart(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	return files, err
}

// stamp turns a chart of the source tree into the released one. Each line it rewrites must be there
// exactly once, so that a change upstream is noticed.
func stamp(name string, files map[string][]byte, version string) error {
	edits := []struct{ file, pattern, line string }{
		{"Chart.yaml", `version: .*`, "version: " + version},
		{"Chart.yaml", `appVersion: .*`, "appVersion: " + version},
	}
	if name == "istiod" {
		edits = append(edits, []struct{ file, pattern, line string }{
			{"values.yaml", `hub: registry\.istio\.io/testing`, "hub: " + officialHub},
			{"values.yaml", `tag: latest`, "tag: " + version},
		}...)
	}
	for _, e := range edits {
		re := regexp.MustCompile(`(?m)^( *)` + e.pattern + `$`)
		if n := len(re.FindAll(files[e.file], -1)); n != 1 {
			return fmt.Errorf("chart %q: %s has %d lines like %q, want 1: istio.io/istio changed, adapt hack/deps", name, e.file, n, e.pattern)
		}
		files[e.file] = re.ReplaceAll(files[e.file], []byte("${1}"+e.line))
	}
	return nil
}
