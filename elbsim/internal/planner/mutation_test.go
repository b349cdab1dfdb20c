// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

var mutations = flag.Int("mutations", 150, "how many mutated manifests TestNoManifestMakesThePlannerPanic tries")

// odd are the values that mutations put in.
var odd = []any{nil, "", "x", "use-annotation", -1, 0, 70000, 1e300, true, []any{}, []any{nil}, map[string]any{}, "[{bad", "1,,2", strings.Repeat("a", 300)}

// mutate changes a few places anywhere in a tree of maps, lists and scalars.
func mutate(r *rand.Rand, v any) any {
	if r.IntN(120) == 0 {
		return odd[r.IntN(len(odd))]
	}
	switch x := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if k == "apiVersion" || k == "kind" {
				continue
			}
			if x[k] = mutate(r, x[k]); r.IntN(120) == 0 {
				delete(x, k)
			}
		}
	case []any:
		for i := range x {
			x[i] = mutate(r, x[i])
		}
		if len(x) > 0 && r.IntN(120) == 0 {
			return append(x, x[0])
		}
	}
	return v
}

func TestNoManifestMakesThePlannerPanic(t *testing.T) {
	content, err := os.ReadFile("../../contract/manifests.yaml")
	require.NoError(t, err)
	objects, err := manifest.Read("seed.yaml", strings.NewReader(string(content)))
	require.NoError(t, err)
	planned := 0
	for seed := range *mutations {
		r := rand.New(rand.NewPCG(uint64(seed), 0))
		mutants := slices.Clone(objects)
		for i := range mutants {
			var tree any
			require.NoError(t, json.Unmarshal(objects[i].JSON, &tree))
			mutants[i].JSON, err = json.Marshal(mutate(r, tree))
			require.NoError(t, err)
		}
		func() {
			defer func() {
				if p := recover(); p != nil {
					text := fmt.Sprintf("-mutations seed %d panics: %v", seed, p)
					for _, m := range mutants {
						text += "\n" + string(m.JSON)
					}
					t.Fatal(text)
				}
			}()
			p, err := planner.Make(t.Context(), mutants, planner.Options{})
			if err == nil && (p.LoadBalancers == nil || p.Rejections == nil || p.Warnings == nil) {
				t.Errorf("seed %d: a list is null", seed)
			}
			if len(p.LoadBalancers) > 0 {
				planned++
			}
		}()
	}
	require.Greater(t, planned, *mutations/4, "mutations that only break the manifests find nothing")
}
