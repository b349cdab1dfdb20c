// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package render turns values and a chart into Kubernetes objects, with Helm's own code and without a
// cluster: the second arrow of values -> chart -> manifests -> plan. It never talks to a cluster and
// never changes a file.
package render

import (
	"fmt"
	"io"
	"log"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/getter"
	"sigs.k8s.io/yaml"
)

// Chart is a chart that was read once and can be rendered often, also concurrently.
type Chart struct {
	files []*loader.BufferedFile
}

// Load reads the chart in dir. It is an error when a dependency of Chart.yaml is not in charts/.
func Load(dir string) (*Chart, error) {
	loaded, err := loader.LoadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("load chart %s: %w", dir, err)
	}
	if err := action.CheckDependencies(loaded, loaded.Metadata.Dependencies); err != nil {
		return nil, fmt.Errorf("load chart %s: %w; run: make deps", dir, err)
	}
	c := &Chart{}
	for _, file := range loaded.Raw {
		c.files = append(c.files, &loader.BufferedFile{Name: file.Name, Data: file.Data})
	}
	return c, nil
}

// With returns a copy of the chart in which one file has other content; tests break a chart with it.
func (c *Chart) With(name string, data []byte) *Chart {
	changed := &Chart{files: []*loader.BufferedFile{{Name: name, Data: data}}}
	for _, file := range c.files {
		if file.Name != name {
			changed.files = append(changed.files, file)
		}
	}
	return changed
}

// KubeVersion is the version of Kubernetes that a chart is rendered for if Options name none.
const KubeVersion = "v1.34.0"

// Options says what is rendered. The zero value is the release "istio-aws" in the namespace
// "istio-system", installed with the chart's defaults.
type Options struct {
	Release     string
	Namespace   string
	ValuesFiles []string // paths, later ones win
	Values      []string // YAML documents on top of the files, later ones win
	IsUpgrade   bool
	KubeVersion string // default: the constant KubeVersion
}

// Helm returns the chart as Helm's library has it. Rendering changes a chart, so each call makes a new one.
func (c *Chart) Helm() (*chart.Chart, error) {
	files := make([]*loader.BufferedFile, len(c.files))
	for i, file := range c.files {
		files[i] = &loader.BufferedFile{Name: file.Name, Data: file.Data}
	}
	return loader.LoadFiles(files)
}

// Render renders the chart as `helm template` does. The error of values that are refused is what Helm
// prints: the schema's or the chart's own sentences.
func (c *Chart) Render(opts Options) (*Release, error) {
	merged, err := opts.merge()
	if err != nil {
		return nil, err
	}
	loaded, err := c.Helm()
	if err != nil {
		return nil, err
	}
	install := action.NewInstall(&action.Configuration{Log: log.New(io.Discard, "", 0).Printf})
	install.DryRun, install.ClientOnly = true, true
	install.ReleaseName, install.Namespace = opts.Release, opts.Namespace
	install.IsUpgrade = opts.IsUpgrade
	if install.ReleaseName == "" {
		install.ReleaseName = "istio-aws"
	}
	if install.Namespace == "" {
		install.Namespace = "istio-system"
	}
	version := opts.KubeVersion
	if version == "" {
		version = KubeVersion
	}
	if install.KubeVersion, err = chartutil.ParseKubeVersion(version); err != nil {
		return nil, fmt.Errorf("version of Kubernetes %q: %w", version, err)
	}
	rendered, err := install.Run(loaded, merged)
	if err != nil {
		return nil, fmt.Errorf("render release %q: %w", install.ReleaseName, err)
	}
	return newRelease(rendered)
}

func (o Options) merge() (map[string]any, error) {
	files := values.Options{ValueFiles: o.ValuesFiles}
	merged, err := files.MergeValues(getter.Providers{})
	if err != nil {
		return nil, fmt.Errorf("read values: %w", err)
	}
	for _, document := range o.Values {
		top := map[string]any{}
		if err := yaml.Unmarshal([]byte(document), &top); err != nil {
			return nil, fmt.Errorf("read values %q: %w", document, err)
		}
		merged = chartutil.MergeTables(top, merged)
	}
	return merged, nil
}
