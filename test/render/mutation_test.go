// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// Values beside the defaults and the examples of values.yaml, so that every key of every shape is somewhere; by path.
var samples = map[string]string{
	"global":                                                 `{istioNamespace: istio-system}`,
	"commonAnnotations":                                      `{argocd.argoproj.io/sync-wave: "1"}`,
	"loadBalancers.albPublic.subnets":                        `[public-a, public-b]`,
	"loadBalancers.albPublic.securityGroups":                 `[sg-0123456789abcdef0, edge]`,
	"loadBalancers.albPublic.inboundCIDRs":                   `[10.0.0.0/8, "2001:db8::/32"]`,
	"loadBalancers.albPublic.prefixLists":                    `[pl-0123abcd]`,
	"loadBalancers.albPublic.hosts":                          `[shop.example.com, "*.example.com"]`,
	"loadBalancers.albPublic.targetNodeLabels":               `{node.kubernetes.io/edge: "true"}`,
	"loadBalancers.albPublic.tags":                           `{Team: shop}`,
	"loadBalancers.albPublic.annotations":                    `{example.com/owner: shop}`,
	"loadBalancers.albPublic.tls.certificateArns":            `["` + certificate + `"]`,
	"loadBalancers.albPublic.networkPolicy.extraIngress":     `[{ports: [{port: 15020}]}]`,
	"loadBalancers.albPublic.ingresses":                      `[{name: api, hosts: [api.example.com], paths: [/], annotations: {example.com/owner: shop}}]`,
	"loadBalancers.albPublic.actions":                        `[{name: a, conditions: {hostRegex: ["^a"], pathRegex: ["^/a"], headerRegex: {X-A: ["^a"]}}, fixedResponse: {statusCode: 503}}]`,
	"loadBalancers.albPublic.authentication.extraParameters": `{prompt: login}`,
	"loadBalancers.nlbPublic.staticIPs.eipAllocations":       `[eipalloc-0123456789abcdef0]`,
	"loadBalancers.nlbPublic.staticIPs.privateIPv4Addresses": `[10.0.0.10]`,
	"loadBalancers.nlbPublic.tls.ports":                      `[https]`,
	"routes": `[{name: a, loadBalancers: [nlbPublic], http: [
   {name: a, match: [{exact: /a, ignoreCase: true, headers: {a: {prefix: b}}, query: {a: {regex: b+}}, method: [GET, HEAD]}, {headers: {a: {present: true}}}],
    to: [{host: a.b.svc.cluster.local, port: 80}], rewrite: /b, mirror: {host: a.b.svc.cluster.local, port: 80, subset: v1}},
   {match: {regex: /a+}, redirect: {prefix: /b}, cors: {origins: [{prefix: "https://a"}, {regex: "https://.*"}]}}]}]`,
	"destinations":     `{a.example.com: {tls: {mode: SIMPLE, sni: a.example.com, secret: authority}}}`,
	"albPublicGateway": `{name: a, serviceAccount: {}, service: {}, podAnnotations: {example.com/owner: shop}, labels: {}}`,
}

// takeAnything are places of texts that AWS or Istio alone can judge.
var takeAnything = []string{
	"#/definitions/annotations/patternProperties/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
	"#/definitions/stringMatch/properties/exact",
}

// Each leaf of the defaults, of the examples in their comments and of the samples becomes a wrong type, leaves its range, loses
// its key to a misspelt one; and the schema says so at the leaf's path.
func TestEveryMutationIsRefused(t *testing.T) {
	m := newMutator(t)
	m.walk(m.schema, m.values, "", "#", func(value any) { m.values = value.(map[string]any) })
	for path, example := range documentedExamples(t) {
		m.sample(path, exampleValues(t, path, example))
	}
	for path, sample := range samples {
		var value any
		require.NoError(t, yaml.Unmarshal([]byte(sample), &value))
		m.sample(path, value)
	}
	for _, kind := range slices.Sorted(maps.Keys(m.counts)) {
		t.Logf("%5d × %s", m.counts[kind], kind)
	}
	assert.Greater(t, m.counts["another type"], 2000)
	assert.Greater(t, m.counts["out of range"], 600)
	assert.Greater(t, m.counts["a misspelt key"], 500)
	assert.Greater(t, m.counts["a missing key"], 400)

	for _, place := range m.keys(m.schema, "#") {
		assert.True(t, m.seen[place], "%s is in no default, example or sample; add a sample with it", place)
	}
	assert.ElementsMatch(t, takeAnything, slices.Collect(maps.Keys(m.unbounded)), "texts and numbers without a range of their own")
}
