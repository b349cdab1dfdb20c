// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package golden compares what a chart renders with files beside a test. A case is two files:
//
//	<case>.in.yaml   values, and the objects that the case is about
//	<case>.out.yaml  these objects
//
// It tests shape: tests of meaning are Go. So it shows few objects, without the labels that all of them
// have, and refuses what would let a mistake pass: an object that is not there (absence is said by
// `absent`), an empty case, an output without input. It renders nothing itself.
package golden

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pmezard/go-difflib/difflib"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

var update = flag.Bool("update", false, "write golden files in place of comparing them")

const (
	inSuffix  = ".in.yaml"
	outSuffix = ".out.yaml"
	refresh   = "go test ./test/render -update"
)

// Run compares every case of a folder, or with -update writes the outputs. A case is a subtest.
func Run(t *testing.T, dir string, render func(Input) ([]unstructured.Unstructured, error)) {
	t.Helper()
	names, err := Cases(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := compare(filepath.Join(dir, name), *update, render); err != nil {
				t.Error(err)
			}
		})
	}
}

// Cases are the names of a folder's cases. A file that belongs to none is an error.
func Cases(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	var errs []error
	for _, entry := range entries {
		if name, is := strings.CutSuffix(entry.Name(), inSuffix); is {
			names = append(names, name)
			continue
		}
		name, is := strings.CutSuffix(entry.Name(), outSuffix)
		if _, err := os.Stat(filepath.Join(dir, name+inSuffix)); !is || err != nil {
			errs = append(errs, fmt.Errorf("%s belongs to no case: remove it", filepath.Join(dir, entry.Name())))
		}
	}
	if len(names) == 0 {
		errs = append(errs, fmt.Errorf("%s has no case: a case is <name>%s", dir, inSuffix))
	}
	return names, errors.Join(errs...)
}

// compare compares one case, path being that of its files without suffix.
func compare(path string, update bool, render func(Input) ([]unstructured.Unstructured, error)) error {
	input, err := readInput(path + inSuffix)
	if err != nil {
		return err
	}
	objects, err := render(input)
	if err != nil {
		return err
	}
	got, err := input.choose(objects)
	if err != nil {
		return fmt.Errorf("%s%s: %w", path, inSuffix, err)
	}
	if update {
		return os.WriteFile(path+outSuffix, []byte(got), 0o644)
	}
	want, err := os.ReadFile(path + outSuffix)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return difference(path+outSuffix, string(want), got)
}

// difference is nil, or a unified diff and the command that makes the file what was rendered.
func difference(file, want, got string) error {
	if want == got {
		return nil
	}
	diff, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: difflib.SplitLines(want), B: difflib.SplitLines(got), FromFile: file, ToFile: "rendered", Context: 3,
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("%s differs from what is rendered:\n%s\nif that is what you want: %s", file, diff, refresh)
}
