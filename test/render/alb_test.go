// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/istio-aws/istio-aws/internal/render"
)

const albPrefix = "alb.ingress.kubernetes.io/"

// ingressOf is an Ingress of rendered values.
func ingressOf(t *testing.T, release *render.Release, name string) networkingv1.Ingress {
	t.Helper()
	ingress, err := render.Get[networkingv1.Ingress](release, "Ingress", name)
	require.NoError(t, err)
	return ingress
}

func serviceOf(t *testing.T, release *render.Release, name string) corev1.Service {
	t.Helper()
	service, err := render.Get[corev1.Service](release, "Service", name)
	require.NoError(t, err)
	return service
}

// named are the controller's annotations of these names, without prefix.
func named(annotations map[string]string, names ...string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		if value, ok := annotations[albPrefix+name]; ok {
			out[name] = value
		}
	}
	return out
}

// attributesOf reads an annotation of the form "a=1,b=2".
func attributesOf(annotations map[string]string, name string) map[string]string {
	out := map[string]string{}
	for _, pair := range strings.Split(annotations[albPrefix+name], ",") {
		key, value, _ := strings.Cut(pair, "=")
		out[key] = value
	}
	return out
}

// backends are the rules of an Ingress in their order: "<host><path> → <Service>:<port>".
func backends(ingress networkingv1.Ingress) []string {
	var out []string
	for _, rule := range ingress.Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			out = append(out, rule.Host+path.Path+" → "+path.Backend.Service.Name+":"+path.Backend.Service.Port.Name)
		}
	}
	return out
}

func TestApplicationLoadBalancer(t *testing.T) {
	release := preset(t, "alb-public")
	ingress := ingressOf(t, release, "alb-public")
	assert.Equal(t, map[string]string{
		albPrefix + "load-balancer-name": "metashare",
		albPrefix + "scheme":             "internet-facing",
		albPrefix + "listen-ports":       `[{"HTTP":80},{"HTTPS":443}]`,
		albPrefix + "certificate-arn":    certificate,
		albPrefix + "ssl-policy":         "ELBSecurityPolicy-TLS13-1-2-2021-06",
		albPrefix + "ssl-redirect":       "443",
		albPrefix + "tags":               "Stage=test,Team=Metashare",
		albPrefix + "load-balancer-attributes": "access_logs.s3.enabled=false,deletion_protection.enabled=false,idle_timeout.timeout_seconds=60," +
			"routing.http.drop_invalid_header_fields.enabled=false,routing.http.xff_header_processing.mode=append",
	}, ingress.Annotations)
	assert.Contains(t, release.Notes, "kubectl -n istio-system get ingress alb-public -o jsonpath=")
	assert.Equal(t, "alb", *ingress.Spec.IngressClassName)
	assert.Equal(t, []string{"*.example.com/ → istio-ingress-alb-public:http2", "example.com/ → istio-ingress-alb-public:http2"}, backends(ingress),
		"other hosts get the ALB's own 404")
	service := serviceOf(t, release, "istio-ingress-alb-public")
	assert.Equal(t, corev1.ServiceTypeClusterIP, service.Spec.Type)
	assert.Equal(t, map[string]string{
		albPrefix + "target-type":                  "ip",
		albPrefix + "backend-protocol":             "HTTP",
		albPrefix + "backend-protocol-version":     "HTTP1",
		albPrefix + "healthcheck-protocol":         "HTTP",
		albPrefix + "healthcheck-port":             "status-port",
		albPrefix + "healthcheck-path":             "/healthz/ready",
		albPrefix + "success-codes":                "200",
		albPrefix + "healthcheck-interval-seconds": "15",
		albPrefix + "healthcheck-timeout-seconds":  "5",
		albPrefix + "healthy-threshold-count":      "2",
		albPrefix + "unhealthy-threshold-count":    "2",
		albPrefix + "target-group-attributes":      "deregistration_delay.timeout_seconds=30,load_balancing.algorithm.type=round_robin,slow_start.duration_seconds=0,stickiness.enabled=false",
	}, service.Annotations)
}

