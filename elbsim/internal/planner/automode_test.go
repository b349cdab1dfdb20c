// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// class is an Ingress class "edge" of the AWS Load Balancer Controller with parameters of the same name; autoMode says the same, and of a
// Service its class, in EKS Auto Mode's words.
const class = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: edge}
spec: {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: edge}}
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: edge}
spec:
  scheme: internet-facing
  group: {name: shared}
  certificateArn: [` + certificate + `]
  loadBalancerAttributes: [{key: idle_timeout.timeout_seconds, value: "120"}]
  tags: [{key: Team, value: a}]
---
`

var autoMode = strings.NewReplacer(
	"ingress.k8s.aws/alb", "eks.amazonaws.com/alb", "elbv2.k8s.aws/v1beta1", "eks.amazonaws.com/v1", "apiGroup: elbv2.k8s.aws", "apiGroup: eks.amazonaws.com",
	"certificateArn:", "certificateARNs:", "service.k8s.aws/nlb", "eks.amazonaws.com/nlb",
).Replace

func ofEdge(manifests string) string {
	return class + strings.ReplaceAll(manifests, "ingressClassName: alb", "ingressClassName: edge")
}

func classed(manifests string) string {
	return strings.Replace(manifests, "type: LoadBalancer,", "type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb,", 1)
}

const isAutoModes = "EKS Auto Mode makes its load balancer, with a controller that is AWS's own and closed: this is what the AWS Load Balancer Controller would make of it"

func TestEKSAutoModeIsPlannedAsTheControllerAndSaysSo(t *testing.T) {
	manifests := ofEdge(web("listen-ports", `[{"HTTPS": 443}]`)) + "\n---\n" + classed(nlb("aws-load-balancer-scheme", "internet-facing"))
	want := plan(t, manifests, planner.Options{})
	require.Empty(t, want.Warnings)
	require.Len(t, want.LoadBalancers, 2)

	got := plan(t, autoMode(manifests), planner.Options{})
	assert.Empty(t, got.Rejections)
	assert.Equal(t, want.LoadBalancers, got.LoadBalancers)
	assert.Equal(t, []elb.Warning{{Object: "Ingress default/web", Message: isAutoModes}, {Object: "Service default/tcp", Message: isAutoModes}}, got.Warnings)
}

func TestTheDefaultClassMayBeEKSAutoModes(t *testing.T) {
	manifests := strings.Replace(autoMode(ofEdge(web("listen-ports", `[{"HTTPS": 443}]`))), "metadata: {name: edge}", `metadata: {name: edge, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}`, 1)
	p := plan(t, strings.Replace(manifests, "ingressClassName: edge", "defaultBackend: {service: {name: web, port: {name: http}}}", 1), planner.Options{})
	require.Len(t, p.LoadBalancers, 1)
	assert.Equal(t, "shared", p.LoadBalancers[0].Stack)
	require.Len(t, p.Warnings, 1)
	assert.Equal(t, isAutoModes, p.Warnings[0].Message)
}

func TestParametersOfBothControllersMayHaveOneName(t *testing.T) {
	mine := strings.NewReplacer("metadata: {name: edge}\nspec: {c", "metadata: {name: mine}\nspec: {c", "internet-facing", "internal", "group: {name: shared}", "group: {name: mine}").Replace(class)
	p := plan(t, mine+autoMode(ofEdge(web("listen-ports", `[{"HTTPS": 443}]`))), planner.Options{})
	require.Empty(t, p.Rejections)
	require.Len(t, p.LoadBalancers, 1)
	assert.Equal(t, "internet-facing", p.LoadBalancers[0].Scheme)
}

func TestWhatEKSAutoModeCallsOtherwise(t *testing.T) {
	manifests := ofEdge(web("listen-ports", `[{"HTTP": 80}]`))
	for name, c := range map[string]struct{ manifests, object, message string }{
		"the controller's word for certificates": {
			strings.Replace(autoMode(manifests), "certificateARNs:", "certificateArn:", 1),
			"IngressClassParams edge", "spec.certificateArn is a field of the AWS Load Balancer Controller's, not of EKS Auto Mode's; write certificateARNs",
		},
		"subnets by tags": {
			strings.Replace(autoMode(manifests), "group: {name: shared}", "subnets: {matchTags: [{key: a, values: [b]}]}", 1),
			"IngressClassParams edge", "spec.subnets.matchTags is not planned: the plan takes the subnets that are found without it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan(t, c.manifests, planner.Options{})
			assert.Empty(t, p.Rejections)
			assert.Len(t, p.LoadBalancers, 1)
			require.Len(t, p.Warnings, 2)
			assert.Equal(t, elb.Warning{Object: c.object, Message: c.message}, p.Warnings[1])
		})
	}
	r := plan(t, strings.Replace(autoMode(manifests), "apiGroup: eks.amazonaws.com", "apiGroup: elbv2.k8s.aws", 1), planner.Options{}).Rejections
	require.Len(t, r, 1, "the parameters are of the other group")
	assert.Contains(t, r[0].Message, `"edge" not found`)
}
