// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/istio-aws/istio-aws/internal/render"
)

func TestNetworkPolicyLetsTheLoadBalancerInAndNobodyElse(t *testing.T) {
	release := rendered(t, `{base: {enabled: false}, loadBalancers: {
  albPublic: {enabled: true, backend: {targetPort: 8080}, networkPolicy: {enabled: true, fromCIDRs: [10.0.0.0/20, "2001:db8::/64"], extraIngress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], ports: [{port: 15020}]}]}},
  nlbInternal: {enabled: true, networkPolicy: {enabled: true, fromCIDRs: [10.0.16.0/20]}, ports: [{name: web, port: 80, targetPort: 8080}, {name: dns, port: 53, targetPort: 5353, protocol: UDP}, {name: quic, port: 443, targetPort: 8443, protocol: TCP_UDP}]}}}`)
	for name, want := range map[string]string{
		"istio-ingress-alb-public": `[{"from": [{"ipBlock": {"cidr": "10.0.0.0/20"}}, {"ipBlock": {"cidr": "2001:db8::/64"}}], "ports": [{"protocol": "TCP", "port": 15021}, {"protocol": "TCP", "port": 8080}]},
			{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}], "ports": [{"port": 15020}]}]`,
		"istio-ingress-nlb-internal": `[{"from": [{"ipBlock": {"cidr": "10.0.16.0/20"}}], "ports": [{"protocol": "TCP", "port": 15021}, {"protocol": "TCP", "port": 8080}, {"protocol": "UDP", "port": 5353}, {"protocol": "TCP", "port": 8443}, {"protocol": "UDP", "port": 8443}]}]`,
	} {
		policy, err := render.Get[networkingv1.NetworkPolicy](release, "NetworkPolicy", name)
		require.NoError(t, err)
		assert.Equal(t, []string{name}, gatewaysOf(t, release, policy.Spec.PodSelector.MatchLabels))
		assert.Equal(t, []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}, policy.Spec.PolicyTypes, "what a gateway sends is not limited")
		assert.JSONEq(t, want, text(t, policy.Spec.Ingress))
	}
	assert.Empty(t, rendered(t, "base: {enabled: false}", alb(`hosts: []`)).Kind("NetworkPolicy"))
}
