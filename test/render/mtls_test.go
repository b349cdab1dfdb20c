// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/render"
)

// policies are the specs of all PeerAuthentications, as JSON, by namespace and name.
func policies(t *testing.T, release *render.Release) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, policy := range release.Kind("PeerAuthentication") {
		found[policy.GetNamespace()+"/"+policy.GetName()] = text(t, policy.Object["spec"])
	}
	return found
}

// told are the traffic policies that callers in the mesh get, as JSON, by namespace and host.
func told(t *testing.T, release *render.Release) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, rule := range release.Kind("DestinationRule") {
		spec := rule.Object["spec"].(map[string]any)
		if text(t, spec["exportTo"]) == `["*"]` {
			found[rule.GetNamespace()+"/"+spec["host"].(string)] = text(t, spec["trafficPolicy"])
		}
	}
	return found
}

func TestMutualTLSIsMeshWideInTheRootNamespace(t *testing.T) {
	release := rendered(t, `{mtls: {mode: PERMISSIVE}, istiod: {meshConfig: {rootNamespace: root}}}`)
	assert.Equal(t, map[string]string{"root/default": `{"mtls":{"mode":"PERMISSIVE"}}`}, policies(t, release))
	assert.Equal(t, map[string]string{"istio-system/default": `{"mtls":{"mode":"STRICT"}}`}, policies(t, rendered(t)))
}

func TestNamespacesWorkloadsAndPortsHaveModesOfTheirOwn(t *testing.T) {
	release := rendered(t, `mtls: {namespaces: {legacy: PERMISSIVE}, workloads: [
  {name: tracker, namespace: default, selector: {app: tracker}, mode: STRICT, ports: {8081: DISABLE}},
  {name: probed, namespace: default, selector: {app: probed, tier: web}, ports: {9000: PERMISSIVE}}]}`)
	assert.Equal(t, map[string]string{
		"istio-system/default": `{"mtls":{"mode":"STRICT"}}`,
		"legacy/default":       `{"mtls":{"mode":"PERMISSIVE"}}`,
		"default/tracker":      `{"mtls":{"mode":"STRICT"},"portLevelMtls":{"8081":{"mode":"DISABLE"}},"selector":{"matchLabels":{"app":"tracker"}}}`,
		"default/probed":       `{"portLevelMtls":{"9000":{"mode":"PERMISSIVE"}},"selector":{"matchLabels":{"app":"probed","tier":"web"}}}`,
	}, policies(t, release))
	assert.Empty(t, told(t, release), "istiod tells callers by itself what each pod and port takes")
}

func TestCallersAreToldWhatIstiodDoesNotTellThem(t *testing.T) {
	for _, row := range []struct{ name, mtls, want string }{
		{"plaintext to a headless Service", `mode: STRICT, workloads: [{X, mode: DISABLE}]`, `{"tls":{"mode":"DISABLE"}}`},
		{"plaintext to one port", `mode: STRICT, workloads: [{X, mode: STRICT, ports: {8081: DISABLE}}]`, `{"portLevelSettings":[{"port":{"number":8081},"tls":{"mode":"DISABLE"}}]}`},
		{"mutual TLS to one port", `mode: STRICT, workloads: [{X, mode: DISABLE, ports: {8081: STRICT, 8082: DISABLE}}]`, `{"portLevelSettings":[{"port":{"number":8081},"tls":{"mode":"ISTIO_MUTUAL"}}],"tls":{"mode":"DISABLE"}}`},
		{"mutual TLS into a namespace without", `mode: STRICT, namespaces: {default: DISABLE}, workloads: [{X, mode: STRICT}]`, `{"tls":{"mode":"ISTIO_MUTUAL"}}`},
		{"mutual TLS into a mesh without", `mode: DISABLE, workloads: [{X, ports: {8081: PERMISSIVE}}]`, `{"portLevelSettings":[{"port":{"number":8081},"tls":{"mode":"ISTIO_MUTUAL"}}]}`},
		{"nothing about STRICT", `mode: PERMISSIVE, workloads: [{X, mode: STRICT}]`, ``},
		{"nothing about PERMISSIVE", `mode: STRICT, workloads: [{X, mode: PERMISSIVE}]`, ``},
		{"nothing about what the namespace has too", `mode: STRICT, namespaces: {default: DISABLE}, workloads: [{X, mode: DISABLE}]`, ``},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			release := rendered(t, `mtls: {`+strings.ReplaceAll(row.mtls, "X", tracker+`, hosts: [tracker.default.svc.cluster.local]`)+`}`)
			want := map[string]string{}
			if row.want != "" {
				want["default/tracker.default.svc.cluster.local"] = row.want
			}
			assert.Equal(t, want, told(t, release))
		})
	}
}

// A DestinationRule of the gateways' namespace hides the one for the whole mesh, so it has to say the same about TLS.
func TestGatewaysAreToldAsWell(t *testing.T) {
	values := `{mtls: {workloads: [{` + tracker + `, ports: {8081: DISABLE}, hosts: [tracker.default.svc.cluster.local]}]}, destinations: {tracker.default.svc.cluster.local: {loadBalancing: RANDOM`
	assert.JSONEq(t, `{"exportTo": ["."], "host": "tracker.default.svc.cluster.local", "trafficPolicy": {"loadBalancer": {"simple": "RANDOM"},
		"portLevelSettings": [{"port": {"number": 8081}, "tls": {"mode": "DISABLE"}, "loadBalancer": {"simple": "RANDOM"}}]}}`,
		spec(t, rendered(t, values+`}}}`), "DestinationRule", "tracker.default.svc.cluster.local"))
	assert.JSONEq(t, `{"exportTo": ["."], "host": "tracker.default.svc.cluster.local", "trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}, "tls": {"mode": "ISTIO_MUTUAL"}}}`,
		spec(t, rendered(t, values+`, tls: {mode: ISTIO_MUTUAL}}}}`), "DestinationRule", "tracker.default.svc.cluster.local"), "unless destinations say it themselves")
}

// The mode of the mesh belongs to the release that has istiod, and to no canary of it; namespaces and workloads may be anyone's.
func TestSecondReleaseLeavesTheModeOfTheMeshToTheFirst(t *testing.T) {
	const second = `base: {enabled: false}, istiod: {enabled: false}`
	release, err := chart(t).Render(render.Options{Release: "edge", Namespace: "edge", Values: []string{`{` + second + `, mtls: {namespaces: {edge: PERMISSIVE}, workloads: [
  {name: tracker, namespace: default, selector: {app: tracker}, mode: DISABLE, hosts: [tracker.default.svc.cluster.local]}]}}`}})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"edge/default":    `{"mtls":{"mode":"PERMISSIVE"}}`,
		"default/tracker": `{"mtls":{"mode":"DISABLE"},"selector":{"matchLabels":{"app":"tracker"}}}`,
	}, policies(t, release))
	assert.Equal(t, map[string]string{"default/tracker.default.svc.cluster.local": `{"tls":{"mode":"DISABLE"}}`}, told(t, release))
	assert.Empty(t, policies(t, rendered(t, `{base: {enabled: false}, canaryOf: main, istiod: {enabled: true, revision: next}}`)))
}
