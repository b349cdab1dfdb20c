// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/render"
)

const certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"

// alb, nlb and route are values of one enabled load balancer or route with some keys set.
func alb(keys string) string { return "loadBalancers: {albPublic: {enabled: true, " + keys + "}}" }
func nlb(keys string) string { return "loadBalancers: {nlbInternal: {enabled: true, " + keys + "}}" }
func route(keys string) string {
	return "{loadBalancers: {albInternal: {enabled: true, hosts: ['*.example.com']}}, routes: [{" + keys + "}]}"
}

// refusal is values that the chart must not take, and part of what it says then.
type refusal struct{ name, values, want string }

// refuse renders each row and sees it refused with its message.
func refuse(t *testing.T, rows []refusal) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := chart(t).Render(render.Options{Values: []string{"base: {enabled: false}", row.values}}) // base reads all CRDs, and that takes time
			require.ErrorContains(t, err, row.want)
		})
	}
	t.Logf("%d refusals", len(rows))
}

func TestRefusals(t *testing.T) {
	refuse(t, []refusal{
		// Wrong in itself, which is the schema's to say. Two values that contradict each other are in the tables of their concern.
		{"an unknown load balancer", `loadBalancers: {alb: {enabled: true}}`, `at '/loadBalancers': additional properties 'alb' not allowed`},
		{"a misspelt key of a load balancer", alb(`target: ip`), `at '/loadBalancers/albPublic': additional properties 'target' not allowed`},
		{"a misspelt key of a gateway", `{` + alb(`hosts: []`) + `, albPublicGateway: {replicas: 1}}`, `additional properties 'replicas' not allowed`},
		{"a value under a wrong top-level key", `loadbalancers: {}`, `at '': additional properties 'loadbalancers' not allowed`},
	})
}

func TestNamespaceOfIstioIsTheReleases(t *testing.T) {
	_, err := chart(t).Render(render.Options{Namespace: "mesh"})
	assert.ErrorContains(t, err, `- istiod.global.istioNamespace: "istio-system", but the release's namespace is "mesh"; install with -n istio-system, or`)
	_, err = chart(t).Render(render.Options{Namespace: "mesh", Values: []string{"global: {istioNamespace: mesh}"}})
	assert.NoError(t, err)
}

func TestProblemsAreReportedTogether(t *testing.T) {
	_, err := chart(t).Render(render.Options{Values: []string{alb(`subnets: [subnet-1], group: {order: 1}, statusNodePort: 30621`)}})
	assert.ErrorContains(t, err, "these values do not go together:\n- loadBalancers.albPublic.statusNodePort")
	assert.ErrorContains(t, err, "\n- loadBalancers.albPublic.group.order")
	assert.ErrorContains(t, err, "\n- loadBalancers.albPublic.subnets")
}
