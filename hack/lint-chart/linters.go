// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-aws/istio-aws/internal/render"
)

// linter runs the linters.
type linter struct {
	tools *tools
	chart *render.Chart
	dir   string // for files that the linters read
}

// release is what a preset renders, as its header says to install it.
type release struct {
	file, namespace string
	manifest        string // as Helm prints it
	objects         []unstructured.Unstructured
}

// installation finds "helm install RELEASE charts/istio-aws ... -n NAMESPACE" in a preset's header.
var installation = regexp.MustCompile(`(?m)^# .*helm (?:install|upgrade --install) (\S+) charts/istio-aws .*-n (\S+)`)

func (l *linter) render(file string) (*release, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	options := render.Options{Release: "istio-aws", Namespace: istioNamespace, ValuesFiles: []string{file}}
	if found := installation.FindSubmatch(content); found != nil {
		options.Release, options.Namespace = string(found[1]), string(found[2])
	}
	rendered, err := l.chart.Render(options)
	if err != nil {
		return nil, err
	}
	return &release{file, options.Namespace, rendered.Manifest, rendered.Objects}, nil
}

// ct lints the chart itself: Chart.yaml by its schema, values.yaml as YAML, and the chart with each file of
// its ci/ folder.
func (l *linter) ct(ctx context.Context) error {
	_, err := l.tools.run(ctx, "ct", "lint", "--config", "ct.yaml", "--chart-yaml-schema", l.tools.chartSchema)
	return err
}

// yamllint finds what Helm takes without a word, such as a key that is there twice.
func (l *linter) yamllint(ctx context.Context, file string) error {
	_, err := l.tools.run(ctx, "yamllint", "--strict", "--config-file", "hack/yamllint.yaml", file)
	return err
}

// listName is what Helm misses in a list. Lists have no name; Helm and kubectl refuse one that does.
var listName = regexp.MustCompile(`^\[WARNING\] templates/gateway/serviceaccountlist\.yaml: object name does not conform .*: ""`)

func (l *linter) helmLint(ctx context.Context, r *release) error {
	output, err := l.tools.run(ctx, "helm", "lint", chartDir, "--namespace", r.namespace, "--values", r.file)
	for _, line := range strings.Split(output, "\n") {
		if strings.HasPrefix(line, "[WARNING]") && !listName.MatchString(line) {
			err = errors.Join(err, errors.New(line))
		}
	}
	return err
}

// writeSchemas writes the schemas for kubeconform.
func (l *linter) writeSchemas(ctx context.Context) error {
	_, err := l.tools.run(ctx, "schemas", filepath.Join(l.dir, "schemas"))
	return err
}

// kubeconform holds a manifest against the schemas of its kinds.
func (l *linter) kubeconform(ctx context.Context, manifest string) error {
	file := filepath.Join(l.dir, "manifest.yaml")
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		return err
	}
	schemas := filepath.Join(l.dir, "schemas", "{{.Group}}", "{{.ResourceKind}}_{{.ResourceAPIVersion}}.json")
	_, err := l.tools.run(ctx, "kubeconform", "-strict", "-schema-location", schemas, file)
	return err
}
