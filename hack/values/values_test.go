// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	goodValues = `# SPDX-License-Identifier: Apache-2.0
# The head of the file.

# Words of it.

# -- Size of it. Default: 3, the usual one. Updates in place.
size: 3 # @schema minimum:1;maximum:9

# -- A thing with parts.
thing: &thing
  # What is inside.
  # -- Kind of it: a | b. Default: a. Updates in place.
  kind: a # @schema enum:[a,b]
  # -- Further parts. Default: none. Replaces the load balancer. One part:
  #   - name: left    # of a * part
  #     weight: 1
  # A part has a name.
  parts: [] # @schema $ref:parts
# -- Another one, as thing.
other: *thing
`
	goodShapes = `
weight: {type: integer, minimum: 0}
parts: {title: list of parts, type: array, items: {type: object, required: [name], properties: {name: {type: string}, weight: {$ref: weight}}}}
`
)

func TestSchema(t *testing.T) {
	schema, _, err := generate(t, goodValues, goodShapes)
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"$schema": "http://json-schema.org/draft-07/schema#",
		"$comment": "Generated from charts/istio-aws/values.yaml and hack/values/definitions.yaml by make generate.",
		"title": "Values of istio-aws",
		"type": "object",
		"additionalProperties": false,
		"properties": {
			"global": {"type": "object", "description": "Helm hands it to every chart below; istio-aws itself keeps nothing here."},
			"size": {"type": "integer", "minimum": 1, "maximum": 9, "description": "Size of it. Default: 3, the usual one. Updates in place."},
			"thing": {"$ref": "#/definitions/thing", "description": "A thing with parts."},
			"other": {"$ref": "#/definitions/thing", "description": "Another one, as thing."}
		},
		"required": ["other", "size", "thing"],
		"definitions": {
			"thing": {
				"type": "object",
				"additionalProperties": false,
				"properties": {
					"kind": {"enum": ["a", "b"], "description": "Kind of it: a | b. Default: a. Updates in place."},
					"parts": {
						"$ref": "#/definitions/parts",
						"description": "Further parts. Default: none. Replaces the load balancer. One part:\n- name: left    # of a * part\n  weight: 1\nA part has a name."
					}
				},
				"required": ["kind", "parts"]
			},
			"weight": {"type": "integer", "minimum": 0},
			"parts": {
				"title": "list of parts",
				"type": "array",
				"items": {
					"type": "object",
					"required": ["name"],
					"properties": {"name": {"type": "string"}, "weight": {"$ref": "#/definitions/weight"}},
					"additionalProperties": false
				}
			}
		}
	}`, schema)
}

func TestReference(t *testing.T) {
	_, readme, err := generate(t, goodValues, goodShapes)
	require.NoError(t, err)
	assert.Contains(t, readme, "traffic is moved first.\n\nWords of it.\n\n### `size`\n")
	_, reference, found := strings.Cut(readme, "\n### ")
	require.True(t, found)
	assert.Equal(t, "### `size`"+`

| value | default | allowed | effect |
|---|---|---|---|
| `+"`size` | `3`"+`: the usual one | 1 to 9 | Size of it. Updates in place. |

### `+"`thing`"+`

A thing with parts.

What is inside.

| value | default | allowed | effect |
|---|---|---|---|
| `+"`kind` | `a`"+` | a, b | Kind of it: a \| b. Updates in place. |
| `+"`parts` | `[]`"+`: none | list of parts | Further parts. Replaces the load balancer. A part has a name. |

An example of `+"`thing.parts`"+`:

`+"```yaml"+`
parts:
  - name: left    # of a * part
    weight: 1
`+"```"+`

### `+"`other`"+`

Another one, as thing.
`, "### "+reference)
}