func TestOptionalAnnotationsOfAnALB(t *testing.T) {
	annotations := ingressOf(t, rendered(t, alb(`ipAddressType: dualstack, inboundCIDRs: [10.0.0.0/8, "2001:db8::/32"], prefixLists: [pl-12345678], subnets: [a, b],
  tags: {Cost centre: 47/11=a}, waf: {webACLArn: none}, shieldAdvanced: false, accessLogs: {bucket: logs, prefix: shop}, xForwardedFor: remove, dropInvalidHeaders: true,
  deletionProtection: true, idleTimeoutSeconds: 4000, attributes: {client_keep_alive.seconds: "600"}, annotations: {alb.ingress.kubernetes.io/ipam-ipv4-pool-id: ipam-pool-0123, example.com/x: "1"}`)), "alb-public").Annotations
	assert.Equal(t, map[string]string{
		"ip-address-type":             "dualstack",
		"inbound-cidrs":               "10.0.0.0/8,2001:db8::/32",
		"security-group-prefix-lists": "pl-12345678",
		"subnets":                     "a,b",
		"tags":                        "Cost centre=47/11=a",
		"wafv2-acl-arn":               "none",
		"shield-advanced-protection":  "false",
		"ipam-ipv4-pool-id":           "ipam-pool-0123",
	}, named(annotations, "ip-address-type", "inbound-cidrs", "security-group-prefix-lists", "subnets", "tags", "wafv2-acl-arn", "shield-advanced-protection", "ipam-ipv4-pool-id"))
	assert.Equal(t, "1", annotations["example.com/x"])
	escaped := ingressOf(t, rendered(t, alb(`accessLogs: {bucket: logs, prefix: 'a\b,c'}`)), "alb-public").Annotations
	assert.Contains(t, escaped[albPrefix+"load-balancer-attributes"], `access_logs.s3.prefix=a\\b\,c`)
	assert.Equal(t, map[string]string{
		"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs", "access_logs.s3.prefix": "shop", "deletion_protection.enabled": "true",
		"idle_timeout.timeout_seconds": "4000", "client_keep_alive.seconds": "600",
		"routing.http.drop_invalid_header_fields.enabled": "true", "routing.http.xff_header_processing.mode": "remove",
	}, attributesOf(annotations, "load-balancer-attributes"))
}

// The controller leaves alone what it is not told, so in a group too the gateway's Ingress says all that values can set. It says nothing else:
// the controller freezes a whole group when two members disagree.
func TestAnIngressOfASharedGroupSwitchesOffWhatWasOn(t *testing.T) {
	off := map[string]string{"idle_timeout.timeout_seconds": "60", "routing.http.xff_header_processing.mode": "append",
		"routing.http.drop_invalid_header_fields.enabled": "false", "deletion_protection.enabled": "false", "access_logs.s3.enabled": "false"}
	quiet := ingressOf(t, rendered(t, alb(`group: {name: shared, order: -5}`)), "alb-public").Annotations
	assert.Equal(t, map[string]string{"group.name": "shared", "group.order": "-5"}, named(quiet, "group.name", "group.order", "ip-address-type"))
	assert.Equal(t, off, attributesOf(quiet, "load-balancer-attributes"))

	release := rendered(t, alb(`group: {name: shared}, idleTimeoutSeconds: 120, deletionProtection: true, ingresses: [{name: a}]`))
	loud := maps.Clone(off)
	loud["idle_timeout.timeout_seconds"], loud["deletion_protection.enabled"] = "120", "true"
	assert.Equal(t, loud, attributesOf(ingressOf(t, release, "alb-public").Annotations, "load-balancer-attributes"))
	assert.NotContains(t, ingressOf(t, release, "alb-public-a").Annotations, albPrefix+"load-balancer-attributes")
}

func TestSecurityGroupsOfAnALB(t *testing.T) {
	for keys, want := range map[string]string{``: "true", `, manageBackendRules: false`: "false"} {
		annotations := ingressOf(t, rendered(t, alb(`securityGroups: [sg-0123, edge]`+keys)), "alb-public").Annotations
		assert.Equal(t, map[string]string{"security-groups": "sg-0123,edge", "manage-backend-security-group-rules": want},
			named(annotations, "security-groups", "manage-backend-security-group-rules"))
	}
}

