// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"
)

// layout changes when this command writes the same inputs differently.
const layout = 1

// wanted is what Chart.yaml and hack/components/go.mod ask for.
type wanted struct {
	Layout     int
	Charts     []string // names, sorted, each once however many aliases it has
	Version    string   // of all of them: Istio's
	Repository string   // URL of Istio's chart repository
	Module     string   // version of istio.io/istio that holds the same charts
}

// key is what the stamp file holds: it changes with any input.
func (w wanted) key() (string, error) {
	b, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("encode dependencies: %w", err)
	}
	return fmt.Sprintf("%x\n", sha256.Sum256(b)), nil
}

func readWanted(opts options) (wanted, error) {
	path := filepath.Join(opts.Chart, "Chart.yaml")
	var meta chart.Metadata
	data, err := os.ReadFile(path)
	if err == nil {
		err = yaml.UnmarshalStrict(data, &meta)
	}
	if err != nil {
		return wanted{}, fmt.Errorf("read %s: %w", path, err)
	}
	w := wanted{Layout: layout}
	for _, d := range meta.Dependencies {
		if w.Version == "" {
			w.Version, w.Repository = d.Version, d.Repository
		}
		if d.Version != w.Version || d.Repository != w.Repository {
			return wanted{}, fmt.Errorf("%s: dependency %q is %s from %s, but others are %s from %s: Istio's charts are released together, use one version", path, d.Name, d.Version, d.Repository, w.Version, w.Repository)
		}
		if !slices.Contains(w.Charts, d.Name) {
			w.Charts = append(w.Charts, d.Name)
		}
	}
	slices.Sort(w.Charts)
	gomod := filepath.Join(opts.Components, "go.mod")
	b, err := os.ReadFile(gomod)
	if err != nil {
		return wanted{}, fmt.Errorf("read pinned version of istio.io/istio: %w", err)
	}
	m := regexp.MustCompile(`(?m)^\s*(?:require\s+)?istio\.io/istio\s+(v\S+)`).FindSubmatch(b)
	if m == nil {
		return wanted{}, fmt.Errorf("%s does not require istio.io/istio", gomod)
	}
	w.Module = string(m[1])
	return w, nil
}
