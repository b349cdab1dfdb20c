// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// crd is what is read of a CustomResourceDefinition.
type crd struct {
	Kind string  `json:"kind"`
	Spec crdSpec `json:"spec"`
}

type crdSpec struct {
	Group string `json:"group"`
	Names struct {
		Kind string `json:"kind"`
	} `json:"names"`
	Versions []crdVersion `json:"versions"`
}

type crdVersion struct {
	Name   string `json:"name"`
	Schema struct {
		OpenAPIV3Schema schema `json:"openAPIV3Schema"`
	} `json:"schema"`
}

// parseCRDs reads the CRDs of a stream of YAML documents.
func parseCRDs(stream []byte) ([]crd, error) {
	var crds []crd
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return crds, nil
		}
		if err != nil {
			return nil, err
		}
		var c crd
		if err := yaml.Unmarshal(document, &c); err != nil {
			return nil, err
		}
		if c.Kind == "CustomResourceDefinition" {
			crds = append(crds, c)
		}
	}
}

// kinds are the schemas of the objects that the CRD defines; core has what every object's metadata holds.
func (c crd) kinds(core openAPI) map[kind]schema {
	result := map[kind]schema{}
	for _, version := range c.Spec.Versions {
		k := kind{c.Spec.Group, version.Name, c.Spec.Names.Kind}
		s := version.Schema.OpenAPIV3Schema
		if s["properties"] == nil {
			s["properties"] = schema{}
		}
		tighten(s)
		identify(s, k)
		metadata := schema{"$ref": reference + objectMeta}
		s["properties"].(schema)["metadata"] = metadata
		result[k] = document(s, core.closure(metadata), "apiVersion", "kind", "metadata")
	}
	return result
}