func TestListenersOfAnALB(t *testing.T) {
	listeners := func(keys string) map[string]string {
		return named(ingressOf(t, rendered(t, alb(keys)), "alb-public").Annotations,
			"listen-ports", "ssl-redirect", "ssl-policy", "certificate-arn", "listener-attributes.HTTPS-8443", "mutual-authentication")
	}
	assert.Equal(t, map[string]string{"listen-ports": `[{"HTTP":80}]`}, listeners(`hosts: []`))
	assert.Equal(t, map[string]string{
		"listen-ports": `[{"HTTP":8080},{"HTTPS":8443},{"HTTPS":9443}]`, "ssl-redirect": "8443", "ssl-policy": "ELBSecurityPolicy-2016-08", "certificate-arn": certificate,
		"listener-attributes.HTTPS-8443": `routing.http.response.server.enabled=false,routing.http.response.strict_transport_security.header_value=max-age=60\,a`,
		"mutual-authentication":          `[{"mode":"passthrough","port":8443},{"mode":"passthrough","port":9443}]`,
	}, listeners(`tls: {certificateArns: [`+certificate+`], policy: ELBSecurityPolicy-2016-08, clientCertificates: {mode: passthrough}}, listeners: [{protocol: HTTP, port: 8080}, {protocol: HTTPS, port: 8443,
    attributes: {routing.http.response.server.enabled: "false", routing.http.response.strict_transport_security.header_value: "max-age=60,a"}}, {protocol: HTTPS, port: 9443}]`))
	assert.NotContains(t, listeners(`tls: {redirectHTTP: false, certificateArns: [`+certificate+`]}`), "ssl-redirect")
	assert.NotContains(t, listeners(https+`, listeners: [{protocol: HTTPS, port: 443}]`), "ssl-redirect", "there is no HTTP to redirect")

	discovered := listeners(`hosts: [a.example.com], tls: {discoverCertificates: true}`)
	assert.Equal(t, `[{"HTTP":80},{"HTTPS":443}]`, discovered["listen-ports"])
	assert.NotContains(t, discovered, "certificate-arn")

	client := func(keys string) string {
		return listeners(`tls: {certificateArns: [` + certificate + `], clientCertificates: {` + keys + `}}`)["mutual-authentication"]
	}
	assert.JSONEq(t, `[{"port":443,"mode":"verify","trustStore":"clients","ignoreClientCertificateExpiry":true,"advertiseTrustStoreCaNames":"on"}]`,
		client(`mode: verify, trustStore: clients, ignoreExpiry: true, advertiseAuthorities: true`))
	assert.JSONEq(t, `[{"port":443,"mode":"off"}]`, client(`mode: disable`))
	assert.Empty(t, client(`mode: none`))
}

func TestTargetGroupOfAnALB(t *testing.T) {
	service := serviceOf(t, rendered(t, alb(https+`, targetType: instance, statusNodePort: 30001, targetNodeLabels: {edge: "true", zone: a}, algorithm: weighted_random, deregistrationDelaySeconds: 20,
  backend: {protocol: HTTPS, secret: tls, targetPort: 8443, nodePort: 30443}, healthCheck: {through: data, successCodes: "200-299,404", intervalSeconds: 10, timeoutSeconds: 9, healthyThreshold: 3, unhealthyThreshold: 4},
  stickiness: {enabled: true, durationSeconds: 60, applicationCookie: session}, targetGroupAttributes: {load_balancing.algorithm.anomaly_mitigation: "on"}`)), "istio-ingress-alb-public")
	assert.Equal(t, map[string]string{
		"target-type": "instance", "target-node-labels": "edge=true,zone=a", "backend-protocol": "HTTPS", "healthcheck-protocol": "HTTPS", "healthcheck-port": "traffic-port",
		"healthcheck-path": "/healthz/ready", "success-codes": "200-299,404", "healthcheck-interval-seconds": "10", "healthcheck-timeout-seconds": "9",
		"healthy-threshold-count": "3", "unhealthy-threshold-count": "4",
	}, named(service.Annotations, "target-type", "target-node-labels", "backend-protocol", "healthcheck-protocol", "healthcheck-port", "healthcheck-path", "success-codes",
		"healthcheck-interval-seconds", "healthcheck-timeout-seconds", "healthy-threshold-count", "unhealthy-threshold-count"))
	assert.Equal(t, map[string]string{
		"deregistration_delay.timeout_seconds": "20", "slow_start.duration_seconds": "0", "load_balancing.algorithm.type": "weighted_random",
		"load_balancing.algorithm.anomaly_mitigation": "on", "stickiness.enabled": "true", "stickiness.type": "app_cookie",
		"stickiness.app_cookie.cookie_name": "session", "stickiness.app_cookie.duration_seconds": "60",
	}, attributesOf(service.Annotations, "target-group-attributes"))
	assert.Equal(t, corev1.ServiceTypeNodePort, service.Spec.Type)
	assert.Equal(t, "https", service.Spec.Ports[1].Name, "what is spoken on it")
	assert.Equal(t, []int32{8443, 30443, 30001}, []int32{service.Spec.Ports[1].TargetPort.IntVal, service.Spec.Ports[1].NodePort, service.Spec.Ports[0].NodePort})

	grpc := serviceOf(t, rendered(t, alb(https+`, backend: {version: GRPC}, healthCheck: {through: data}`)), "istio-ingress-alb-public").Annotations
	assert.Equal(t, map[string]string{"backend-protocol-version": "GRPC", "healthcheck-path": "/AWS.ALB/healthcheck", "success-codes": "0-99", "healthcheck-port": "traffic-port"},
		named(grpc, "backend-protocol-version", "healthcheck-path", "success-codes", "healthcheck-port"))
	cookie := serviceOf(t, rendered(t, alb(`stickiness: {enabled: true}, slowStartSeconds: 30`)), "istio-ingress-alb-public").Annotations
	assert.Equal(t, map[string]string{"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "86400",
		"deregistration_delay.timeout_seconds": "30", "slow_start.duration_seconds": "30", "load_balancing.algorithm.type": "round_robin"}, attributesOf(cookie, "target-group-attributes"))
}

