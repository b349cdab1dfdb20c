// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

func TestAMisspeltKindIsNoAnswer(t *testing.T) {
	for _, c := range []struct{ name, apiVersion, kind, cure string }{
		{"a letter too few", "networking.k8s.io/v1", "Ingres", "write apiVersion: networking.k8s.io/v1 and kind: Ingress"},
		{"two letters changed", "v1", "Serivce", "write apiVersion: v1 and kind: Service"},
		{"lower case", "v1", "service", "write apiVersion: v1 and kind: Service"},
		{"another group of Kubernetes", "v1", "Ingress", "write apiVersion: networking.k8s.io/v1 and kind: Ingress"},
		{"a group that is nearly one", "networking.k8s.oi/v1", "Ingress", "write apiVersion: networking.k8s.io/v1 and kind: Ingress"},
		{"a version that is gone", "extensions/v1beta1", "Ingress", "write apiVersion: networking.k8s.io/v1 and kind: Ingress"},
		{"another that is gone", "networking.k8s.io/v1beta1", "Ingress", "write apiVersion: networking.k8s.io/v1 and kind: Ingress"},
		{"the controller's own", "elbv2.k8s.aws/v1beta1", "IngressClassParam", "write apiVersion: elbv2.k8s.aws/v1beta1 and kind: IngressClassParams"},
		{"a version to come", "elbv2.k8s.aws/v2", "TargetGroupBinding", "write apiVersion: elbv2.k8s.aws/v1beta1 and kind: TargetGroupBinding"},
		{"no version at all", "a/b/c", "Ingress", `apiVersion "a/b/c" is none`},
	} {
		t.Run(c.name, func(t *testing.T) {
			objects, err := manifest.Read("a.yaml", strings.NewReader("# Source: shop/templates/a.yaml\napiVersion: "+c.apiVersion+"\nkind: "+c.kind+"\nmetadata: {name: a}\n"))
			require.NoError(t, err)
			_, err = planner.Make(t.Context(), objects, planner.Options{})
			require.ErrorContains(t, err, "a.yaml, document 1 (line 1, from shop/templates/a.yaml): ")
			assert.ErrorContains(t, err, c.cure)
		})
	}
}

func TestKindsThatAreNotMeantAreLeftAlone(t *testing.T) {
	for _, kind := range []string{
		"serving.knative.dev/v1 Service", "v1 ServiceAccount", "networking.istio.io/v1 ServiceEntry", "gateway.networking.k8s.io/v1 Gateway",
		"configuration.konghq.com/v1 KongIngress", "networking.k8s.io/v1 NetworkPolicy", "events.k8s.io/v1 Event", "v1 KindOfTomorrow",
	} {
		version, name, _ := strings.Cut(kind, " ")
		p := plan(t, "apiVersion: "+version+"\nkind: "+name+"\nmetadata: {name: a}\n", planner.Options{})
		assert.Empty(t, p.Rejections, kind)
		assert.Empty(t, p.Warnings, kind)
	}
}

func TestAllThatHasNoPlaceInAPlanIsNamedAtOnce(t *testing.T) {
	objects, err := manifest.Read("a.yaml", strings.NewReader(nlb()+"---\n"+nlb()+"---\n"+strings.Replace(nlb(), "kind: Service", "kind: Servise", 1)))
	require.NoError(t, err)
	_, err = planner.Make(t.Context(), objects, planner.Options{})
	assert.ErrorContains(t, err, "Service default/tcp is given twice")
	assert.ErrorContains(t, err, `no kind "Servise" in v1`)
}

func TestTargetGroupBindings(t *testing.T) {
	const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/0123456789abcdef"
	binding := func(spec string) string {
		return services + "apiVersion: elbv2.k8s.aws/v1beta1\nkind: TargetGroupBinding\nmetadata: {name: b}\nspec: {" + spec + "}\n"
	}
	for _, c := range []struct{ name, spec, warning string }{
		{"one that is complete", "targetGroupARN: " + arn + ", serviceRef: {name: web, port: http}", "targets of Service default/web, port http, are registered in target group " + arn + ", which was made elsewhere and is not planned"},
		{"by name and number", "targetGroupName: shop, serviceRef: {name: web, port: 80}", "port 80, are registered in target group shop, "},
		{"a Service that is missing", "targetGroupName: shop, serviceRef: {name: gone, port: 80}", "Service default/gone is not among the manifests"},
		{"a port that is missing", "targetGroupName: shop, serviceRef: {name: web, port: 81}", "Service default/web has no port 81: no targets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, binding(c.spec), planner.Options{})
			assert.Empty(t, p.Rejections)
			require.Len(t, p.Warnings, 1)
			assert.Equal(t, "TargetGroupBinding default/b", p.Warnings[0].Object)
			assert.Contains(t, p.Warnings[0].Message, c.warning)
		})
	}
	for spec, message := range map[string]string{
		"serviceRef: {name: web, port: 80}":            "must provide either TargetGroupARN or TargetGroupName",
		"targetGroupName: shop, serviceRef: {port: 1}": "spec.serviceRef.name: Required value",
		"targetGroupName: shop, serviceRef: {name: a}": "spec.serviceRef.port: Required value",
	} {
		r := rejection(t, binding(spec))
		assert.Equal(t, "TargetGroupBinding default/b", r.Object)
		assert.Equal(t, "admission", r.Stage)
		assert.Contains(t, r.Message, message)
	}
}
