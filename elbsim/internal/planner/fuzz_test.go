// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

var (
	mutations = flag.Int("mutations", 1000, "how many mutated manifests TestMutatedManifests plans")
	moreSeeds = flag.String("seeds", "", "a folder of manifests that are mutated besides those of testdata/seeds")
)

// patience is how long a plan of a seed may take before it counts as hanging; one takes milliseconds.
const patience = 20 * time.Second

// seeds are manifests that say much in few lines.
func seeds(t testing.TB) []string {
	files, err := filepath.Glob("testdata/seeds/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	if *moreSeeds != "" {
		more, err := filepath.Glob(filepath.Join(*moreSeeds, "*.yaml"))
		require.NoError(t, err)
		require.NotEmpty(t, more)
		files = append(files, more...)
	}
	var out []string
	for _, file := range append(files, "../../contract/manifests.yaml") {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		out = append(out, string(content))
	}
	return out
}

// tried plans manifests, and fails the test if that panics, hangs, or answers what no reader could use.
func tried(t *testing.T, text string) elb.Plan {
	t.Helper()
	type answer struct {
		plan  elb.Plan
		err   error
		panic any
	}
	answers := make(chan answer, 1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() {
		var a answer
		defer func() {
			a.panic = recover()
			answers <- a
		}()
		var objects []manifest.Object
		if objects, a.err = manifest.Read("fuzz.yaml", strings.NewReader(text)); a.err == nil {
			a.plan, a.err = planner.Make(ctx, objects, planner.Options{})
		}
	}()
	var a answer
	select {
	case a = <-answers:
	case <-ctx.Done():
		t.Fatalf("no answer after %s to:\n%s", patience, text)
	}
	if a.panic != nil {
		t.Fatalf("panic: %v, on:\n%s", a.panic, text)
	}
	if a.err != nil {
		return a.plan
	}
	if a.plan.LoadBalancers == nil || a.plan.Rejections == nil || a.plan.Warnings == nil {
		t.Fatalf("a list of the plan is null, on:\n%s", text)
	}
	for _, r := range a.plan.Rejections {
		if r.Object == "" || r.Message == "" || !slices.Contains([]string{"admission", "model", "AWS"}, r.Stage) {
			t.Fatalf("the rejection %+v says too little, on:\n%s", r, text)
		}
		if strings.Contains(r.Message, "elbsim itself") || strings.Contains(r.Message, "and builds nothing (") {
			t.Fatalf("a crash that is not explained: %s: %s, on:\n%s", r.Object, r.Message, text)
		}
	}
	return a.plan
}

// FuzzPlan plans bytes as they are, and what a number makes of a seed.
func FuzzPlan(f *testing.F) {
	all := seeds(f)
	for _, text := range all {
		f.Add(text, uint64(0))
	}
	for seed := range 20 {
		f.Add("", uint64(seed+1))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if seed != 0 {
			text = mutated(all, seed)
		}
		tried(t, text)
	})
}

func TestMutatedManifests(t *testing.T) {
	all := seeds(t)
	planned, rejected := 0, 0
	for seed := range *mutations {
		p := tried(t, mutated(all, uint64(seed)+1))
		if len(p.LoadBalancers) > 0 {
			planned++
		}
		if len(p.Rejections) > 0 {
			rejected++
		}
	}
	t.Logf("%d of %d plans had a load balancer, %d a rejection", planned, *mutations, rejected)
	require.Greater(t, planned, *mutations/4, "mutations that only break the manifests find nothing")
	require.Greater(t, rejected, *mutations/4, "mutations that break nothing find nothing")
}

func mutated(all []string, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 0))
	return mutate(r, all[r.IntN(len(all))])
}
