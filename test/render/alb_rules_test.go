// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
)

func TestActionsComeBeforeTheGateway(t *testing.T) {
	ingress := ingressOf(t, rendered(t, alb(`hosts: [shop.example.com], actions: [
  {name: legacy, paths: [/v1], pathType: Exact, conditions: {headers: {X-A: [b, "c*"]}, methods: [GET]}, forward: {to: [{service: legacy, port: 80, weight: 1}, {targetGroupARN: "`+group+`", weight: 2}], stickinessSeconds: 60},
    transforms: {host: [{regex: "^shop\\.(.*)$", replace: "legacy.$1"}], url: [{regex: "^/v1/(.*)$", replace: "/$1"}]}},
  {name: www, hosts: [www.example.com, w3.example.com], conditions: {query: {a: [b]}, sourceIPs: [10.0.0.0/8]}, redirect: {statusCode: 301, host: shop.example.com, query: "#{query}&a=<b>"}},
  {name: closed, paths: [/checkout, /cart], fixedResponse: {statusCode: 503, body: back soon}}]`)), "alb-public")
	assert.Equal(t, []string{
		"shop.example.com/v1 → legacy:use-annotation",
		"www.example.com → www:use-annotation", "w3.example.com → www:use-annotation",
		"shop.example.com/checkout → closed:use-annotation", "shop.example.com/cart → closed:use-annotation",
		"shop.example.com/ → istio-ingress-alb-public:http2",
	}, backends(ingress))
	assert.Equal(t, networkingv1.PathTypeExact, *ingress.Spec.Rules[0].HTTP.Paths[0].PathType)
	assert.Equal(t, networkingv1.PathTypeImplementationSpecific, *ingress.Spec.Rules[1].HTTP.Paths[0].PathType, "no path, for every path costs one of five values")
	assert.Equal(t, networkingv1.PathTypePrefix, *ingress.Spec.Rules[3].HTTP.Paths[0].PathType)
	for name, want := range map[string]string{
		"actions.legacy":    `{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"legacy","servicePort":80,"weight":1},{"targetGroupARN":"` + group + `","weight":2}],"targetGroupStickinessConfig":{"enabled":true,"durationSeconds":60}}}`,
		"conditions.legacy": `[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-A","values":["b","c*"]}},{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]`,
		"transforms.legacy": `[{"type":"host-header-rewrite","hostHeaderRewriteConfig":{"rewrites":[{"regex":"^shop\\.(.*)$","replace":"legacy.$1"}]}},{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^/v1/(.*)$","replace":"/$1"}]}}]`,
		"actions.www":       `{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301","host":"shop.example.com","query":"#{query}&a=<b>"}}`,
		"conditions.www":    `[{"field":"query-string","queryStringConfig":{"values":[{"key":"a","value":"b"}]}},{"field":"source-ip","sourceIPConfig":{"values":["10.0.0.0/8"]}}]`,
		"actions.closed":    `{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503","contentType":"text/plain","messageBody":"back soon"}}`,
	} {
		assert.JSONEq(t, want, ingress.Annotations[albPrefix+name], name)
	}
}

func TestWhatNoRuleMatches(t *testing.T) {
	assert.Nil(t, ingressOf(t, rendered(t, alb(`hosts: [a.example.com]`)), "alb-public").Spec.DefaultBackend, "AWS's 404")
	gateway := ingressOf(t, rendered(t, alb(`hosts: [a.example.com], defaultBackend: gateway`)), "alb-public").Spec.DefaultBackend.Service
	assert.Equal(t, "istio-ingress-alb-public http2", gateway.Name+" "+gateway.Port.Name)
	sorry := ingressOf(t, rendered(t, alb(`hosts: [a.example.com], defaultBackend: sorry, actions: [{name: sorry, fixedResponse: {statusCode: 404, body: sorry}}]`)), "alb-public")
	assert.Equal(t, "sorry use-annotation", sorry.Spec.DefaultBackend.Service.Name+" "+sorry.Spec.DefaultBackend.Service.Port.Name)
	assert.JSONEq(t, `{"type":"fixed-response","fixedResponseConfig":{"statusCode":"404","contentType":"text/plain","messageBody":"sorry"}}`, sorry.Annotations[albPrefix+"actions.sorry"])
	assert.Equal(t, []string{"a.example.com/ → istio-ingress-alb-public:http2"}, backends(sorry), "it is no rule as well, which would hide the gateway")
}

