// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// A small OpenAPI document and a small CRD, with one of each form that the real ones have.
const (
	openAPIDocument = `
definitions:
  io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta:
    {type: object, properties: {name: {type: string}, labels: {type: object, additionalProperties: {type: string}}}}
  io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta: {type: object, properties: {continue: {type: string}}}
  io.k8s.apimachinery.pkg.api.resource.Quantity: {type: string}
  IntOrString: {type: string, format: int-or-string}
  Unused: {type: object, properties: {}}
  Spec:
    type: object
    required: [port]
    properties:
      port: {$ref: '#/definitions/IntOrString'}
      memory: {$ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity'}
      env: {type: array, items: {type: object, properties: {name: {type: string}}}}
      free: {type: object}
  Thing:
    type: object
    properties:
      apiVersion: {type: string}
      kind: {type: string}
      metadata: {$ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'}
      spec: {$ref: '#/definitions/Spec'}
    x-kubernetes-group-version-kind: [{group: '', version: v1, kind: Thing}]
  ThingList:
    type: object
    required: [items]
    properties:
      apiVersion: {type: string}
      kind: {type: string}
      metadata: {$ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta'}
      items: {type: array, items: {$ref: '#/definitions/Thing'}}
    x-kubernetes-group-version-kind: [{group: '', version: v1, kind: ThingList}]
  DeleteOptions:
    type: object
    properties: {}
    x-kubernetes-group-version-kind: [{group: '', version: v1, kind: DeleteOptions}, {group: apps, version: v1, kind: DeleteOptions}]
`
	crdDocument = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: example.com
  names: {kind: Route}
  versions:
    - name: v1beta1
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            metadata: {type: object}
            spec:
              type: object
              properties:
                port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                timeout: {type: string, nullable: true}
                any: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: string}}}
                match:
                  type: object
                  properties: {exact: {type: string}, prefix: {type: string}}
                  oneOf: [{required: [exact]}, {required: [prefix], properties: {prefix: {}}}]
