// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// fleets are ways to have many load balancers, by how many objects ask for them.
var fleets = map[string]func(n int) (manifests string, loadBalancers int){
	"Ingresses with an ALB each": func(n int) (string, int) {
		return repeated(n, func(i int) string { return ingress(fmt.Sprintf("web-%d", i), "web", "name: http") }), n
	},
	"Ingresses in groups of 100": func(n int) (string, int) {
		return repeated(n, func(i int) string {
			return ingress(fmt.Sprintf("web-%d", i), "web", "name: http", "group.name", fmt.Sprintf("group-%d", i/100))
		}), (n + 99) / 100
	},
	"Services with an NLB each": func(n int) (string, int) {
		return repeated(n, func(i int) string {
			return "---" + strings.Replace(nlb("aws-load-balancer-nlb-target-type", "ip"), "name: tcp", fmt.Sprintf("name: tcp-%d", i), 1)
		}), n
	},
}

// large is an account that may have thousands of load balancers.
var large = fakeaws.Options{Quotas: map[string]int{"Application Load Balancers per Region": 5000, "Network Load Balancers per Region": 5000}}

func repeated(n int, text func(i int) string) string {
	var b strings.Builder
	b.WriteString(services)
	for i := range n {
		b.WriteString(text(i))
	}
	return b.String()
}

// BenchmarkPlan reads and plans fleets; its ns/object are to stay the same however many there are.
func BenchmarkPlan(b *testing.B) {
	for name, fleet := range fleets {
		for _, n := range []int{1, 100, 200, 500, 1000, 2000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				text, balancers := fleet(n)
				for b.Loop() {
					objects, err := manifest.Read("bench.yaml", strings.NewReader(text))
					require.NoError(b, err)
					p, err := planner.Make(b.Context(), objects, planner.Options{Account: large})
					require.NoError(b, err)
					require.Len(b, p.LoadBalancers, balancers)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/object")
			})
		}
	}
}
