// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// TestCures expects, after the controller's own words, what to write instead.
func TestCures(t *testing.T) {
	const lb = "aws-load-balancer-"
	for _, c := range []struct{ name, manifests, cure string }{
		{"a scheme", site("scheme", "public"), "unknown scheme: public (write internal or internet-facing)"},
		{"a target type", site("target-type", "pod"), "(write instance or ip)"},
		{"an address type", site("ip-address-type", "ipv6"), "(write ipv4, dualstack or dualstack-without-public-ipv4)"},
		{"a sign-in", site("auth-type", "basic"), "(write none, oidc or cognito)"},
		{"a sign-in without provider", site("auth-type", "oidc", "certificate-arn", certificate), "(set alb.ingress.kubernetes.io/auth-idp-oidc)"},
		{"a sign-in without user pool", site("auth-type", "cognito", "certificate-arn", certificate), "(set alb.ingress.kubernetes.io/auth-idp-cognito)"},
		{"a transform", site("transforms.web", `[{"type":"path"}]`), "(write url-rewrite or host-header-rewrite)"},
		{"a health check protocol", tcp(lb+"healthcheck-protocol", "grpc"), "(write tcp, http or https)"},
		{"nodes for a Service without node ports", clusterIP(), "(set alb.ingress.kubernetes.io/target-type: ip, or make the Service one of type NodePort)"},
		{"an NLB with nodes for a ClusterIP Service", with(instance(lb+"type", "external", lb+"nlb-target-type", "instance"), "type: LoadBalancer", "type: ClusterIP"), "nlb-target-type: ip, or write type: LoadBalancer)"},
		{"no node ports", with(nlb(), "type: LoadBalancer", "type: LoadBalancer, allocateLoadBalancerNodePorts: false"), "or take allocateLoadBalancerNodePorts: false out)"},
		{"a certificate to be found", site("listen-ports", `[{"HTTPS":443}]`), "(set alb.ingress.kubernetes.io/certificate-arn, or list the certificate in the file of --account)"},
		{"ports", site("listen-ports", "HTTP:80"), `(write '[{"HTTP": 80}, {"HTTPS": 443}]')`},
		{"a redirect to nothing", site("ssl-redirect", "443"), "(give that port an HTTPS listener in alb.ingress.kubernetes.io/listen-ports)"},
		{"a redirect to HTTP", site("ssl-redirect", "80"), "(name the port of an HTTPS listener)"},
		{"a number with a unit", site("healthcheck-interval-seconds", "10s"), "(write a whole number without a unit, in quotes)"},
		{"a boolean", site("shield-advanced-protection", "maybe"), `(write "true" or "false")`},
		{"pairs", site("tags", "Team"), "(write key=value,key=value; a comma within a value is \\,)"},
		{"a number in JSON", action(`{"type":"fixed-response","fixedResponseConfig":{"statusCode":503}}`), "(put the number in quotes)"},
		{"one condition", site("conditions.web", `{"field":"source-ip"}`), "(write a list: put it in square brackets)"},
		{"no JSON", action("{bad"), "(write JSON)"},
		{"a port for health checks", site("healthcheck-port", "nosuch"), "(write traffic-port, a number, or the name of a port of the Service)"},
		{"the name of a named port", site("healthcheck-port", "http", "target-type", "ip"), "(write the number of the container's port)"},
		{"a port of a backend", nodePorts + ingress("web", "web", "number: 81"), "(write the name or the number of a port of the Service; its target ports and node ports do not count)"},
		{"a Service of several", action(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web","servicePort":80,"weight":1},{"serviceName":"gone","servicePort":80,"weight":1}]}}`), "(of several weighted Services every one must be there)"},
		{"a regular expression beside a host", site("conditions.web", `[{"field":"host-header","hostHeaderConfig":{"regexValues":["^a"]}}]`), "or take the regular expressions out)"},
		{"a star", with(site(), "path: /,", "path: /foo*,"), "(write pathType: ImplementationSpecific)"},
		{"one subnet", site("subnets", "private-eu-west-1a"), "(name subnets of two availability zones, or tag one in a second zone with"},
		{"two subnets of a zone", site("subnets", "private-eu-west-1a, public-eu-west-1a"), "(name one subnet for each availability zone)"},
		{"an Elastic IP address inside", tcp(lb+"eip-allocations", "eipalloc-1"), "(set service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing)"},
		{"too few Elastic IP addresses", tcp(lb+"scheme", "internet-facing", lb+"eip-allocations", "eipalloc-1"), "(name one for each subnet;"},
		{"TLS ports", tcp(lb+"ssl-cert", certificate, lb+"ssl-ports", "8443"), "(name ports of the Service, by name or by number)"},
		{"IPv6 sources", tcp("load-balancer-source-ranges", "::/0"), "(set service.beta.kubernetes.io/aws-load-balancer-ip-address-type: dualstack)"},
		{"QUIC over TCP", tcp(lb+"quic-enabled-ports", "80"), "(give the port protocol: UDP)"},
		{"a web ACL by name", site("wafv2-acl-name", "y", "wafv2-acl-arn", "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/x/1"), "and no wafv2-acl-name, which beats it, or list the web ACL in the file of --account)"},
		{"a subnet that is not there", site("subnets", "subnet-0123456789abcdef1,subnet-0123456789abcdef2"), "or list the subnet, with its zone, under subnets in the file of --account)"},
		{"gRPC without TLS", site("backend-protocol-version", "GRPC"), "(give it an HTTPS listener alone: alb.ingress.kubernetes.io/listen-ports: '[{\"HTTPS\": 443}]')"},
		{"a class", with(site(), "ingressClassName: alb", "ingressClassName: nope"), "(add that IngressClass to the manifests)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			message := rejection(t, c.manifests).Message
			assert.True(t, strings.HasSuffix(message, ")"), message)
			assert.Contains(t, message, c.cure)
		})
	}
}

// TestWhoDoesNotAgree names both sides, where the controller prints values only.
func TestWhoDoesNotAgree(t *testing.T) {
	for suffix, values := range map[string][2]string{
		"scheme":                     {"internal", "internet-facing"},
		"ip-address-type":            {"ipv4", "dualstack"},
		"load-balancer-name":         {"a", "b"},
		"load-balancer-attributes":   {"idle_timeout.timeout_seconds=1", "idle_timeout.timeout_seconds=2"},
		"tags":                       {"Team=a", "Team=b"},
		"subnets":                    {"private-eu-west-1a,private-eu-west-1b", "private-eu-west-1a,private-eu-west-1c"},
		"security-groups":            {"nodes", "others"},
		"shield-advanced-protection": {"true", "false"},
	} {
		t.Run(suffix, func(t *testing.T) {
			p := plan(t, nodePorts+ingress("a", "web", "name: http", "group.name", "g", suffix, values[0])+
				ingress("b", "web", "number: 9000", "group.name", "g", suffix, values[1]), planner.Options{})
			require.Len(t, p.Rejections, 2)
			for _, r := range p.Rejections {
				assert.Contains(t, r.Message, `(Ingress default/a says "`+values[0]+`", Ingress default/b says "`+values[1]+`"; make annotation alb.ingress.kubernetes.io/`+suffix+` the same on all, or set it on one)`)
			}
		})
	}
}
