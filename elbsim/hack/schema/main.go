// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command schema writes JSON Schemas of what elbsim prints, from its Go types and their comments:
// contract/plan.schema.json of `elbsim plan -o json`, contract/diff.schema.json of `elbsim plan --diff -o json`.
// Within a major version fields are added and never changed.
//
//	cd elbsim && go run ./hack/schema
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/invopop/jsonschema"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/plandiff"
)

const module = "github.com/istio-aws/istio-aws/elbsim"

func main() {
	for _, s := range []struct {
		file, title string
		of          any
	}{
		{"plan.schema.json", "elbsim plan -o json", elb.Plan{}},
		{"diff.schema.json", "elbsim plan --diff -o json", plandiff.Diff{}},
	} {
		if err := write(filepath.Join("contract", s.file), s.title, s.of); err != nil {
			fmt.Fprintln(os.Stderr, "schema:", err)
			os.Exit(1)
		}
	}
}

func write(file, title string, of any) error {
	r := jsonschema.Reflector{Anonymous: true}
	for _, folder := range []string{"./internal/elb", "./internal/plandiff"} {
		if err := r.AddGoComments(module, folder, jsonschema.WithFullComment()); err != nil {
			return fmt.Errorf("read comments of %s: %w", folder, err)
		}
	}
	schema := r.Reflect(of)
	schema.Title = title
	content, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return fmt.Errorf("encode schema of %s: %w", title, err)
	}
	return os.WriteFile(file, append(content, '\n'), 0o644)
}
