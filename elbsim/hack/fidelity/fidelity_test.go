// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRowsThatATestNames(t *testing.T) {
	for _, c := range []struct {
		name string
		want []int
	}{
		{"TestRow45CookiesPinTargets", []int{45}},
		{"TestRows46And68FailOpen", []int{46, 68}},
		{"TestProxy/row_64:_a_header_of_the_client_stays", []int{64}},
		{"TestFailOpen/rows_46,_68:_all_targets", []int{46, 68}},
		{"TestStates/rows_1_and_2", []int{1, 2}},
		{"TestHealth/an_ALB/row_50:_unused,_see_row_55", []int{50, 55}},
		{"TestRow45Cookies/expire", nil}, // its parent counts
		{"TestHost/row_12:_HTTP/1.0_without_Host", []int{12}},
		{"TestTomorrow12", nil},
		{"TestText/arrow_12", nil},
	} {
		assert.Equal(t, c.want, rowsOf(c.name), c.name)
	}
}

// lines is output of go test -json: "action test".
func lines(results ...string) string {
	var b strings.Builder
	for _, r := range results {
		action, name, _ := strings.Cut(r, " ")
		fmt.Fprintf(&b, "{\"Action\":%q,\"Package\":\"%s/internal/x\",\"Test\":%q}\n", action, module, name)
	}
	return b.String()
}

func TestOnlyTestsThatPassedProveARow(t *testing.T) {
	proofs, err := passed(strings.NewReader(lines("run TestRow1A", "pass TestRow1A/row_1:_twice", "pass TestRow1A", "pass TestB/row_2:_b")))
	require.NoError(t, err)
	assert.Equal(t, map[int][]test{1: {{module + "/internal/x", "TestRow1A"}}, 2: {{module + "/internal/x", "TestB/row_2:_b"}}}, proofs)

	_, err = passed(strings.NewReader(lines("pass TestA", "fail TestRow1A")))
	require.ErrorContains(t, err, "TestRow1A failed")
	_, err = passed(strings.NewReader(lines("skip TestRow1A")))
	require.ErrorContains(t, err, "TestRow1A was skipped")
	_, err = passed(strings.NewReader("panic: no JSON"))
	require.ErrorContains(t, err, "read the output of go test -json")
}

func TestRulesWithoutTestAndTestsWithoutRuleAreNamed(t *testing.T) {
	table := []section{{Rows: []row{{Row: 1, Priority: 1, Short: "one"}, {Row: 2, Priority: 2, Short: "two"}, {Row: 3, Priority: 3, Short: "three"}}}}
	proof := []test{{Name: "TestX"}}
	require.NoError(t, complete(table, map[int][]test{1: proof, 2: proof}))
	require.ErrorContains(t, complete(table, map[int][]test{1: proof}), "row 2 (priority 2) has no test: two")
	require.ErrorContains(t, complete(table, map[int][]test{1: proof, 2: proof, 99: proof}), "TestX names row 99")
}

func TestReport(t *testing.T) {
	table := []section{{Section: "Rules", Rows: []row{{Row: 1, Priority: 1, Short: "a | b", Note: "not documented"}, {Row: 2, Priority: 3, Short: "later"}}}}
	text, err := report(table, map[int][]test{1: {{module + "/internal/x", "TestA/row_1:_a"}}},
		func(test) (string, error) { return "internal/x/a_test.go", nil })
	require.NoError(t, err)
	assert.Contains(t, text, `| 1 | 1 | a \| b (not documented) | yes | [TestA/row 1: a](../elbsim/internal/x/a_test.go) |`)
	assert.Contains(t, text, "| 2 | 3 | later | no |  |")
	assert.Contains(t, text, "| 1 | 1 | 1 |\n| 2 | 0 | 0 |\n| 3 | 1 | 0 |\n\nNot done: rows 2.")
}

func TestTableOfRulesIsWhole(t *testing.T) {
	table, err := sections()
	require.NoError(t, err)
	rows := 0
	for _, s := range table {
		rows += len(s.Rows)
	}
	assert.Equal(t, 77, rows)
}

func TestFileOfATest(t *testing.T) {
	t.Chdir("../..")
	file, err := fileOf(test{module + "/hack/fidelity", "TestFileOfATest/x"})
	require.NoError(t, err)
	assert.Equal(t, "hack/fidelity/fidelity_test.go", file)
	_, err = fileOf(test{module + "/hack/fidelity", "TestNowhere"})
	require.ErrorContains(t, err, "no file of hack/fidelity declares TestNowhere")
}
