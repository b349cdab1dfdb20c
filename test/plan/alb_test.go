// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	lb "github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/plan"
	"github.com/istio-aws/istio-aws/internal/render"
)

const (
	albCertificate = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
	https          = "tls: {certificateArns: [" + albCertificate + "]}"
)

// What the cluster has besides the release: the client of an OpenID Connect provider, an application, and the Services of a second
// release's gateway.
const surroundings = `
---
{apiVersion: v1, kind: Secret, metadata: {name: client, namespace: istio-system}, data: {clientID: YQ==, clientSecret: Yg==}}
---
{apiVersion: v1, kind: Service, metadata: {name: legacy, namespace: istio-system, annotations: {alb.ingress.kubernetes.io/target-type: ip}}, spec: {selector: {app: legacy}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: blue, namespace: istio-system, annotations: {alb.ingress.kubernetes.io/target-type: ip, alb.ingress.kubernetes.io/healthcheck-path: /blue}}, spec: {selector: {app: blue}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: blue-grpc, namespace: istio-system, annotations: {alb.ingress.kubernetes.io/target-type: ip, alb.ingress.kubernetes.io/backend-protocol-version: GRPC}}, spec: {selector: {app: blue}, ports: [{port: 80}]}}
`

// albManifest renders values with one public ALB.
func albManifest(t *testing.T, keys string, more ...string) string {
	t.Helper()
	values := append([]string{"loadBalancers: {albPublic: {enabled: true, " + keys + "}}", "{base: {enabled: false}, istiod: {enabled: false}}"}, more...)
	return rendered(t, render.Options{Values: values}).Manifest
}

// builtFrom are the load balancers of manifests and the surroundings; nothing may be rejected or surprising.
func builtFrom(t *testing.T, manifest string) []lb.LoadBalancer {
	t.Helper()
	p, err := plan.Make(t.Context(), elbsim, manifest+surroundings)
	require.NoError(t, err)
	require.Empty(t, p.Rejections)
	require.Empty(t, p.Warnings)
	return p.LoadBalancers
}

func albOf(t *testing.T, keys string, more ...string) lb.LoadBalancer {
	t.Helper()
	all := builtFrom(t, albManifest(t, keys, more...))
	require.Len(t, all, 1)
	return all[0]
}

// said is an action or a rule's conditions in one word each, for rules to be read in a list.
func said(actions []lb.Action) string {
	var words []string
	for _, a := range actions {
		switch {
		case a.Redirect != nil:
			words = append(words, fmt.Sprintf("%d %s://%s:%s%s?%s", a.Redirect.StatusCode, a.Redirect.Protocol, a.Redirect.Host, a.Redirect.Port, a.Redirect.Path, a.Redirect.Query))
		case a.FixedResponse != nil:
			words = append(words, fmt.Sprintf("%d %s", a.FixedResponse.StatusCode, a.FixedResponse.Body))
		case len(a.Forward) > 0:
			for _, w := range a.Forward {
				words = append(words, fmt.Sprintf("%d×%s", w.Weight, strings.TrimPrefix(w.TargetGroup, "istio-system/")))
			}
			if a.StickySeconds > 0 {
				words = append(words, fmt.Sprintf("sticky %d", a.StickySeconds))
			}
		default:
			words = append(words, a.Type)
		}
	}
	return strings.Join(words, " ")
}

func rulesOf(l lb.Listener) []string {
	var out []string
	for _, r := range l.Rules {
		var words []string
		for _, c := range r.Conditions {
			words = append(words, strings.Join(append(append(c.Values, c.Regex...), pairs(c.Query)...), "|"))
		}
		for _, x := range r.Transforms {
			words = append(words, x.Rewrites[0].Regex+"→"+x.Rewrites[0].Replace)
		}
		out = append(out, strings.Join(words, " ")+" ⇒ "+said(r.Actions))
	}
	return out
}

func pairs(query []lb.QueryPair) []string {
	var out []string
	for _, q := range query {
		out = append(out, q.Key+"="+q.Value)
	}
	return out
}

