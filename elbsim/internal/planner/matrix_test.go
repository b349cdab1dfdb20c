// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// verdict is what becomes of an object with annotations: planned when stage is empty, else rejected
// at that stage with that message.
type verdict struct {
	name        string
	annotations []string // pairs of suffix and value
	stage       string
	message     string
}

func on(annotations ...string) []string { return annotations }

func judge(t *testing.T, manifests func(...string) string, verdicts []verdict) {
	for _, v := range verdicts {
		t.Run(v.name, func(t *testing.T) {
			p := plan(t, manifests(v.annotations...), planner.Options{})
			if v.stage == "" {
				assert.Empty(t, p.Rejections)
				assert.Len(t, p.LoadBalancers, 1)
				return
			}
			require.Len(t, p.Rejections, 1)
			assert.Equal(t, v.stage, p.Rejections[0].Stage)
			assert.Contains(t, p.Rejections[0].Message, v.message)
			assert.Empty(t, p.LoadBalancers)
		})
	}
}

// The verdicts on Ingress annotations were measured with LBC v3.3.0; those of stage AWS are stricter
// than the controller, which leaves them to AWS.
func TestIngressAnnotations(t *testing.T) {
	const ports = `[{"HTTP": 80}, {"HTTPS": 443}]`
	judge(t, web, []verdict{
		{"none", nil, "", ""},
		{"scheme public", on("scheme", "public"), "model", "unknown scheme: public"},
		{"listen-ports not JSON", on("listen-ports", "HTTP:80"), "model", "failed to parse listen-ports configuration"},
		{"listen-ports an object", on("listen-ports", `{"HTTP":80}`), "model", "cannot unmarshal object"},
		{"listen-ports with text", on("listen-ports", `[{"HTTP":"80"}]`), "model", "cannot unmarshal string"},
		{"listen-ports in lower case", on("listen-ports", `[{"http":80}]`), "model", "listen protocol must be within [HTTP, HTTPS]: http"},
		{"listen-ports empty", on("listen-ports", "[]"), "model", "empty listen-ports configuration"},
		{"listen-ports without protocol", on("listen-ports", "[{}]"), "", ""},
		{"HTTPS without certificate", on("listen-ports", `[{"HTTPS":443}]`), "model", "no certificate found for host: app.example.com"},
		{"HTTPS with certificate", on("listen-ports", ports, "certificate-arn", certificate), "", ""},
		{"certificate that is none", on("certificate-arn", "arn:bogus"), "AWS", "CertificateNotFound"},
		{"certificate empty", on("certificate-arn", ""), "", ""},
		{"certificate alone", on("certificate-arn", certificate), "", ""},
		{"ssl-redirect without HTTPS", on("ssl-redirect", "443"), "model", "listener does not exist for SSLRedirect port: 443"},
		{"ssl-redirect with certificate only", on("ssl-redirect", "443", "certificate-arn", certificate), "", ""},
		{"ssl-redirect true", on("ssl-redirect", "true"), "model", "failed to parse int32 annotation"},
		{"ssl-policy unknown", on("certificate-arn", certificate, "ssl-policy", "TLS13"), "AWS", "SSLPolicyNotFound"},
		{"target-type pod", on("target-type", "pod"), "model", "unknown targetType: pod"},
		{"target-type ip", on("target-type", "ip"), "", ""},
		{"backend-protocol in lower case", on("backend-protocol", "http"), "model", "backend protocol must be within [HTTP, HTTPS]: http"},
		{"backend-protocol-version in lower case", on("backend-protocol-version", "http2"), "model", "must be within [HTTP1, HTTP2, GRPC]: http2"},
		{"gRPC behind HTTP", on("backend-protocol-version", "GRPC"), "AWS", "protocol-version 'GRPC'"},
		{"gRPC behind HTTPS", on("backend-protocol-version", "GRPC", "certificate-arn", certificate), "", ""},
		{"healthcheck-protocol TCP", on("healthcheck-protocol", "TCP"), "model", "healthCheckProtocol must be within [HTTP, HTTPS]"},
		{"healthcheck-port by name, instance", on("healthcheck-port", "health"), "", ""},
		{"healthcheck-port by name of a named port, ip", on("healthcheck-port", "http", "target-type", "ip"), "model", "cannot use named healthCheckPort for IP TargetType"},
		{"healthcheck-port by name, ip", on("healthcheck-port", "health", "target-type", "ip"), "", ""},
		{"healthcheck-port unknown", on("healthcheck-port", "nosuch"), "model", "unable to find port nosuch on service default/web"},
		{"healthcheck-port 70000", on("healthcheck-port", "70000"), "AWS", "Health check port '70000'"},
		{"healthcheck-port empty", on("healthcheck-port", ""), "model", "failed to resolve healthCheckPort"},
		{"healthcheck-interval with a unit", on("healthcheck-interval-seconds", "10s"), "model", "failed to parse int32 annotation"},
		{"healthcheck-interval 1", on("healthcheck-interval-seconds", "1"), "AWS", "Health check interval '1'"},
		{"timeout above the interval", on("healthcheck-interval-seconds", "5", "healthcheck-timeout-seconds", "30"), "AWS", "interval must be greater than the timeout"},
		{"threshold in words", on("healthy-threshold-count", "two"), "model", "failed to parse int32 annotation"},
		{"success codes 500", on("success-codes", "500"), "AWS", "'500'"},
		{"target-group-attributes without value", on("target-group-attributes", "stickiness.enabled"), "model", "failed to parse stringMap annotation"},
		{"target-group-attributes unknown", on("target-group-attributes", "stickyness.enabled=true"), "AWS", "'stickyness.enabled' is not recognized"},
		{"load-balancer-attributes unknown", on("load-balancer-attributes", "idle=1"), "AWS", "'idle' is not recognized"},
		{"tags without value", on("tags", "Team"), "model", "failed to parse stringMap annotation"},
		{"group.name in upper case", on("group.name", "Shared"), "model", "groupName must consist of lower case"},
		{"group.order too high", on("group.order", "5000"), "model", "within [-1000:1000]"},
		{"group.order in words", on("group.order", "abc"), "model", "failed to parse int32 annotation"},
		{"a name of 33", on("load-balancer-name", "abcdefghijabcdefghijabcdefghijabc"), "model", "cannot be longer than 32"},
		{"a name with underscore", on("load-balancer-name", "my_alb"), "AWS", "alphanumeric characters and hyphens"},
		{"a name that is reserved", on("load-balancer-name", "internal-x"), "AWS", "cannot begin with 'internal-'"},
		{"ip-address-type ipv6", on("ip-address-type", "ipv6"), "model", "unknown IPAddressType: ipv6"},
		{"inbound-cidrs without mask", on("inbound-cidrs", "10.0.0.1"), "model", "invalid CIDR address: 10.0.0.1"},
		{"subnets unknown", on("subnets", "nosuch"), "model", "missing names: [nosuch]"},
		{"subnets one", on("subnets", "public-eu-west-1a"), "model", "subnets count less than minimal required count: 1 < 2"},
		{"subnets by name", on("subnets", "public-eu-west-1a,public-eu-west-1b"), "", ""},
		{"subnets of one zone", on("subnets", "public-eu-west-1a,private-eu-west-1a"), "model", "multiple subnets in same Availability Zone"},
		{"security-groups unknown", on("security-groups", "sg-nope"), "model", "InvalidGroup.NotFound"},
		{"security-groups by name", on("security-groups", "nodes"), "", ""},
		{"conditions not JSON", on("conditions.web", "[{bad"), "admission", "failed to parse json annotation"},
		{"conditions without values", on("conditions.web", `[{"field":"path-pattern","pathPatternConfig":{}}]`), "admission", "values or regexValues must be specified"},
		{"conditions an object", on("conditions.web", `{"field":"source-ip"}`), "admission", "cannot unmarshal object"},
		{"six condition values", on("conditions.web", `[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"a","values":["1","2","3","4"]}}]`), "AWS", "condition values, got 6"},
		{"transforms unknown", on("transforms.web", `[{"type":"path"}]`), "model", "unknown transform type: path"},
		{"use-regex-path-match yes, which only ImplementationSpecific paths read", on("use-regex-path-match", "yes"), "", ""},
		{"auth-type basic", on("auth-type", "basic"), "model", "unknown authType: basic"},
		{"auth-type oidc without provider", on("auth-type", "oidc", "certificate-arn", certificate), "model", "missing IDPConfigOIDC"},
		{"mutual-authentication without trust store", on("certificate-arn", certificate, "mutual-authentication", `[{"port":443,"mode":"verify"}]`), "model", "trustStore is required"},
		{"listener-attributes junk", on("listener-attributes.HTTP-80", "junk"), "model", "failed to parse stringMap annotation"},
		{"shield maybe", on("shield-advanced-protection", "maybe"), "model", "failed to parse bool annotation"},
		{"a web ACL of another region", on("wafv2-acl-arn", "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/x/y"), "AWS", "WAFNonexistentItemException"},
	})
}