func TestProblemsNameTheLineAndTheCure(t *testing.T) {
	rows := []struct{ name, old, new, want string }{
		{"a key without description", "# -- Size of it.", "# Size of it.", "values.yaml:7: size has no description; write it above the key"},
		{"a description that is silent on changes", "3, the usual one. Updates in place.", "3, the usual one.", "values.yaml:7: size does not say what a change does to a live system; add a sentence such as"},
		{"a comment that says another number", "3, the usual one", "4, the usual one", `values.yaml:7: size is 3, but its comment says "Default: 4, the usual one."; correct the comment`},
		{"a comment that says another choice", "Default: a.", "Default: b.", `values.yaml:13: thing.kind is a, but its comment says "Default: b."`},
		{"a comment that turns a switch round", "size: 3 # @schema minimum:1;maximum:9", "size: false", `values.yaml:7: size is false, but its comment says "Default: 3, the usual one."`},
		{"a key that takes anything", " # @schema minimum:1;maximum:9", "", "values.yaml:7: size does not say what is allowed; write it after the default"},
		{"a misspelt constraint", "minimum:1", "minimun:1", `values.yaml:7: size has the constraint "minimun", which is unknown; write one of type, enum, minimum`},
		{"a constraint that is no YAML", "enum:[a,b]", "enum:[a,b", "values.yaml:13: thing.kind has the constraint enum:[a,b, which is no YAML"},
		{"a shape that is not there", "$ref:parts", "$ref:part", "values.yaml:18: thing.parts has the shape part, which"},
		{"a constraint beside a shape", "$ref:parts", "$ref:parts;minItems:1", "values.yaml:18: thing.parts has constraints beside $ref, which a draft 7 schema ignores; put them into the shape parts"},
		{"a pattern that a reader cannot read", "minimum:1;maximum:9", "pattern:^a;b$", "values.yaml:7: size has a pattern, which a reader cannot read; move it to a shape"},
		{"a shape that nobody uses", "\nweight:", "\nheight: {type: integer}\nweight:", "definitions.yaml:2: nothing uses the shape height; remove it"},
		{"a reference to a shape that is not there", "$ref: weight", "$ref: height", "definitions.yaml:3: parts refers to the shape height, which is not there"},
		{"a constraint beside a reference", "{$ref: weight}", "{$ref: weight, maximum: 9}", "definitions.yaml:3: parts has constraints beside $ref, which a draft 7 schema ignores; write allOf"},
		{"a pattern that is none", "{type: string}", "{type: string, pattern: '[a'}", "definitions.yaml:3: parts has a pattern that cannot be used: error parsing regexp"},
		{"a pattern of keys that is none", "properties: {name", "patternProperties: {'[a': {type: string}}, properties: {name", "definitions.yaml:3: parts has a pattern that cannot be used"},
		{"a shape that the README cannot describe", "title: list of parts, ", "", "definitions.yaml:3: values have the shape parts, which has no title; say in a few words what it takes"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			values, shapes := strings.Replace(goodValues, row.old, row.new, 1), strings.Replace(goodShapes, row.old, row.new, 1)
			require.NotEqual(t, goodValues+goodShapes, values+shapes)
			_, _, err := generate(t, values, shapes)
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestASemicolonInAPatternIsNoNewConstraint(t *testing.T) {
	schema, _, _ := generate(t, strings.Replace(goodValues, "minimum:1;maximum:9", "pattern:^a;b$;maxLength:9", 1), goodShapes)
	assert.Contains(t, schema, `"maxLength": 9, "pattern": "^a;b$"`)
}

func TestEveryPresetSaysForWhomItIs(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "good.yaml"), []byte("# SPDX\n# For: us.\n# AWS account: none.\n# make up\na: 1\n"), 0o600))
	presets, err := readPresets(folder)
	require.NoError(t, err)
	assert.Equal(t, []preset{{Name: "good.yaml", For: "us.", Account: "none."}}, presets)

	require.NoError(t, os.WriteFile(filepath.Join(folder, "bad.yaml"), []byte("# For: us.\na: 1\n# AWS account: none.\n"), 0o600))
	_, err = readPresets(folder)
	assert.ErrorContains(t, err, `bad.yaml: does not say for whom it is; begin it with the lines "# For: …" and "# AWS account: …"`)
}