func TestActionsThenFurtherIngressesThenTheGateway(t *testing.T) {
	const actions = `actions: [
  {name: closed, hosts: [a.example.com], paths: [/checkout], conditions: {headers: {X-Stage: ["green*"]}, sourceIPs: [10.0.0.0/8]}, fixedResponse: {statusCode: 503, body: back soon}},
  {name: www, hosts: [www.example.com], redirect: {statusCode: 301, protocol: HTTPS, host: shop.example.com, port: "443", path: "/new/#{path}", query: "#{query}&a=b"}},
  {name: legacy, paths: [/v1], conditions: {methods: [GET], query: {v: ["1"]}}, forward: {to: [{service: legacy, port: 80, weight: 3}, {service: istio-ingress-alb-public, port: 80, weight: 1}], stickinessSeconds: 60},
    transforms: {url: [{regex: "^/v1/(.*)$", replace: "/$1"}]}},
  {name: old, conditions: {hostRegex: ["^old[.]"], pathRegex: ["^/[0-9]+$"], headerRegex: {X-A: ["^b"]}}, fixedResponse: {statusCode: 410}}]`
	ahead := []string{
		"green* 10.0.0.0/8 a.example.com /checkout|/checkout/* ⇒ 503 back soon",
		"www.example.com ⇒ 301 HTTPS://shop.example.com:443/new/#{path}?#{query}&a=b",
	}

	alone := albOf(t, https+`, hosts: ["*.example.com"], `+actions)
	require.Len(t, alone.Listeners, 2)
	assert.Equal(t, "301 HTTPS://:443?", said(alone.Listeners[0].DefaultActions))
	assert.Empty(t, alone.Listeners[0].Rules)
	assert.Equal(t, append(ahead,
		"GET v=1 *.example.com /v1|/v1/* ^/v1/(.*)$→/$1 ⇒ 3×legacy:80 1×istio-ingress-alb-public:80 sticky 60",
		"^b ^old[.] ^/[0-9]+$ ⇒ 410 ",
		"*.example.com /* ⇒ 1×istio-ingress-alb-public:http2",
	), rulesOf(alone.Listeners[1]))

	grouped := albOf(t, https+`, hosts: ["*.example.com"], group: {name: edge, order: 5}, defaultBackend: gateway, `+actions+`,
  ingresses: [{name: api, paths: [/api]}, {name: grpc, order: -10, hosts: [grpc.example.com], version: GRPC}]`)
	assert.Equal(t, "edge", grouped.Stack)
	assert.Equal(t, append(ahead,
		"GET v=1 *.example.com /v1|/v1/* ^/v1/(.*)$→/$1 ⇒ 3×alb-public-actions-legacy:80 1×alb-public-actions-istio-ingress-alb-public:80 sticky 60",
		"^b ^old[.] ^/[0-9]+$ ⇒ 410 ",
		"grpc.example.com /* ⇒ 1×alb-public-grpc-istio-ingress-alb-public-grpc:http2",
		"*.example.com /api|/api/* ⇒ 1×alb-public-api-istio-ingress-alb-public-api:http2",
		"*.example.com /* ⇒ 1×alb-public-istio-ingress-alb-public:http2",
	), rulesOf(grouped.Listeners[1]))
	assert.Equal(t, "1×alb-public-istio-ingress-alb-public:http2", said(grouped.Listeners[1].DefaultActions))
	for _, group := range grouped.TargetGroups {
		if strings.Contains(group.Name, "grpc") {
			assert.Equal(t, "GRPC traffic-port /AWS.ALB/healthcheck 0-99", strings.Join([]string{group.ProtocolVersion, group.HealthCheck.Port, group.HealthCheck.Path, group.HealthCheck.Matcher}, " "))
		}
	}
}