func TestFurtherIngressesAreBetweenActionsAndTheGateway(t *testing.T) {
	release := rendered(t, alb(https+`, hosts: ["*.example.com"], group: {name: edge, order: 7}, tags: {Team: a}, `+cognito+`,
  actions: [{name: closed, paths: [/checkout], fixedResponse: {statusCode: 503}}],
  ingresses: [{name: grpc, order: -10, hosts: [grpc.example.com], version: GRPC, authenticate: false, annotations: {example.com/owner: team-a}}, {name: api, paths: [/api]}],
  frontendNLB: {enabled: true, attributes: {dns_record.client_routing_policy: availability_zone_affinity}}`))
	require.Len(t, release.Kind("Ingress"), 4)
	shared := []string{"group.name", "listen-ports", "certificate-arn", "tags", "enable-frontend-nlb", "frontend-nlb-scheme", "frontend-nlb-attributes"}
	main := named(ingressOf(t, release, "alb-public").Annotations, shared...)
	require.Len(t, main, len(shared))
	for name, want := range map[string]struct {
		order, backend string
		signIn         bool
	}{
		"alb-public":         {"7", "*.example.com/ → istio-ingress-alb-public:http2", true},
		"alb-public-actions": {"-11", "*.example.com/checkout → closed:use-annotation", true},
		"alb-public-grpc":    {"-10", "grpc.example.com/ → istio-ingress-alb-public-grpc:http2", false},
		"alb-public-api":     {"6", "*.example.com/api → istio-ingress-alb-public-api:http2", true},
	} {
		ingress := ingressOf(t, release, name)
		assert.Equal(t, want.order, ingress.Annotations[albPrefix+"group.order"], name)
		assert.Equal(t, []string{want.backend}, backends(ingress), name)
		assert.Equal(t, want.signIn, ingress.Annotations[albPrefix+"auth-type"] == "cognito", name)
		assert.Equal(t, main, named(ingress.Annotations, shared...), name)
		if name != "alb-public" {
			assert.Empty(t, named(ingress.Annotations, "scheme", "load-balancer-attributes", "ssl-redirect", "ssl-policy", "frontend-nlb-healthcheck-success-codes"),
				"%s: what belongs to the load balancer is said once", name)
		}
	}
	assert.Equal(t, "team-a", ingressOf(t, release, "alb-public-grpc").Annotations["example.com/owner"])
	assert.NotContains(t, ingressOf(t, release, "alb-public").Annotations, albPrefix+"actions.closed")

	grpc, api := serviceOf(t, release, "istio-ingress-alb-public-grpc"), serviceOf(t, release, "istio-ingress-alb-public-api")
	assert.Equal(t, map[string]string{"backend-protocol-version": "GRPC", "healthcheck-port": "traffic-port", "success-codes": "0-99"},
		named(grpc.Annotations, "backend-protocol-version", "healthcheck-port", "success-codes"))
	assert.Equal(t, map[string]string{"backend-protocol-version": "HTTP1", "healthcheck-port": "status-port", "success-codes": "200"},
		named(api.Annotations, "backend-protocol-version", "healthcheck-port", "success-codes"))
	assert.Equal(t, []string{"istio-ingress-alb-public"}, gatewaysOf(t, release, grpc.Spec.Selector))
}

func TestACanarySharesTheGatewaysRequests(t *testing.T) {
	release := rendered(t, alb(https+`, hosts: [a.example.com], group: {name: edge}, defaultBackend: gateway, stickiness: {enabled: true, durationSeconds: 60},
  canary: {service: blue, port: 8080, weight: 10}, ingresses: [{name: grpc, paths: [/grpc], version: GRPC}]`))
	main, grpc := ingressOf(t, release, "alb-public"), ingressOf(t, release, "alb-public-grpc")
	assert.Equal(t, []string{"a.example.com/ → gateway:use-annotation"}, backends(main))
	assert.Equal(t, "gateway use-annotation", main.Spec.DefaultBackend.Service.Name+" "+main.Spec.DefaultBackend.Service.Port.Name)
	assert.JSONEq(t, `{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"istio-ingress-alb-public","servicePort":"http2","weight":90},{"serviceName":"blue","servicePort":8080,"weight":10}],
		"targetGroupStickinessConfig":{"enabled":true,"durationSeconds":60}}}`, main.Annotations[albPrefix+"actions.gateway"])
	assert.Equal(t, []string{"a.example.com/grpc → gateway:use-annotation"}, backends(grpc))
	assert.Contains(t, grpc.Annotations[albPrefix+"actions.gateway"], `"serviceName":"blue-grpc"`)
}

func TestSignInAndTokens(t *testing.T) {
	oidc := ingressOf(t, rendered(t, alb(https+`, authentication: {type: oidc, onUnauthenticated: deny, scope: openid email, sessionCookie: session, sessionTimeoutSeconds: 3600, extraParameters: {prompt: login},
  oidc: {issuer: "https://a.example.com", authorizationEndpoint: "https://a.example.com/a", tokenEndpoint: "https://a.example.com/t", userInfoEndpoint: "https://a.example.com/u", secret: client}}`)), "alb-public").Annotations
	assert.Equal(t, map[string]string{"auth-type": "oidc", "auth-on-unauthenticated-request": "deny", "auth-scope": "openid email", "auth-session-cookie": "session", "auth-session-timeout": "3600"},
		named(oidc, "auth-type", "auth-on-unauthenticated-request", "auth-scope", "auth-session-cookie", "auth-session-timeout"))
	assert.JSONEq(t, `{"issuer":"https://a.example.com","authorizationEndpoint":"https://a.example.com/a","tokenEndpoint":"https://a.example.com/t","userInfoEndpoint":"https://a.example.com/u","secretName":"client","authenticationRequestExtraParams":{"prompt":"login"}}`,
		oidc[albPrefix+"auth-idp-oidc"])
	pool := ingressOf(t, rendered(t, alb(https+`, `+cognito)), "alb-public").Annotations
	assert.JSONEq(t, `{"userPoolARN":"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/a","userPoolClientID":"a","userPoolDomain":"a"}`, pool[albPrefix+"auth-idp-cognito"])
	tokens := ingressOf(t, rendered(t, alb(https+`, jwtValidation: {jwksEndpoint: "https://a.example.com/keys", issuer: "https://a.example.com", additionalClaims: [{name: scope, format: space-separated-values, values: [read, write]}]}`)), "alb-public").Annotations
	assert.JSONEq(t, `{"jwksEndpoint":"https://a.example.com/keys","issuer":"https://a.example.com","additionalClaims":[{"name":"scope","format":"space-separated-values","values":["read","write"]}]}`, tokens[albPrefix+"jwt-validation"])
	assert.NotContains(t, tokens, albPrefix+"auth-type")
}
