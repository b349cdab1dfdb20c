// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// BenchmarkMake plans this many Ingresses, each with a load balancer of its own.
func BenchmarkMake(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := services
			for i := range n {
				text += ingress(fmt.Sprintf("web-%d", i), "web", "name: http")
			}
			objects, err := manifest.Read("bench.yaml", strings.NewReader(text))
			require.NoError(b, err)
			for b.Loop() {
				p, err := planner.Make(b.Context(), objects, planner.Options{})
				require.NoError(b, err)
				require.Len(b, p.LoadBalancers, n)
			}
		})
	}
}
