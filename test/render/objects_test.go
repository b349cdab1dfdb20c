// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/istio-aws/istio-aws/internal/render"
)

func TestNothingIsInFrontOfTheMeshByDefault(t *testing.T) {
	release := rendered(t)
	for _, kind := range []string{"Ingress", "Gateway", "VirtualService", "ServiceAccountList"} {
		assert.Empty(t, release.Kind(kind), kind)
	}
	assert.Empty(t, ours(t, release))
	assert.Contains(t, release.Notes, "none is enabled")
}

// The instance preset: what a check of the node port of status-port needs is in the Service.
func TestInstanceTargetsAreCheckedOnTheNodePortOfStatusPort(t *testing.T) {
	release := preset(t, "three-gateways")
	for name, want := range map[string]int32{"istio-ingressgateway-alb": 30621, "istio-ingressgateway-ext-alb": 30622} {
		service, err := render.Get[corev1.Service](release, "Service", name)
		require.NoError(t, err)
		assert.Equal(t, corev1.ServiceTypeNodePort, service.Spec.Type)
		assert.Equal(t, want, service.Spec.Ports[0].NodePort)
		assert.Equal(t, "instance", service.Annotations["alb.ingress.kubernetes.io/target-type"])
		deployment, err := render.Get[appsv1.Deployment](release, "Deployment", name)
		require.NoError(t, err)
		assert.Equal(t, name[len("istio-"):], deployment.Spec.Template.Labels["istio"])
		resources := deployment.Spec.Template.Spec.Containers[0].Resources
		assert.Equal(t, "100m 128Mi 2 1Gi", resources.Requests.Cpu().String()+" "+resources.Requests.Memory().String()+" "+resources.Limits.Cpu().String()+" "+resources.Limits.Memory().String())
		scaler, found := release.Find("HorizontalPodAutoscaler", name)
		require.True(t, found)
		assert.Contains(t, text(t, scaler.Object["spec"]), `"maxReplicas":2`)
		assert.Contains(t, text(t, scaler.Object["spec"]), `"minReplicas":1`)
	}
}

func TestNodesStayOpenToLoadBalancersWithOwnSecurityGroups(t *testing.T) {
	release := rendered(t, alb(`securityGroups: [sg-0123]`), nlb(`securityGroups: [sg-0123]`))
	ingress, err := render.Get[networkingv1.Ingress](release, "Ingress", "alb-public")
	require.NoError(t, err)
	assert.Equal(t, "true", ingress.Annotations["alb.ingress.kubernetes.io/manage-backend-security-group-rules"])
	service, err := render.Get[corev1.Service](release, "Service", "istio-ingress-nlb-internal")
	require.NoError(t, err)
	assert.Equal(t, "true", service.Annotations["service.beta.kubernetes.io/aws-load-balancer-manage-backend-security-group-rules"])
}

func TestGatewayKeepsIstiosPodAnnotationsBesideOurs(t *testing.T) {
	deployment, err := render.Get[appsv1.Deployment](rendered(t, alb(`hosts: []`)), "Deployment", "istio-ingress-alb-public")
	require.NoError(t, err)
	annotations := deployment.Spec.Template.Annotations
	assert.Equal(t, "gateway", annotations["inject.istio.io/templates"])
	assert.Equal(t, "15020", annotations["prometheus.io/port"])
	assert.Contains(t, annotations["proxy.istio.io/config"], "numTrustedProxies: 1")
}

// More gateways beside an Istio that is there: a second release, in another namespace, without base and istiod.
func TestSecondReleaseHasNothingThatTheFirstOwns(t *testing.T) {
	release, err := chart(t).Render(render.Options{Release: "edge", Namespace: "edge", Values: []string{`{base: {enabled: false}, istiod: {enabled: false}, loadBalancers: {albPublic: {enabled: true}}}`}})
	require.NoError(t, err)
	for _, object := range release.Objects {
		if object.GetKind() != "ServiceAccountList" {
			assert.Equal(t, "edge", object.GetNamespace(), "%s %s", object.GetKind(), object.GetName())
		}
		assert.NotEqual(t, "PeerAuthentication", object.GetKind())
	}
	gateway, found := release.Find("Gateway", "alb-public")
	require.True(t, found)
	assert.Contains(t, text(t, gateway.Object["spec"]), `"app.kubernetes.io/instance":"edge"`, "the first release's gateway of the same name is not selected")
}
