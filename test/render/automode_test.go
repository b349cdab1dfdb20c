// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/istio-aws/istio-aws/internal/render"
)

func TestEKSAutoMode(t *testing.T) {
	values := `{controller: eks-auto-mode, loadBalancers: {albInternal: {enabled: true}, albPublic: {enabled: true, ` + https + `, group: {name: shared, order: 3}, ipAddressType: dualstack,
  subnets: [subnet-1, subnet-2], tags: {Team: a}, idleTimeoutSeconds: 120, inboundCIDRs: [10.0.0.0/8], authentication: {type: oidc, oidc: {issuer: "https://a.example.com",
  authorizationEndpoint: "https://a.example.com/a", tokenEndpoint: "https://a.example.com/t", userInfoEndpoint: "https://a.example.com/u", secret: client}}}}}`
	release := rendered(t, values)
	ingress := ingressOf(t, release, "alb-public")
	const class = "alb-public.istio-aws.istio-system"
	assert.Equal(t, class, *ingress.Spec.IngressClassName)
	assert.Equal(t, "alb-internal.istio-aws.istio-system", *ingressOf(t, release, "alb-internal").Spec.IngressClassName)
	object, found := release.Find("IngressClass", class)
	require.True(t, found)
	assert.JSONEq(t, `{"controller":"eks.amazonaws.com/alb","parameters":{"apiGroup":"eks.amazonaws.com","kind":"IngressClassParams","name":"`+class+`"}}`, text(t, object.Object["spec"]))
	object, found = release.Find("IngressClassParams", class)
	require.True(t, found)
	assert.Equal(t, "eks.amazonaws.com/v1", object.GetAPIVersion())
	assert.Empty(t, object.GetNamespace())
	assert.JSONEq(t, `{"scheme":"internet-facing","ipAddressType":"dualstack","group":{"name":"shared"},"subnets":{"ids":["subnet-1","subnet-2"]},"certificateARNs":["`+certificate+`"],
		"loadBalancerAttributes":[{"key":"access_logs.s3.enabled","value":"false"},{"key":"deletion_protection.enabled","value":"false"},
		{"key":"idle_timeout.timeout_seconds","value":"120"},{"key":"routing.http.drop_invalid_header_fields.enabled","value":"false"},{"key":"routing.http.xff_header_processing.mode","value":"append"}],"tags":[{"key":"Team","value":"a"}]}`, text(t, object.Object["spec"]))
	assert.Empty(t, named(ingress.Annotations, "scheme", "group.name", "ip-address-type", "subnets", "certificate-arn", "tags", "load-balancer-attributes"), "it reads them from the class")
	assert.Equal(t, map[string]string{"listen-ports": `[{"HTTP":80},{"HTTPS":443}]`, "inbound-cidrs": "10.0.0.0/8", "group.order": "3", "auth-type": "oidc"},
		named(ingress.Annotations, "listen-ports", "inbound-cidrs", "group.order", "auth-type"))

	protected := ingressOf(t, rendered(t, `{controller: eks-auto-mode, `+alb(`deletionProtection: true`)+`}`), "alb-public").Annotations
	assert.Equal(t, "deletion_protection.enabled=true", protected[albPrefix+"load-balancer-attributes"], "else the controller would take the protection off and delete")

	role, err := render.Get[rbacv1.Role](release, "Role", "alb-public-oidc")
	require.NoError(t, err)
	assert.Equal(t, []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"client"}, Verbs: []string{"get"}}}, role.Rules)
	binding, err := render.Get[rbacv1.RoleBinding](release, "RoleBinding", "alb-public-oidc")
	require.NoError(t, err)
	assert.Equal(t, "Group eks:managed", binding.Subjects[0].Kind+" "+binding.Subjects[0].Name)
	assert.Equal(t, "alb-public-oidc", binding.RoleRef.Name)

	second, err := chart(t).Render(render.Options{Release: "istio-aws", Namespace: "edge", Values: []string{`{base: {enabled: false}, istiod: {enabled: false}}`, values}})
	require.NoError(t, err)
	_, found = second.Find("IngressClass", class)
	assert.False(t, found, "classes have no namespace: another release has one of its own")
	assert.Empty(t, rendered(t, alb(`hosts: []`)).Kind("IngressClass"), "the controller brings its own")
}