`
)

// schemas are those of both documents.
func schemas(t *testing.T) map[kind]schema {
	t.Helper()
	document, err := yaml.YAMLToJSON([]byte(openAPIDocument))
	require.NoError(t, err)
	core, err := parseOpenAPI(document)
	require.NoError(t, err)
	crds, err := parseCRDs([]byte("# nothing\n---\n" + crdDocument + "---\nkind: ConfigMap\n"))
	require.NoError(t, err)
	require.Len(t, crds, 1)
	kinds := core.kinds()
	for k, s := range crds[0].kinds(core) {
		kinds[k] = s
	}
	return kinds
}

// validate holds a YAML object against a schema as it is written to a file.
func validate(t *testing.T, s schema, object string) error {
	t.Helper()
	written, err := json.Marshal(s)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(written)))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("file:///schema.json", document))
	compiled, err := compiler.Compile("file:///schema.json")
	require.NoError(t, err)
	content, err := yaml.YAMLToJSON([]byte(object))
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(content)))
	require.NoError(t, err)
	return compiled.Validate(value)
}

func TestSchemasTakeAndRefuse(t *testing.T) {
	kinds := schemas(t)
	thing, list, route := kinds[kind{"", "v1", "Thing"}], kinds[kind{"", "v1", "ThingList"}], kinds[kind{"example.com", "v1beta1", "Route"}]
	for _, tt := range []struct {
		name   string
		schema schema
		object string
		want   string // empty: taken
	}{
		{"an object of Kubernetes", thing, "{apiVersion: v1, kind: Thing, metadata: {name: a, labels: {b: c}}, spec: {port: http}}", ""},
		{"a port by number", thing, "{apiVersion: v1, kind: Thing, spec: {port: 80}}", ""},
		{"a quantity as a number", thing, "{apiVersion: v1, kind: Thing, spec: {port: 80, memory: 0.5}}", ""},
		{"null for a field that may be absent", thing, "{apiVersion: v1, kind: Thing, spec: {port: 80, env: null}}", ""},
		{"anything in an object without described fields", thing, "{apiVersion: v1, kind: Thing, spec: {port: 80, free: {a: [1]}}}", ""},
		{"a misspelt field", thing, "{apiVersion: v1, kind: Thing, spec: {port: 80, memry: 1Gi}}", "at '/spec': additional properties 'memry' not allowed"},
		{"a misspelt field of a list's element", thing, "{apiVersion: v1, kind: Thing, spec: {port: 80, env: [{nam: a}]}}", "at '/spec/env/0': additional properties 'nam' not allowed"},
		{"a misspelt field of the metadata", thing, "{apiVersion: v1, kind: Thing, metadata: {lables: {}}}", "at '/metadata': additional properties 'lables' not allowed"},
		{"null for a field that must be there", thing, "{apiVersion: v1, kind: Thing, spec: {port: null}}", "at '/spec/port'"},
		{"a port of another type", thing, "{apiVersion: v1, kind: Thing, spec: {port: [80]}}", "at '/spec/port'"},
		{"an object without a kind", thing, "{apiVersion: v1}", "missing property 'kind'"},
		{"an object of another kind", thing, "{apiVersion: v1, kind: Thin}", "at '/kind': value must be 'Thing'"},

		{"a list", list, "{apiVersion: v1, kind: ThingList, items: [{apiVersion: v1, kind: Thing}]}", ""},
		{"a misspelt field of a list's item", list, "{apiVersion: v1, kind: ThingList, items: [{metadata: {nme: a}}]}", "at '/items/0/metadata': additional properties 'nme' not allowed"},
		{"a list's item of another kind", list, "{apiVersion: v1, kind: ThingList, items: [{kind: Pod}]}", "at '/items/0/kind': value must be 'Thing'"},
		{"a list with a name", list, "{apiVersion: v1, kind: ThingList, metadata: {name: a}, items: []}", "at '/metadata': additional properties 'name' not allowed"},

		{"a custom object", route, "{apiVersion: example.com/v1beta1, kind: Route, metadata: {name: a}, spec: {port: 80, timeout: null, match: {prefix: /}}}", ""},
		{"more fields where the CRD allows them", route, "{apiVersion: example.com/v1beta1, kind: Route, metadata: {name: a}, spec: {any: {b: 1}}}", ""},
		{"a misspelt field of a custom object", route, "{apiVersion: example.com/v1beta1, kind: Route, metadata: {name: a}, spec: {prot: 80}}", "at '/spec': additional properties 'prot' not allowed"},
		{"a misspelt field of a custom object's metadata", route, "{apiVersion: example.com/v1beta1, kind: Route, metadata: {nme: a}, spec: {}}", "at '/metadata': additional properties 'nme' not allowed"},
		{"a custom object without metadata", route, "{apiVersion: example.com/v1beta1, kind: Route, spec: {}}", "missing property 'metadata'"},
		{"a custom object of another version", route, "{apiVersion: example.com/v1, kind: Route, metadata: {name: a}, spec: {}}", "at '/apiVersion'"},
		{"two alternatives at once", route, "{apiVersion: example.com/v1beta1, kind: Route, metadata: {name: a}, spec: {match: {exact: a, prefix: b}}}", "at '/spec/match': 'oneOf' failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := validate(t, tt.schema, tt.object)
			if tt.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestOnlyObjectsHaveSchemas(t *testing.T) {
	var files []string
	for k := range schemas(t) {
		files = append(files, k.file())
	}
	assert.ElementsMatch(t, []string{"v1/thing_v1.json", "v1/thinglist_v1.json", "example.com/route_v1beta1.json"}, files)
}

func TestASchemaHoldsTheDefinitionsItUsesAndNoOthers(t *testing.T) {
	definitions := schemas(t)[kind{"", "v1", "Thing"}]["definitions"].(schema)
	assert.Len(t, definitions, 4)
	assert.Contains(t, definitions, "Spec")
	assert.NotContains(t, definitions, "Unused")
}

func TestAnOtherDocumentIsAnError(t *testing.T) {
	_, err := parseOpenAPI([]byte(`{"definitions": {}}`))
	assert.ErrorContains(t, err, "it does not define io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
}
