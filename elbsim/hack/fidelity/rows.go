// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	_ "embed"
	"fmt"

	"sigs.k8s.io/yaml"
)

// section is a part of the table.
type section struct {
	Section string `json:"section"`
	Rows    []row  `json:"rows"`
}

// row is one rule of AWS's load balancers.
type row struct {
	Row      int    `json:"row"`
	Priority int    `json:"priority"` // 1 first, 3 later
	Short    string `json:"short"`
	Note     string `json:"note,omitempty"` // where elbsim differs on purpose, or AWS says nothing
}

//go:embed rows.yaml
var rowsYAML []byte

// sections reads the table of rules. Their numbers run from 1 without a gap.
func sections() ([]section, error) {
	var out []section
	if err := yaml.UnmarshalStrict(rowsYAML, &out); err != nil {
		return nil, fmt.Errorf("rows.yaml: %w", err)
	}
	next := 1
	for _, s := range out {
		for _, r := range s.Rows {
			if r.Row != next || r.Priority < 1 || r.Priority > 3 || r.Short == "" {
				return nil, fmt.Errorf("rows.yaml: row %d, priority %d, %q: want row %d, a priority from 1 to 3 and a sentence", r.Row, r.Priority, r.Short, next)
			}
			next++
		}
	}
	return out, nil
}
