// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command values writes what follows from the chart's values.yaml: its schema, the reference in its README and
// the tables of docs/load-balancers.md.
//
// Who: everybody who changed a value, its comment, a shape in hack/values/definitions.yaml, a preset's header or the
// catalogue of annotations, through `make generate`. Needs: this repository's root as working directory. It writes the
// three files and nothing else, and only when nothing is wrong with what it read.
//
// A key of values.yaml is documented above it and constrained beside it:
//
//	# -- What it does. Default: what the default means. What a change does to a live system. One item:
//	#   - {an: example, in: YAML}
//	key: default # @schema minimum:1;maximum:9
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintf(os.Stderr, "values:\n%v\n", err)
		os.Exit(1)
	}
}

// What is read and what is written, from the root of the repository.
const (
	valuesFile        = "charts/istio-aws/values.yaml"
	definitionsFile   = "hack/values/definitions.yaml"
	annotationsFolder = "charts/istio-aws/annotations"
	presetsFolder     = "values"
	chartFile         = "charts/istio-aws/Chart.yaml"

	schemaFile        = "charts/istio-aws/values.schema.json"
	readmeFile        = "charts/istio-aws/README.md"
	loadBalancersFile = "docs/load-balancers.md"
)

// run reads everything below root, reports every problem together, and writes only if there is none.
func run(root string) error {
	values, err := readValues(filepath.Join(root, valuesFile))
	if err != nil {
		return err
	}
	shapes, err := readDefinitions(filepath.Join(root, definitionsFile))
	if err != nil {
		return err
	}
	version, err := readVersion(filepath.Join(root, chartFile))
	if err != nil {
		return err
	}
	presets, presetsErr := readPresets(filepath.Join(root, presetsFolder))
	catalogue, catalogueErr := readCatalogue(filepath.Join(root, annotationsFolder))

	schema, schemaErr := makeSchema(values, shapes)
	readme, readmeErr := makeReadme(values, shapes, presets, version)
	loadBalancers, loadBalancersErr := makeLoadBalancers(values, catalogue)
	if err := errors.Join(presetsErr, catalogueErr, schemaErr, readmeErr, loadBalancersErr); err != nil {
		return err
	}
	for file, content := range map[string][]byte{schemaFile: schema, readmeFile: readme, loadBalancersFile: loadBalancers} {
		if err := os.WriteFile(filepath.Join(root, file), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
