// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command lint-chart holds the chart against the linters that its users run: `ct lint` on the chart, and
// on every preset yamllint, `helm lint`, kubeconform and `istioctl analyze`. Then it shows the last two
// mistakes that they must find, so that a linter that has gone blind is noticed.
//
//	go run ./hack/lint-chart [values/PRESET.yaml...]
//
// Who: `make lint-chart`. Needs: the root of a checkout as working directory, `make deps tools helm`,
// python3 with pip, and Go's module proxy and PyPI the first time. Environment: ISTIO_AWS_CACHE (place of the cache).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/istio-aws/istio-aws/internal/progress"
	"github.com/istio-aws/istio-aws/internal/render"
)

const chartDir = "charts/istio-aws"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := progress.New(os.Stderr)
	if err := run(ctx, log, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "\nlint-chart: %v\n", err)
		os.Exit(1)
	}
}

// run lints the chart and the presets given, or all of them, and returns all that was found.
func run(ctx context.Context, log *progress.Log, files []string) error {
	if len(files) == 0 {
		var err error
		if files, err = filepath.Glob("values/*.yaml"); err != nil || len(files) == 0 {
			return errors.Join(err, errors.New("values/ holds no preset: run this in the root of a checkout"))
		}
	}
	tools, err := prepare(ctx, log)
	if err != nil {
		return err
	}
	chart, err := render.Load(chartDir)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "lint-chart-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a leftover in the folder for temporary files harms nobody
	l := &linter{tools: tools, chart: chart, dir: dir}

	var findings []error
	check := func(title string, do func() error) {
		if err := log.Step(title, func(*progress.Step) error { return do() }); err != nil {
			findings = append(findings, fmt.Errorf("\n%s: %w", title, err))
		}
	}
	if err := l.writeSchemas(ctx); err != nil {
		return err
	}
	check("ct lint "+chartDir, func() error { return l.ct(ctx) })
	for _, file := range files {
		check("yamllint "+file, func() error { return l.yamllint(ctx, file) })
		var r *release
		check("render "+file, func() (err error) { r, err = l.render(file); return err })
		if r == nil {
			continue // the linters could only repeat it
		}
		check("helm lint "+file, func() error { return l.helmLint(ctx, r) })
		check("kubeconform "+file, func() error { return l.kubeconform(ctx, r.manifest) })
		check("istioctl analyze "+file, func() error { return l.analyze(ctx, r.objects) })
	}
	mistakes, err := readMistakes("hack/lint-chart/testdata/mistakes")
	if err != nil {
		return err
	}
	for _, m := range mistakes {
		check(m.linter+" finds the mistake in "+m.file, func() error { return l.finds(ctx, m) })
	}
	if len(findings) > 0 {
		return fmt.Errorf("%d of the checks above failed\n%w", len(findings), errors.Join(findings...))
	}
	return nil
}
