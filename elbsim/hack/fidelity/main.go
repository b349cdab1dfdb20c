// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command fidelity runs elbsim's tests and writes docs/elbsim-fidelity.md: the rules of AWS's load balancers, which
// of them elbsim keeps, and the tests that were seen to pass and prove it. A rule counts as kept when a test
// names its row ("row 45: …" or TestRow45…). It writes nothing when a test fails or is skipped, or when a rule of
// priority 1 or 2 has no test.
//
//	cd elbsim && go run ./hack/fidelity ../docs/elbsim-fidelity.md
package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is the import path of the module in whose folder the command runs.
const module = "github.com/istio-aws/istio-aws/elbsim"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./hack/fidelity FILE.md, in the folder elbsim")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "fidelity:", err)
		os.Exit(1)
	}
}

func run(file string) error {
	table, err := sections()
	if err != nil {
		return err
	}
	proofs, err := goTest()
	if err != nil {
		return err
	}
	if err := complete(table, proofs); err != nil {
		return err
	}
	text, err := report(table, proofs, fileOf)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// goTest runs the tests of the module's internal packages; they are where load balancers are.
func goTest() (map[int][]test, error) {
	cmd := exec.Command("go", "test", "-json", "./internal/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run %s: %w", cmd, err)
	}
	proofs, readErr := passed(out)
	_, _ = io.Copy(io.Discard, out) // so that a broken line does not leave go test hanging
	if err := cmd.Wait(); err != nil {
		return nil, errors.Join(readErr, fmt.Errorf("%s: %w\n%s", cmd, err, &stderr))
	}
	return proofs, readErr
}

// complete says which rules of priority 1 and 2 no test proves, and which numbers of tests are no rule's.
func complete(table []section, proofs map[int][]test) error {
	known := map[int]bool{}
	var errs []error
	for _, s := range table {
		for _, r := range s.Rows {
			known[r.Row] = true
			if r.Priority < 3 && len(proofs[r.Row]) == 0 {
				errs = append(errs, fmt.Errorf("row %d (priority %d) has no test: %s", r.Row, r.Priority, r.Short))
			}
		}
	}
	for n, tests := range proofs {
		if !known[n] {
			errs = append(errs, fmt.Errorf("%s %s names row %d; rows.yaml has none of that number", tests[0].Package, tests[0].Name, n))
		}
	}
	return errors.Join(errs...)
}

// fileOf returns the file that has a test's function, relative to the module.
func fileOf(t test) (string, error) {
	folder := strings.TrimPrefix(strings.TrimPrefix(t.Package, module), "/")
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return "", err
	}
	function, _, _ := strings.Cut(t.Name, "/")
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		if declares(parsed, function) {
			return filepath.ToSlash(file), nil
		}
	}
	return "", fmt.Errorf("no file of %s declares %s", folder, function)
}