func TestAnnotations(t *testing.T) {
	const (
		values = `
loadBalancers:
  albPublic:
    # -- Name. Updates in place.
    name: "" # @schema type:string
  nlbPublic:
    # -- Ports. Updates in place.
    ports: [] # @schema type:array
`
		ingress    = "name:\n  {theme: First, value: name, effect: Its name., change: in place}\nscheme:\n  {theme: First, fixed: true, effect: Its scheme., change: replaces it}\n"
		service    = "ports.<port>:\n  {theme: Second, value: \"ports[].name\", effect: A port., change: in place}\nother:\n  {theme: Third, value: \"\", unlisted: true, effect: Other., change: no effect}\n"
		attributes = "alb:\n  targetGroup:\n    delay: {type: int, min: 1, max: 9, default: \"3\", effect: Waits.}\n"
	)
	write := func(t *testing.T, ingress string) (*value, *catalogue) {
		folder := t.TempDir()
		for name, content := range map[string]string{"values.yaml": values, "ingress.yaml": ingress, "service.yaml": service, "attributes.yaml": attributes} {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
		}
		read, err := readValues(filepath.Join(folder, "values.yaml"))
		require.NoError(t, err)
		catalogue, err := readCatalogue(folder)
		require.NoError(t, err)
		return read, catalogue
	}
	page, err := makeLoadBalancers(write(t, ingress))
	require.NoError(t, err)
	for _, want := range []string{
		"reads 2 annotations of Ingresses and 1 of Services",
		"### First\n\n| annotation | value | effect | a change |\n|---|---|---|---|\n| `name` | `name` | Its name. | in place |\n| `scheme` | *fixed* | Its scheme. | replaces it |\n",
		"### Second\n\n| annotation | value | effect | a change |\n|---|---|---|---|\n| `ports.<port>` | `ports[].name` | A port. | in place |\n",
		"| `other` | *through annotations* | Other. | no effect |\n",
		"### ALB: its target groups\n\n| attribute | value | allowed | AWS's default | effect |\n|---|---|---|---|---|\n| `delay` | *through targetGroupAttributes* | 1 to 9 | 3 | Waits. |\n",
	} {
		assert.Contains(t, string(page), want)
	}

	_, err = makeLoadBalancers(write(t, strings.Replace(ingress, "value: name", "value: title", 1)))
	assert.ErrorContains(t, err, "ingress.yaml:1: name is set by loadBalancers.albPublic.title, which values.yaml does not have; correct it")
	_, err = makeLoadBalancers(write(t, strings.Replace(ingress, "change: in place", "change: read at creation only", 1)))
	assert.ErrorContains(t, err, `ingress.yaml:1: name: change is "read at creation only" here, but the comment of loadBalancers.albPublic.name says otherwise`)
	_, err = makeLoadBalancers(write(t, strings.Replace(ingress, ", change: in place", "", 1)))
	assert.ErrorContains(t, err, "ingress.yaml:1: name has no change; add it")
}

// generate is the schema and the README of values and shapes, or every problem with them.
func generate(t *testing.T, values, shapes string) (schema, readme string, err error) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "values.yaml"), []byte(values), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "definitions.yaml"), []byte(shapes), 0o600))
	read, valuesErr := readValues(filepath.Join(folder, "values.yaml"))
	definitions, err := readDefinitions(filepath.Join(folder, "definitions.yaml"))
	require.NoError(t, err)
	schemaContent, schemaErr := makeSchema(read, definitions)
	readmeContent, readmeErr := makeReadme(read, definitions, nil, "1.2.3")
	return string(schemaContent), string(readmeContent), errors.Join(valuesErr, schemaErr, readmeErr)
}