func TestIngressActions(t *testing.T) {
	manifests := func(action ...string) string {
		return services + ingress("web", "x", "name: use-annotation", "actions.x", action[0])
	}
	judge(t, manifests, []verdict{
		{"not JSON", on("{bad"), "model", "failed to parse json annotation"},
		{"unknown type", on(`{"type":"weird"}`), "model", "unknown action type: weird"},
		{"numeric status", on(`{"type":"fixed-response","fixedResponseConfig":{"statusCode":503}}`), "model", "cannot unmarshal number"},
		{"fixed response", on(`{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503"}}`), "", ""},
		{"redirect without status", on(`{"type":"redirect","redirectConfig":{"port":"443"}}`), "model", "statusCode is required"},
		{"redirect to itself, which the controller leaves out", on(`{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"}}`), "", ""},
		{"two groups without weight", on(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web","servicePort":80},{"serviceName":"web","servicePort":9000}]}}`), "model", "weight must be set"},
		{"a group without port", on(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web"}]}}`), "model", "missing servicePort"},
		{"no groups", on(`{"type":"forward","forwardConfig":{"targetGroups":[]}}`), "AWS", "A target group must be specified"},
		{"a missing Service of two", on(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web","servicePort":80,"weight":1},{"serviceName":"gone","servicePort":80,"weight":1}]}}`), "model", `"gone" not found`},
		{"a port as text", on(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web","servicePort":"80"}]}}`), "", ""},
	})
}

func TestServiceAnnotations(t *testing.T) {
	judge(t, nlb, []verdict{
		{"none", nil, "", ""},
		{"type nlb", on("aws-load-balancer-type", "nlb"), "", ""},
		{"an unknown target type is instance", on("aws-load-balancer-nlb-target-type", "pod"), "", ""},
		{"scheme public", on("aws-load-balancer-scheme", "public"), "model", "unknown scheme: public"},
		{"internal as in-tree", on("aws-load-balancer-internal", "0.0.0.0/0"), "model", "failed to parse bool annotation"},
		{"proxy-protocol true", on("aws-load-balancer-proxy-protocol", "true"), "model", "only value currently supported is *"},
		{"cross-zone yes", on("aws-load-balancer-cross-zone-load-balancing-enabled", "yes"), "model", "failed to parse bool annotation"},
		{"ssl-ports unknown", on("aws-load-balancer-ssl-cert", certificate, "aws-load-balancer-ssl-ports", "8443"), "model", "Unused port in ssl-ports annotation [8443]"},
		{"ssl-cert alone", on("aws-load-balancer-ssl-cert", certificate), "", ""},
		{"ssl-ports without certificate", on("aws-load-balancer-ssl-ports", "80"), "", ""},
		{"ssl-cert that is none", on("aws-load-balancer-ssl-cert", "arn:bogus"), "AWS", "CertificateNotFound"},
		{"health protocol gRPC", on("aws-load-balancer-healthcheck-protocol", "grpc"), "model", "unsupported health check protocol grpc"},
		{"health protocol in lower case", on("aws-load-balancer-healthcheck-protocol", "https"), "", ""},
		{"health interval with a unit", on("aws-load-balancer-healthcheck-interval", "10s"), "model", "failed to parse int32 annotation"},
		{"health interval 1", on("aws-load-balancer-healthcheck-interval", "1"), "AWS", "Health check interval '1'"},
		{"EIP on internal", on("aws-load-balancer-eip-allocations", "eipalloc-1"), "model", "EIP allocations can only be set for internet facing"},
		{"EIP count", on("aws-load-balancer-scheme", "internet-facing", "aws-load-balancer-eip-allocations", "eipalloc-1"), "model", "count of EIP allocations (1) and subnets (3) must match"},
		{"private address on public", on("aws-load-balancer-scheme", "internet-facing", "aws-load-balancer-private-ipv4-addresses", "192.168.1.9"), "model", "private IPv4 addresses can only be set for internal"},
		{"ALPN unknown", on("aws-load-balancer-ssl-cert", certificate, "aws-load-balancer-alpn-policy", "h2"), "model", "invalid ALPN policy h2"},
		{"routing policy unknown", on("aws-load-balancer-attributes", "dns_record.client_routing_policy=zone"), "model", "got 'zone' expected one of"},
		{"attribute unknown", on("aws-load-balancer-attributes", "idle_timeout.timeout_seconds=60"), "AWS", "is not recognized"},
		{"preserve_client_ip yes", on("aws-load-balancer-target-group-attributes", "preserve_client_ip.enabled=yes"), "model", "failed to parse attribute preserve_client_ip.enabled=yes"},
		{"tags without value", on("aws-load-balancer-additional-resource-tags", "Team"), "model", "failed to parse stringMap annotation"},
		{"a name of 33", on("aws-load-balancer-name", "abcdefghijabcdefghijabcdefghijabc"), "model", "cannot be longer than 32"},
		{"source ranges v6", on("load-balancer-source-ranges", "::/0"), "model", "unsupported v6 cidr ::/0 when lb is not dualstack"},
		{"QUIC on TCP", on("aws-load-balancer-quic-enabled-ports", "80"), "model", "Unsupported QUIC upgrade for protocol TCP"},
		{"security group unknown", on("aws-load-balancer-security-groups", "sg-nope"), "model", "InvalidGroup.NotFound"},
		{"privatelink true", on("aws-load-balancer-inbound-sg-rules-on-private-link-traffic", "true"), "model", "value must be one of [on, off]"},
		{"redirect action", on("actions.TCP-80", `{"type":"redirect"}`), "model", "unknown action type: redirect"},
	})
}