func TestAnNLBInFrontOfAnALB(t *testing.T) {
	front := func(values string) map[string]string {
		annotations := ingressOf(t, rendered(t, values), "alb-public").Annotations
		maps.DeleteFunc(annotations, func(name, _ string) bool { return !strings.Contains(name, "frontend-nlb") })
		return annotations
	}
	assert.Empty(t, front(alb(`hosts: []`)))
	assert.Equal(t, map[string]string{
		albPrefix + "enable-frontend-nlb": "true", albPrefix + "frontend-nlb-scheme": "internet-facing", albPrefix + "frontend-nlb-subnets": "a,b",
		albPrefix + "frontend-nlb-eip-allocations": "eipalloc-12345678,eipalloc-87654321", albPrefix + "frontend-nlb-security-groups": "sg-0123",
		albPrefix + "frontend-nlb-listener-port-mapping": "443=443,8443=443", albPrefix + "frontend-nlb-tags": "A=b",
		albPrefix + "frontend-nlb-healthcheck-protocol": "HTTP", albPrefix + "frontend-nlb-healthcheck-port": "80", albPrefix + "frontend-nlb-healthcheck-success-codes": "200-499",
	}, front(alb(https+`, subnets: [a, b], frontendNLB: {enabled: true, eipAllocations: [eipalloc-12345678, eipalloc-87654321], securityGroups: [sg-0123], ports: {"443": 443, "8443": 443}, tags: {A: b}}`)))
	assert.Equal(t, map[string]string{
		albPrefix + "enable-frontend-nlb": "true", albPrefix + "frontend-nlb-scheme": "internet-facing", albPrefix + "frontend-nlb-subnets": "c",
		albPrefix + "frontend-nlb-healthcheck-protocol": "HTTPS", albPrefix + "frontend-nlb-healthcheck-success-codes": "200-499",
	}, front(alb(https+`, listeners: [{protocol: HTTPS, port: 443}], subnets: [a, b], frontendNLB: {enabled: true, subnets: [c]}`)))
}

func TestCommonAnnotationsAreOnAllObjectsOfAnALB(t *testing.T) {
	const own = `commonAnnotations: {example.com/owner: edge}, `
	for _, values := range []string{
		`{` + own + `controller: eks-auto-mode, ` + alb(`group: {name: g}, ingresses: [{name: a}]`) + `}`,
		`{` + own + alb(`managedBy: none, backend: {targetGroupARN: "`+group+`"}`) + `}`,
	} {
		for _, object := range rendered(t, values).Objects {
			if slices.Contains([]string{"Ingress", "IngressClass", "IngressClassParams", "TargetGroupBinding"}, object.GetKind()) || strings.HasPrefix(object.GetName(), "istio-ingress-alb-public") && object.GetKind() == "Service" {
				assert.Equal(t, "edge", object.GetAnnotations()["example.com/owner"], "%s %s", object.GetKind(), object.GetName())
			}
		}
	}
}
