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
	assert.Contains(t, release.Notes, "No gateway is enabled")
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

func TestNetworkLoadBalancer(t *testing.T) {
	release := preset(t, "three-gateways")
	service, err := render.Get[corev1.Service](release, "Service", "istio-ingressgateway")
	require.NoError(t, err)
	assert.Equal(t, "service.k8s.aws/nlb", *service.Spec.LoadBalancerClass)
	assert.False(t, *service.Spec.AllocateLoadBalancerNodePorts, "ip targets need no node ports")
	assert.Equal(t, []string{"10.0.0.0/8", "172.16.0.0/12"}, service.Spec.LoadBalancerSourceRanges)
	const prefix = "service.beta.kubernetes.io/aws-load-balancer-"
	assert.Equal(t, map[string]string{
		prefix + "name":                            "istio-ingress-nlb",
		prefix + "scheme":                          "internal",
		prefix + "nlb-target-type":                 "ip",
		prefix + "ssl-cert":                        "arn:aws:acm:eu-west-1:111122223333:certificate/66666666-7777-8888-9999-000000000000",
		prefix + "ssl-ports":                       "https",
		prefix + "ssl-negotiation-policy":          "ELBSecurityPolicy-2016-08",
		prefix + "healthcheck-protocol":            "http",
		prefix + "healthcheck-port":                "status-port",
		prefix + "healthcheck-path":                "/healthz/ready",
		prefix + "healthcheck-interval":            "10",
		prefix + "healthcheck-timeout":             "6",
		prefix + "healthcheck-healthy-threshold":   "2",
		prefix + "healthcheck-unhealthy-threshold": "2",
		prefix + "attributes":                      "load_balancing.cross_zone.enabled=true",
		prefix + "target-group-attributes":         "deregistration_delay.timeout_seconds=30",
	}, service.Annotations)

	instance, err := render.Get[corev1.Service](rendered(t, nlb(`targetType: instance, statusNodePort: 30001, ports: [{name: a, port: 80, targetPort: 8080, nodePort: 30080}]`)), "Service", "istio-ingress-nlb-internal")
	require.NoError(t, err)
	assert.True(t, *instance.Spec.AllocateLoadBalancerNodePorts)
	assert.Equal(t, int32(30001), instance.Spec.Ports[0].NodePort)
	assert.Equal(t, int32(30080), instance.Spec.Ports[1].NodePort)
}

func TestApplicationLoadBalancer(t *testing.T) {
	release := preset(t, "alb-public")
	ingress, err := render.Get[networkingv1.Ingress](release, "Ingress", "alb-public")
	require.NoError(t, err)
	const prefix = "alb.ingress.kubernetes.io/"
	assert.Equal(t, map[string]string{
		prefix + "load-balancer-name":       "metashare",
		prefix + "scheme":                   "internet-facing",
		prefix + "listen-ports":             `[{"HTTP":80},{"HTTPS":443}]`,
		prefix + "certificate-arn":          certificate,
		prefix + "ssl-policy":               "ELBSecurityPolicy-TLS13-1-2-2021-06",
		prefix + "ssl-redirect":             "443",
		prefix + "tags":                     "Stage=test,Team=Metashare",
		prefix + "load-balancer-attributes": "idle_timeout.timeout_seconds=60",
	}, ingress.Annotations)
	assert.Contains(t, release.Notes, "kubectl -n istio-system get ingress alb-public -o jsonpath=")
	var hosts []string
	for _, rule := range ingress.Spec.Rules {
		hosts = append(hosts, rule.Host)
	}
	assert.Equal(t, []string{"*.example.com", "example.com"}, hosts, "other hosts get the ALB's own 404")
	service, err := render.Get[corev1.Service](release, "Service", "istio-ingress-alb-public")
	require.NoError(t, err)
	assert.Equal(t, corev1.ServiceTypeClusterIP, service.Spec.Type)
	assert.Equal(t, map[string]string{
		prefix + "target-type":                  "ip",
		prefix + "healthcheck-protocol":         "HTTP",
		prefix + "healthcheck-port":             "status-port",
		prefix + "healthcheck-path":             "/healthz/ready",
		prefix + "success-codes":                "200",
		prefix + "healthcheck-interval-seconds": "15",
		prefix + "healthcheck-timeout-seconds":  "5",
		prefix + "healthy-threshold-count":      "2",
		prefix + "unhealthy-threshold-count":    "2",
		prefix + "target-group-attributes":      "deregistration_delay.timeout_seconds=30",
	}, service.Annotations)
}

