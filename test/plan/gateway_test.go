// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-aws/istio-aws/internal/plan"
	"github.com/istio-aws/istio-aws/internal/render"
)

// Two halves of one promise: what the controller lets AWS ask for at the port of the requests, and what the gateway answers by itself.
func TestGatewaysAnswerWhatLoadBalancersAskThem(t *testing.T) {
	const https = `tls: {certificateArns: ["arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"]}`
	for name, values := range map[string]string{
		"alb-public":   `albPublic: {enabled: true, hosts: [a.example.com], healthCheck: {through: data}}`,
		"alb-internal": `albInternal: {enabled: true, hosts: ["*.example.com"], group: {name: g}, listeners: [{protocol: HTTPS, port: 443}], ` + https + `, ingresses: [{name: grpc, hosts: [grpc.example.com], version: GRPC}, {name: h2, hosts: [h2.example.com], version: HTTP2}]}`,
		"nlb-public":   `nlbPublic: {enabled: true, hosts: [a.example.com], healthCheck: {through: data}}`,
	} {
		t.Run(name, func(t *testing.T) {
			release := rendered(t, render.Options{Values: []string{"base: {enabled: false}", "loadBalancers: {" + values + "}"}})
			p, err := plan.Make(t.Context(), elbsim, release.Manifest)
			require.NoError(t, err)
			require.Empty(t, p.Rejections)
			require.Len(t, p.LoadBalancers, 1)

			asked := map[string]bool{}
			for _, group := range p.LoadBalancers[0].TargetGroups {
				if group.HealthCheck.Port != "15021" {
					asked[group.HealthCheck.Path] = true
				}
			}
			answered := map[string]bool{}
			object, found := release.Find("VirtualService", name+"-health")
			require.True(t, found)
			rules, _, err := unstructured.NestedSlice(object.Object, "spec", "http")
			require.NoError(t, err)
			for _, rule := range rules {
				matches, _, err := unstructured.NestedSlice(rule.(map[string]any), "match")
				require.NoError(t, err)
				path, _, err := unstructured.NestedString(matches[0].(map[string]any), "uri", "exact")
				require.NoError(t, err)
				answered[path] = true
			}
			assert.NotEmpty(t, asked)
			assert.Equal(t, asked, answered)
		})
	}
}
