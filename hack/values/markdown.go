// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"fmt"
	"io"
	"strings"
)

// table writes a Markdown table; a table without rows is none.
func table(out io.Writer, head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "\n| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = strings.ReplaceAll(cell, "|", `\|`)
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
	}
}

func code(content string) string { return "`" + content + "`" }

// prose keeps a lone * and <…> from being read as Markdown.
var prose = strings.NewReplacer("*", `\*`, "<", `\<`).Replace
