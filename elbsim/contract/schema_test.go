// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package contract_test

import (
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/plandiff"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// validate holds a sample against a schema.
func validate(t *testing.T, schema, sample string) error {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(schema)
	require.NoError(t, err)
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(sample))
	require.NoError(t, err)
	return compiled.Validate(instance)
}

func TestDiff(t *testing.T) {
	content, err := os.ReadFile("manifests.yaml")
	require.NoError(t, err)
	edited := strings.NewReplacer("scheme: internet-facing", "scheme: internal", "idle_timeout.timeout_seconds=120", "idle_timeout.timeout_seconds=30").Replace(string(content))
	require.NotEqual(t, string(content), edited)
	old, err := manifest.Read("manifests.yaml", strings.NewReader(string(content)))
	require.NoError(t, err)
	now, err := manifest.Read("edited.yaml", strings.NewReader(edited))
	require.NoError(t, err)
	before, after, _, err := planner.Change(t.Context(), old, now, planner.Options{})
	require.NoError(t, err)
	check(t, "diff.json", plandiff.Compare(before, after))
}

// TestSamplesFollowTheirSchemas stands behind the tests that write them.
func TestSamplesFollowTheirSchemas(t *testing.T) {
	for schema, sample := range map[string]string{"plan.schema.json": "plan.json", "diff.schema.json": "diff.json"} {
		content, err := os.ReadFile(sample)
		require.NoError(t, err, "run: make generate")
		require.NoError(t, validate(t, schema, string(content)))
		require.ErrorContains(t, validate(t, schema, strings.Replace(string(content), "{", `{"more": 1,`, 1)), "more")
		require.ErrorContains(t, validate(t, schema, `{"warnings": []}`), "missing propert")
	}
}