func TestEverythingThatAnALBIs(t *testing.T) {
	got := albOf(t, `name: shop, ipAddressType: dualstack, inboundCIDRs: [10.0.0.0/8, "2001:db8::/32"], prefixLists: [pl-12345678], tags: {Team: a}, hosts: [a.example.com],
  listeners: [{protocol: HTTP, port: 8080}, {protocol: HTTPS, port: 8443, attributes: {routing.http.response.server.enabled: "false"}}],
  tls: {certificateArns: [`+albCertificate+`], redirectHTTP: false, policy: ELBSecurityPolicy-TLS13-1-3-2021-06, clientCertificates: {mode: passthrough}},
  targetType: instance, backend: {protocol: HTTPS, secret: tls, nodePort: 30443}, healthCheck: {through: data, successCodes: "200,204"}, algorithm: weighted_random,
  stickiness: {enabled: true, durationSeconds: 60, applicationCookie: session}, deregistrationDelaySeconds: 20, targetGroupAttributes: {load_balancing.algorithm.anomaly_mitigation: "on"},
  idleTimeoutSeconds: 120, xForwardedFor: preserve, dropInvalidHeaders: true, deletionProtection: true, accessLogs: {bucket: logs, prefix: shop}, attributes: {client_keep_alive.seconds: "600"},
  waf: {webACLArn: "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1"}, shieldAdvanced: true`)
	const target = "istio-system/istio-ingress-alb-public:https"
	rule := lb.Rule{Priority: 1, Conditions: []lb.Condition{{Field: "host-header", Values: []string{"a.example.com"}}, {Field: "path-pattern", Values: []string{"/*"}}}, Actions: forward(target)}
	var inbound []lb.InboundRule
	for _, port := range []int32{8080, 8443} {
		for _, source := range []string{"10.0.0.0/8", "2001:db8::/32", "pl-12345678"} {
			inbound = append(inbound, lb.InboundRule{Protocol: "tcp", FromPort: port, ToPort: port, Source: source})
		}
	}
	want := lb.LoadBalancer{
		Stack: "istio-system/alb-public", Name: "shop", Type: lb.Application, Scheme: "internet-facing", IPAddressType: "dualstack", Zones: zones,
		SecurityGroups: []lb.SecurityGroup{{Managed: true, Inbound: inbound}},
		Tags:           map[string]string{"Team": "a"},
		WebACL:         "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1",
		Attributes: map[string]string{
			"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs", "access_logs.s3.prefix": "shop", "client_keep_alive.seconds": "600", "deletion_protection.enabled": "true",
			"idle_timeout.timeout_seconds": "120", "routing.http.drop_invalid_header_fields.enabled": "true", "routing.http.xff_header_processing.mode": "preserve",
		},
		Listeners: []lb.Listener{
			{Port: 8080, Protocol: "HTTP", Rules: []lb.Rule{rule}, DefaultActions: notFound("")},
			{
				Port: 8443, Protocol: "HTTPS", Certificates: []string{albCertificate}, SSLPolicy: "ELBSecurityPolicy-TLS13-1-3-2021-06", MutualTLS: "passthrough",
				Attributes: map[string]string{"routing.http.response.server.enabled": "false"}, Rules: []lb.Rule{rule}, DefaultActions: notFound(""),
			},
		},
		TargetGroups: []lb.TargetGroup{{
			Name: target, TargetType: "instance", Protocol: "HTTPS", ProtocolVersion: "HTTP1", Port: 30443, Tags: map[string]string{"Team": "a"},
			HealthCheck: lb.HealthCheck{Protocol: "HTTPS", Port: "traffic-port", Path: "/healthz/ready", Matcher: "200,204", IntervalSeconds: 15, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 2},
			Attributes: map[string]string{
				"deregistration_delay.timeout_seconds": "20", "load_balancing.algorithm.type": "weighted_random", "load_balancing.algorithm.anomaly_mitigation": "on",
				"stickiness.enabled": "true", "stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "session", "stickiness.app_cookie.duration_seconds": "60",
			},
		}},
	}
	if d := plan.Diff([]lb.LoadBalancer{want}, []lb.LoadBalancer{got}); d != "" {
		t.Errorf("expected (-) and planned (+) load balancers differ:\n%s", d)
	}
}

func TestClientsAreCheckedAheadOfEveryRule(t *testing.T) {
	const oidc = `authentication: {type: oidc, oidc: {issuer: "https://a.example.com", authorizationEndpoint: "https://a.example.com/a", tokenEndpoint: "https://a.example.com/t", userInfoEndpoint: "https://a.example.com/u", secret: client}}`
	for check, keys := range map[string]string{
		"authenticate-oidc":    oidc,
		"authenticate-cognito": `authentication: {type: cognito, cognito: {userPoolARN: "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/a", userPoolClientID: a, userPoolDomain: a}}`,
		"jwt-validation":       `jwtValidation: {jwksEndpoint: "https://a.example.com/keys", issuer: "https://a.example.com", additionalClaims: [{name: scope, format: space-separated-values, values: [read]}]}`,
	} {
		t.Run(check, func(t *testing.T) {
			got := albOf(t, https+`, group: {name: edge}, hosts: [a.example.com], `+keys+`, actions: [{name: closed, paths: [/checkout], fixedResponse: {statusCode: 503}}],
  ingresses: [{name: api, paths: [/api]}, {name: open, paths: [/open], authenticate: false}]`)
			assert.Equal(t, []string{
				"a.example.com /checkout|/checkout/* ⇒ " + check + " 503 ",
				"a.example.com /api|/api/* ⇒ " + check + " 1×alb-public-api-istio-ingress-alb-public-api:http2",
				"a.example.com /open|/open/* ⇒ 1×alb-public-open-istio-ingress-alb-public-open:http2",
				"a.example.com /* ⇒ " + check + " 1×alb-public-istio-ingress-alb-public:http2",
			}, rulesOf(got.Listeners[1]))
		})
	}
	verified := albOf(t, `hosts: [a.example.com], tls: {certificateArns: [`+albCertificate+`], clientCertificates: {mode: verify, trustStore: clients, advertiseAuthorities: true}}`)
	assert.Equal(t, "verify", verified.Listeners[1].MutualTLS)
}

