// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// results are the figures of all rounds.
type results struct {
	settings settings
	figures  map[string]map[string][]float64 // by row and contender
}

func newResults(s settings) *results {
	return &results{settings: s, figures: map[string]map[string][]float64{}}
}

func (r *results) add(row, name string, figure float64) {
	if r.figures[row] == nil {
		r.figures[row] = map[string][]float64{}
	}
	r.figures[row][name] = append(r.figures[row][name], figure)
}

// write prints the table: medians, in brackets lowest and highest, and elbsim's share of HAProxy's as the median of the
// shares of single rounds, which a change of the machine's speed between rounds does not touch.
func (r *results) write(out io.Writer) error {
	names := []string{elbsimName, haproxyName, nginxName}
	var text strings.Builder
	fmt.Fprintf(&text, "%d rounds of %s by turns, %d client connections, %d threads each; latencies at %d requests/s. Median (lowest–highest).\n\n",
		r.settings.rounds, r.settings.duration, r.settings.connections, r.settings.threads, r.settings.rate)
	fmt.Fprintf(&text, "| | %s | elbsim / HAProxy |\n|---|%s\n", strings.Join(names, " | "), strings.Repeat("---:|", len(names)+1))
	for _, row := range rows {
		fmt.Fprintf(&text, "| %s |", row)
		for _, name := range names {
			all := slices.Sorted(slices.Values(r.figures[row][name]))
			fmt.Fprintf(&text, " %s (%s–%s) |", figure(median(all)), figure(all[0]), figure(all[len(all)-1]))
		}
		fmt.Fprintf(&text, " %.2f |\n", median(shares(r.figures[row][elbsimName], r.figures[row][haproxyName])))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// shares divides the figures of the same rounds.
func shares(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

// median returns the middle of some figures, in any order.
func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// figure prints three digits or all before the point.
func figure(x float64) string {
	switch {
	case x >= 100 || x <= -100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10 || x <= -10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}
