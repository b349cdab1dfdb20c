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

// answered runs f, and fails the test if that panics or hangs; text is what f works on.
func answered(t *testing.T, text string, f func(context.Context)) {
	t.Helper()
	panics := make(chan any, 1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() {
		defer func() { panics <- recover() }()
		f(ctx)
	}()
	select {
	case p := <-panics:
		if p != nil {
			t.Fatalf("panic: %v, on:\n%s", p, text)
		}
	case <-ctx.Done():
		t.Fatalf("no answer after %s to:\n%s", patience, text)
	}
}

// tried plans manifests, and fails the test if that panics, hangs, or answers what no reader could use.
func tried(t *testing.T, text string) elb.Plan {
	t.Helper()
	var p elb.Plan
	var err error
	answered(t, text, func(ctx context.Context) {
		var objects []manifest.Object
		if objects, err = manifest.Read("fuzz.yaml", strings.NewReader(text)); err == nil {
			p, err = planner.Make(ctx, objects, planner.Options{})
		}
	})
	if err == nil {
		usable(t, p, text)
	}
	return p
}

func usable(t *testing.T, p elb.Plan, text string) {
	t.Helper()
	if p.LoadBalancers == nil || p.Rejections == nil || p.Warnings == nil {
		t.Fatalf("a list of the plan is null, on:\n%s", text)
	}
	for _, r := range p.Rejections {
		if r.Object == "" || r.Message == "" || !slices.Contains([]string{"admission", "model", "AWS"}, r.Stage) {
			t.Fatalf("the rejection %+v says too little, on:\n%s", r, text)
		}
		if strings.Contains(r.Message, "elbsim itself") || strings.Contains(r.Message, "and builds nothing (") {
			t.Fatalf("a crash that is not explained: %s: %s, on:\n%s", r.Object, r.Message, text)
		}
	}
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

// A change runs the controller's updates and deletions, which a plan does not.
func TestMutatedChanges(t *testing.T) {
	all := seeds(t)
	planned := 0
	for seed := range *mutations / 5 {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		old := all[r.IntN(len(all))]
		now := mutate(r, old)
		text := old + "\nis replaced by\n" + now
		before, err := manifest.Read("old.yaml", strings.NewReader(old))
		require.NoError(t, err)
		after, err := manifest.Read("new.yaml", strings.NewReader(now))
		if err != nil {
			continue
		}
		var p elb.Plan
		answered(t, text, func(ctx context.Context) {
			_, p, _, err = planner.Change(ctx, before, after, planner.Options{})
		})
		if err == nil {
			usable(t, p, text)
		}
		if len(p.LoadBalancers) > 0 {
			planned++
		}
	}
	require.Greater(t, planned, *mutations/20, "mutations that only break the manifests find nothing")
}

func mutated(all []string, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 0))
	return mutate(r, all[r.IntN(len(all))])
}
