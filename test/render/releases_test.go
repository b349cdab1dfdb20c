// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-aws/istio-aws/internal/render"
)

// A gateway chart's own selector labels and the release's name are not enough for EnvoyFilters in Istio's root namespace, which are for
// pods of all namespaces, nor, in Istio's default, for Gateways.
func TestReleasesOfOneNameInTwoNamespacesLeaveEachOtherAlone(t *testing.T) {
	release := rendered(t, "base: {enabled: false}", nlb(`ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: strict}]`))
	istiod, found := release.Find("Deployment", "istiod")
	require.True(t, found)
	assert.Contains(t, text(t, istiod.Object), `{"name":"PILOT_SCOPE_GATEWAY_TO_NAMESPACE","value":"true"}`)
	filter, found := release.Find("EnvoyFilter", "nlb-internal")
	require.True(t, found)
	assert.Contains(t, text(t, filter.Object), `"proxy":{"metadata":{"NAMESPACE":"istio-system"}}`)
}

// The gateways of the canary are found by the Gateway of the release whose traffic they share; nothing is there twice.
func TestCanarySharesGatewayAndRoutesOfTheFirstRelease(t *testing.T) {
	stable := rendered(t, `{loadBalancers: {albPublic: {enabled: true, hosts: [a.example.com], canary: {service: istio-ingress-canary, weight: 10}}},
  routes: [{name: a, loadBalancers: [albPublic], hosts: [a.example.com], http: [{to: [{host: a.ns.svc.cluster.local, port: 80}]}]}]}`)
	values := `{canaryOf: istio-aws, base: {enabled: false}, istiod: {revision: 1-32}, loadBalancers: {albPublic: {enabled: true, managedBy: none}},
  albPublicGateway: {name: istio-ingress-canary, serviceAccount: {name: istio-ingress-canary}, revision: 1-32, labels: {istio: ingress-alb-public}}}`
	canary, err := chart(t).Render(render.Options{Release: "canary", Values: []string{values}})
	require.NoError(t, err)

	gateway, found := stable.Find("Gateway", "alb-public")
	require.True(t, found)
	selector, _, err := unstructured.NestedStringMap(gateway.Object, "spec", "selector")
	require.NoError(t, err)
	assert.Equal(t, []string{"istio-ingress-alb-public"}, gatewaysOf(t, stable, selector))
	assert.Equal(t, []string{"istio-ingress-canary"}, gatewaysOf(t, canary, selector))
	for release, other := range map[*render.Release]*render.Release{stable: canary, canary: stable} {
		for _, service := range ours(t, release) {
			assert.Empty(t, gatewaysOf(t, other, service.Spec.Selector), "a Service keeps to its own release")
		}
	}

	first := map[string]bool{}
	for _, object := range stable.Objects {
		first[object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName()] = true
	}
	for _, object := range canary.Objects {
		if object.GetKind() != "ServiceAccountList" {
			assert.NotContains(t, first, object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName(), "Helm would refuse an object of another release")
		}
	}
	deployment, found := canary.Find("Deployment", "istio-ingress-canary")
	require.True(t, found)
	assert.Contains(t, text(t, deployment.Object), `"istio.io/rev":"1-32"`)
}