func TestOptionalAnnotationsOfAnALB(t *testing.T) {
	ingress, err := render.Get[networkingv1.Ingress](rendered(t, alb(`group: {name: shared, order: -5}, inboundCIDRs: [10.0.0.0/8, "2001:db8::/32"], subnets: [a, b],
  tags: {Path: 'a\b,c'}, attributes: {deletion_protection.enabled: "true"}, annotations: {alb.ingress.kubernetes.io/wafv2-acl-arn: arn, example.com/x: "1"}`)), "Ingress", "alb-public")
	require.NoError(t, err)
	const prefix = "alb.ingress.kubernetes.io/"
	assert.Equal(t, map[string]string{
		prefix + "scheme":                   "internet-facing",
		prefix + "listen-ports":             `[{"HTTP":80}]`,
		prefix + "group.name":               "shared",
		prefix + "group.order":              "-5",
		prefix + "inbound-cidrs":            "10.0.0.0/8,2001:db8::/32",
		prefix + "subnets":                  "a,b",
		prefix + "tags":                     `Path=a\\b\,c`,
		prefix + "load-balancer-attributes": "deletion_protection.enabled=true,idle_timeout.timeout_seconds=60",
		prefix + "wafv2-acl-arn":            "arn",
		"example.com/x":                     "1",
	}, ingress.Annotations)
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

func TestRouteReachesOnlyTheGatewaysItNames(t *testing.T) {
	release := rendered(t, `{loadBalancers: {albPublic: {enabled: true}, albInternal: {enabled: true}}, routes: [
  {name: kiali, loadBalancers: [albInternal], hosts: [kiali.example.com], destination: {tls: DISABLE}, http: [
    {match: {prefix: /kiali}, to: [{host: kiali.istio-system.svc.cluster.local, port: 20001}]},
    {to: [{host: a.ns.svc.cluster.local, port: 80, weight: 90}, {host: b.ns.svc.cluster.local, port: 80, weight: 10}]}]}]}`)
	route, found := release.Find("VirtualService", "kiali")
	require.True(t, found)
	assert.JSONEq(t, `{"exportTo": ["."], "gateways": ["alb-internal"], "hosts": ["kiali.example.com"], "http": [
		{"match": [{"uri": {"prefix": "/kiali"}}], "route": [{"destination": {"host": "kiali.istio-system.svc.cluster.local", "port": {"number": 20001}}}]},
		{"route": [{"destination": {"host": "a.ns.svc.cluster.local", "port": {"number": 80}}, "weight": 90}, {"destination": {"host": "b.ns.svc.cluster.local", "port": {"number": 80}}, "weight": 10}]}]}`,
		text(t, route.Object["spec"]))
	rules := release.Kind("DestinationRule")
	require.Len(t, rules, 3)
	assert.JSONEq(t, `{"exportTo": ["."], "host": "kiali.istio-system.svc.cluster.local", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}`, text(t, rules[2].Object["spec"]))
}

func TestMutualTLSIsMeshWideInTheRootNamespace(t *testing.T) {
	policy, found := rendered(t, `{mtls: {mode: PERMISSIVE}, istiod: {meshConfig: {rootNamespace: root}}}`).Find("PeerAuthentication", "default")
	require.True(t, found)
	assert.Equal(t, "root", policy.GetNamespace())
	assert.JSONEq(t, `{"mtls": {"mode": "PERMISSIVE"}}`, text(t, policy.Object["spec"]))
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
