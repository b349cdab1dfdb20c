// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mistake is a manifest in which a linter has to find something.
type mistake struct{ file, linter, finding string }

// readMistakes reads manifests whose first line is a comment "# <linter>: <part of what it says>".
func readMistakes(dir string) ([]mistake, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, errors.Join(err, fmt.Errorf("%s holds no manifest", dir))
	}
	var result []mistake
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(string(content), "\n")
		linter, finding, found := strings.Cut(first, ": ")
		linter, comment := strings.CutPrefix(linter, "# ")
		if !found || !comment {
			return nil, fmt.Errorf("%s: its first line is no comment of the form %q", file, "# linter: what it says")
		}
		result = append(result, mistake{file, linter, finding})
	}
	return result, nil
}

// finds tells whether a linter finds a mistake. istioctl gets it in a cluster that has the chart's defaults.
func (l *linter) finds(ctx context.Context, m mistake) error {
	content, err := os.ReadFile(m.file)
	if err != nil {
		return err
	}
	switch m.linter {
	case "kubeconform":
		err = l.kubeconform(ctx, string(content))
	case "istioctl analyze":
		objects, parseErr := parseObjects(content)
		if parseErr != nil {
			return parseErr
		}
		err = l.analyze(ctx, objects)
	default:
		return fmt.Errorf("its first line names %q, which is not one of the linters that are shown mistakes", m.linter)
	}
	if err == nil {
		return fmt.Errorf("it found nothing, but should have said: %s", m.finding)
	}
	if !strings.Contains(err.Error(), m.finding) {
		return fmt.Errorf("it should have said: %s, but said:\n%w", m.finding, err)
	}
	return nil
}
