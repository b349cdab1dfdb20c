// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Definitions of the OpenAPI document that are meant by name.
const (
	objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
	quantity   = "io.k8s.apimachinery.pkg.api.resource.Quantity"
)

const reference = "#/definitions/" // how definitions refer to each other

// openAPI is the document in which Kubernetes describes its kinds (OpenAPI version 2).
type openAPI struct {
	Definitions map[string]schema `json:"definitions"`
}

// parseOpenAPI reads the document and tightens its definitions.
func parseOpenAPI(document []byte) (openAPI, error) {
	var o openAPI
	if err := json.Unmarshal(document, &o); err != nil {
		return o, err
	}
	for _, name := range []string{objectMeta, quantity} {
		if o.Definitions[name] == nil {
			return o, fmt.Errorf("it does not define %s", name)
		}
	}
	for _, definition := range o.Definitions {
		// The API server takes null for a field that is not there, and Istio's charts make use of it.
		properties, _ := definition["properties"].(schema)
		for name, property := range properties {
			property.(schema)["nullable"] = !required(definition, name)
		}
		tighten(definition)
		if kinds := kindsOf(definition); len(kinds) == 1 && definition["properties"] != nil {
			identify(definition, kinds[0])
		}
	}
	// A quantity may be written as 2 or 0.5 as well as "500m".
	delete(o.Definitions[quantity], "type")
	o.Definitions[quantity]["anyOf"] = []any{schema{"type": "number"}, schema{"type": "string"}}
	return o, nil
}

// kindsOf is what a definition is the schema of. Definitions of more than one, such as DeleteOptions, are
// no objects.
func kindsOf(definition schema) []kind {
	var kinds []kind
	list, _ := definition["x-kubernetes-group-version-kind"].([]any)
	for _, entry := range list {
		entry := entry.(schema)
		text := func(key string) string { s, _ := entry[key].(string); return s }
		kinds = append(kinds, kind{text("group"), text("version"), text("kind")})
	}
	return kinds
}

// kinds are the schemas of all objects and lists that Kubernetes serves.
func (o openAPI) kinds() map[kind]schema {
	result := map[kind]schema{}
	for _, definition := range o.Definitions {
		if kinds := kindsOf(definition); len(kinds) == 1 && definition["properties"] != nil {
			result[kinds[0]] = document(definition, o.closure(definition), "apiVersion", "kind")
		}
	}
	return result
}

// closure are the definitions that a schema refers to, directly or not.
func (o openAPI) closure(of schema) schema {
	found := schema{}
	var visit func(any)
	visit = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				visit(element)
			}
		case schema:
			if target, ok := value["$ref"].(string); ok {
				name := strings.TrimPrefix(target, reference)
				if _, seen := found[name]; !seen {
					found[name] = o.Definitions[name]
					visit(o.Definitions[name])
				}
			}
			for _, element := range value {
				visit(element)
			}
		}
	}
	visit(of)
	return found
}
