// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// test is a test or subtest that named rows and passed.
type test struct {
	Package string // import path
	Name    string // as go test prints it: TestX/sub_test
}

// event is a line of `go test -json` (see go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// passed reads what `go test -json` printed and returns the tests that prove each row. A test that failed or was
// skipped, or a package that was not tested, is an error: what is listed has been seen.
func passed(stream io.Reader) (map[int][]test, error) {
	proofs := map[int][]test{}
	var errs []error
	decoder := json.NewDecoder(stream)
	for {
		var e event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read the output of go test -json: %w", err)
		}
		switch {
		case e.Action == "fail":
			errs = append(errs, fmt.Errorf("%s %s failed", e.Package, e.Test))
		case e.Action == "skip" && e.Test != "":
			errs = append(errs, fmt.Errorf("%s %s was skipped", e.Package, e.Test))
		case e.Action == "pass" && e.Test != "":
			for _, n := range rowsOf(e.Test) {
				proofs[n] = append(proofs[n], test{e.Package, e.Test})
			}
		}
	}
	for n := range proofs {
		proofs[n] = outermost(proofs[n])
	}
	return proofs, errors.Join(errs...)
}

var (
	// inFunction is the row in a test function's name: TestRow45CookiesPinTargets, TestRows46And68….
	inFunction = regexp.MustCompile(`^TestRows?((?:\d+And)*\d+)`)
	// inSubtest is the rows that a subtest names: "row 45: …", "rows 46, 68: …", "row 48".
	inSubtest = regexp.MustCompile(`(?:^|[/ ])rows? (\d+(?:(?:, | and )\d+)*)`)
	number    = regexp.MustCompile(`\d+`)
)

// rowsOf returns the rows that a test function's name names, or those of a subtest's name: the function's are the
// function's.
func rowsOf(name string) []int {
	function, subtest, isSub := strings.Cut(name, "/")
	text := inFunction.FindString(function)
	if isSub {
		text = ""
		for _, m := range inSubtest.FindAllStringSubmatch(strings.ReplaceAll(subtest, "_", " "), -1) {
			text += m[1] + " "
		}
	}
	var rows []int
	for _, digits := range number.FindAllString(text, -1) {
		if n, err := strconv.Atoi(digits); err == nil && !slices.Contains(rows, n) {
			rows = append(rows, n)
		}
	}
	return rows
}

// outermost sorts tests and leaves out subtests of a test that is there itself.
func outermost(tests []test) []test {
	slices.SortFunc(tests, func(a, b test) int {
		return strings.Compare(a.Package+" "+a.Name, b.Package+" "+b.Name)
	})
	return slices.DeleteFunc(slices.Clone(tests), func(t test) bool {
		return slices.ContainsFunc(tests, func(other test) bool {
			return other.Package == t.Package && strings.HasPrefix(t.Name, other.Name+"/")
		})
	})
}
