// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"
)

// passedThrough are values that belong to Istio's charts; Helm checks the gateways' by that chart's own schema.
var passedThrough = []string{"base", "istiod", "albPublicGateway", "albInternalGateway", "nlbPublicGateway", "nlbInternalGateway", "egressGateway"}

func schema(t *testing.T) ([]byte, map[string]any) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(chartDir, "values.schema.json"))
	require.NoError(t, err)
	var root map[string]any
	require.NoError(t, yaml.Unmarshal(content, &root))
	return content, root
}

func TestDefaultsSatisfyTheSchema(t *testing.T) {
	content, _ := schema(t)
	require.NoError(t, chartutil.ValidateAgainstSingleSchema(defaults(t), content))
}

func TestEveryValueIsInTheSchemaAndTheReverse(t *testing.T) {
	_, root := schema(t)
	known := root["properties"].(map[string]any)
	assert.ElementsMatch(t, append(slices.Collect(maps.Keys(defaults(t))), "global"), slices.Collect(maps.Keys(known)))
	count := 0
	eachObject(t, defaults(t), func(path []string, value map[string]any) {
		definition := resolve(t, root, path)
		if _, typed := definition["properties"]; !typed {
			assert.Empty(t, value, "%s: its default has keys that the schema does not know", join(path))
			return
		}
		count++
		properties := slices.Sorted(maps.Keys(definition["properties"].(map[string]any)))
		assert.Equal(t, slices.Sorted(maps.Keys(value)), properties, "keys of %s in values.yaml and in values.schema.json", join(path))
		assert.Equal(t, false, definition["additionalProperties"], "%s takes unknown keys", join(path))
		assert.ElementsMatch(t, properties, definition["required"], "%s: null would take a default away unnoticed", join(path))
	})
	assert.Greater(t, count, 50)
}

// eachObject visits every object in the typed part of values, in order.
func eachObject(t *testing.T, values map[string]any, visit func(path []string, value map[string]any)) {
	t.Helper()
	var walk func(path []string, value map[string]any)
	walk = func(path []string, value map[string]any) {
		if len(path) > 0 {
			visit(path, value)
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if child, object := value[key].(map[string]any); object && !(len(path) == 0 && slices.Contains(passedThrough, key)) {
				walk(append(slices.Clone(path), key), child)
			}
		}
	}
	walk(nil, values)
}

// resolve finds the schema of the value at path.
func resolve(t *testing.T, root map[string]any, path []string) map[string]any {
	t.Helper()
	here := root
	for _, key := range append([]string{""}, path...) {
		if key != "" {
			properties, ok := here["properties"].(map[string]any)
			require.True(t, ok, "%s is not an object in the schema", join(path))
			here, ok = properties[key].(map[string]any)
			require.True(t, ok, "%s is not in the schema", join(path))
		}
		if ref, ok := here["$ref"].(string); ok {
			here = root["definitions"].(map[string]any)[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
		}
	}
	return here
}

func join(path []string) string { return strings.Join(path, ".") }