// A canary changes the rules and adds its target group; the gateway's own stays the same one.
func TestACanaryLeavesTheGatewaysTargetGroupAlone(t *testing.T) {
	const keys = https + `, hosts: [a.example.com], group: {name: edge}, stickiness: {enabled: true, durationSeconds: 60}, ingresses: [{name: grpc, paths: [/grpc], version: GRPC}]`
	without := albOf(t, keys)
	with := albOf(t, keys+`, canary: {service: blue, weight: 10}`)
	assert.Equal(t, []string{
		"a.example.com /grpc|/grpc/* ⇒ 90×alb-public-grpc-istio-ingress-alb-public-grpc:http2 10×alb-public-grpc-blue-grpc:80 sticky 60",
		"a.example.com /* ⇒ 90×alb-public-istio-ingress-alb-public:http2 10×alb-public-blue:80 sticky 60",
	}, rulesOf(with.Listeners[1]))
	require.Len(t, without.TargetGroups, 2)
	require.Len(t, with.TargetGroups, 4)
	for _, group := range without.TargetGroups {
		assert.Contains(t, with.TargetGroups, group)
	}
	for _, group := range with.TargetGroups {
		if strings.HasSuffix(group.Name, "blue:80") {
			assert.Equal(t, "/blue", group.HealthCheck.Path, "its own Service says how it is checked")
		}
	}
}

func TestAnNLBWithFixedAddressesLeadsToTheALB(t *testing.T) {
	all := builtFrom(t, albManifest(t, https+`, name: shop, hosts: [a.example.com], group: {name: edge}, ingresses: [{name: api, paths: [/api]}],
  frontendNLB: {enabled: true, ports: {"443": 443}, attributes: {dns_record.client_routing_policy: availability_zone_affinity}, tags: {Team: a}}`))
	require.Len(t, all, 2)
	nlb := all[1]
	assert.Equal(t, "network internet-facing shop-nlb", string(nlb.Type)+" "+nlb.Scheme+" "+nlb.Name)
	assert.Equal(t, map[string]string{"dns_record.client_routing_policy": "availability_zone_affinity"}, nlb.Attributes)
	require.Len(t, nlb.Listeners, 1, "the further Ingress adds none")
	assert.Equal(t, "443 TCP", fmt.Sprint(nlb.Listeners[0].Port, " ", nlb.Listeners[0].Protocol))
	require.Len(t, nlb.TargetGroups, 1)
	check := nlb.TargetGroups[0].HealthCheck
	assert.Equal(t, "alb HTTP 80 200-499", strings.Join([]string{nlb.TargetGroups[0].TargetType, check.Protocol, check.Port, check.Matcher}, " "))

	private := builtFrom(t, albManifest(t, `enabled: false`, `loadBalancers: {albInternal: {enabled: true, frontendNLB: {enabled: true}}}`))
	require.Len(t, private, 2)
	assert.Equal(t, "internal", private[1].Scheme, "its scheme is the ALB's")
}

func TestALoadBalancerMadeElsewhereIsNotPlanned(t *testing.T) {
	assert.Empty(t, builtFrom(t, albManifest(t, `managedBy: none, targetType: instance, ingresses: [{name: api, paths: [/api]}]`)))
}

// What EKS Auto Mode reads from its classes the AWS Load Balancer Controller reads from its own, so the plan of both must be the same.
func TestAutoModeMakesTheSameALB(t *testing.T) {
	const keys = `name: shop, hosts: [a.example.com], ` + https + `, tags: {Team: a}, deletionProtection: true, idleTimeoutSeconds: 120, inboundCIDRs: [10.0.0.0/8], prefixLists: [pl-12345678],
  actions: [{name: www, hosts: [www.example.com], redirect: {statusCode: 302, host: a.example.com}}]`
	for name, more := range map[string]string{
		"alone":     ``,
		"in groups": `, group: {name: edge, order: 5}, attributes: {client_keep_alive.seconds: "600"}, ingresses: [{name: grpc, paths: [/grpc], version: GRPC}]`,
	} {
		t.Run(name, func(t *testing.T) {
			want := builtFrom(t, albManifest(t, keys+more))
			auto, err := plan.Make(t.Context(), elbsim, albManifest(t, keys+more, "controller: eks-auto-mode")+surroundings)
			require.NoError(t, err)
			assert.Empty(t, auto.Rejections)
			require.NotEmpty(t, auto.Warnings)
			for _, warning := range auto.Warnings {
				assert.Equal(t, isAutoModes, warning.Message)
			}
			if d := plan.Diff(want, auto.LoadBalancers); d != "" {
				t.Errorf("the controller's (-) and EKS Auto Mode's (+) load balancers differ:\n%s", d)
			}
		})
	}
}
