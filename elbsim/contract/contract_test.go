// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package contract_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

var update = flag.Bool("update", false, "write the samples")

// check compares a value with a sample, or writes the sample.
func check(t *testing.T, file string, value any) {
	t.Helper()
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(value))
	if *update {
		require.NoError(t, os.WriteFile(file, got.Bytes(), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run: make generate")
	assert.Equal(t, string(want), got.String(), "the vocabulary has changed; if it is meant to, run: make generate, and change the harness's copy (internal/loadbalancer, internal/plan)")
}

func TestPlan(t *testing.T) {
	objects, err := manifest.ReadPaths([]string{"manifests.yaml"}, nil)
	require.NoError(t, err)
	plan, err := planner.Make(t.Context(), objects, planner.Options{})
	require.NoError(t, err)
	check(t, "plan.json", plan)
}

func TestLoadBalancers(t *testing.T) {
	missing := map[string]bool{}
	zeroes(reflect.ValueOf(sample), missing)
	assert.Empty(t, missing, "fields that no part of the sample sets")
	check(t, "loadbalancers.json", sample)
}

// zeroes collects the fields that are zero wherever their type occurs below v.
func zeroes(v reflect.Value, missing map[string]bool) {
	seen := map[string]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				name := v.Type().Name() + "." + v.Type().Field(i).Name
				seen[name] = seen[name] || !v.Field(i).IsZero()
				walk(v.Field(i))
			}
		}
	}
	walk(v)
	for name, set := range seen {
		if !set {
			missing[name] = true
		}
	}
}

func TestZeroesFindsAFieldThatIsNeverSet(t *testing.T) {
	missing := map[string]bool{}
	zeroes(reflect.ValueOf([]elb.QueryPair{{Value: "a"}, {Value: "b"}}), missing)
	assert.Equal(t, map[string]bool{"QueryPair.Key": true}, missing)
}
