// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"fmt"
	"strings"
	"testing"
)

// Values of an ALB that many rows need.
const (
	https   = `tls: {certificateArns: [` + certificate + `]}`
	trusted = `arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/clients/0123456789abcdef`
	group   = `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/0123456789abcdef`
	cognito = `authentication: {type: cognito, cognito: {userPoolARN: "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/a", userPoolClientID: a, userPoolDomain: a}}`
	token   = `jwtValidation: {jwksEndpoint: "https://a.example.com/keys", issuer: "https://a.example.com"}`
)

// action and further are values of one ALB with one action or further Ingress.
func action(keys string) string {
	return alb(`hosts: [shop.example.com], actions: [{name: a, ` + keys + `}]`)
}
func further(keys string) string {
	return alb(`hosts: ["*.example.com"], group: {name: g}, ` + https + `, ingresses: [{name: a, ` + keys + `}]`)
}

// What no ALB could be made of: one value is wrong in itself.
func TestALBShapeRefusals(t *testing.T) {
	refuse(t, []refusal{
		{"a target type that LBC does not know", alb(`targetType: pod`), `at '/loadBalancers/albPublic/targetType': value must be one of 'ip', 'instance'`},
		{"a load balancer name of 33 characters", alb(`name: a23456789-123456789-123456789-123`), `at '/loadBalancers/albPublic/name': maxLength: got 33, want 32`},
		{"a load balancer name with an underscore", alb(`name: my_alb`), `at '/loadBalancers/albPublic/name': 'my_alb' does not match pattern`},
		{"a load balancer name that AWS keeps for itself", alb(`name: internal-a`), `at '/loadBalancers/albPublic/name': 'not' failed`},
		{"a host with a scheme", alb(`hosts: ["https://a.example.com"]`), `at '/loadBalancers/albPublic/hosts/0'`},
		{"a bare star as host", alb(`hosts: ["*"]`), `at '/loadBalancers/albPublic/hosts/0'`},
		{"a host twice", alb(`hosts: [a.example.com, a.example.com]`), `at '/loadBalancers/albPublic/hosts': items at 0 and 1 are equal`},
		{"a certificate name instead of an ARN", alb(`tls: {certificateArns: [wildcard]}`), `at '/loadBalancers/albPublic/tls/certificateArns/0': 'wildcard' does not match pattern`},
		{"an ARN that begins twice", alb(`tls: {certificateArns: ["arn:` + certificate + `"]}`), `at '/loadBalancers/albPublic/tls/certificateArns/0'`},
		{"a TLS policy that is none", alb(`tls: {policy: TLS13}`), `at '/loadBalancers/albPublic/tls/policy': 'TLS13' does not match pattern`},
		{"a check interval of one second", alb(`healthCheck: {intervalSeconds: 1}`), `at '/loadBalancers/albPublic/healthCheck/intervalSeconds': minimum: got 1, want 5`},
		{"an interval with a unit", alb(`healthCheck: {intervalSeconds: 10s}`), `at '/loadBalancers/albPublic/healthCheck/intervalSeconds': got string, want integer`},
		{"an idle time-out beyond AWS's", alb(`idleTimeoutSeconds: 5000`), `at '/loadBalancers/albPublic/idleTimeoutSeconds': maximum: got 5,000, want 4,000`},
		{"a CIDR without a mask", alb(`inboundCIDRs: [10.0.0.1]`), `at '/loadBalancers/albPublic/inboundCIDRs/0': '10.0.0.1' does not match pattern`},
		{"IPv6 of five colons", alb(`ipAddressType: dualstack, inboundCIDRs: [":::::/64"]`), `at '/loadBalancers/albPublic/inboundCIDRs/0': ':::::/64' does not match pattern`},
		{"IPv6 with IPv4 inside", alb(`ipAddressType: dualstack, inboundCIDRs: ["::1.2.3.4.5/64"]`), `at '/loadBalancers/albPublic/inboundCIDRs/0': '::1.2.3.4.5/64' does not match pattern`},
		{"IPv6 of nine groups", alb(`ipAddressType: dualstack, inboundCIDRs: ["1:2:3:4:5:6:7:8:9/64"]`), `at '/loadBalancers/albPublic/inboundCIDRs/0': '1:2:3:4:5:6:7:8:9/64' does not match pattern`},
		{"a node port outside of Kubernetes' range", alb(`statusNodePort: 15021`), `at '/loadBalancers/albPublic/statusNodePort'`},
		{"a group name in upper case", alb(`group: {name: Shared}`), `at '/loadBalancers/albPublic/group/name': 'Shared' does not match pattern`},
		{"a group order beyond LBC's", alb(`group: {name: shared, order: 5000}`), `at '/loadBalancers/albPublic/group/order': maximum: got 5,000, want 1,000`},
		{"a tag with an equals sign", alb(`tags: {"a=b": c}`), `at '/loadBalancers/albPublic/tags': additional properties 'a=b' not allowed`},
		{"a tag with an exclamation mark", alb(`tags: {bad!: a}`), `at '/loadBalancers/albPublic/tags': additional properties 'bad!' not allowed`},
		{"a tag's value with a percent sign", alb(`tags: {a: v%}`), `at '/loadBalancers/albPublic/tags/a': 'v%' does not match pattern`},
		{"an attribute with a blank", alb(`attributes: {"a b": c}`), `at '/loadBalancers/albPublic/attributes': additional properties 'a b' not allowed`},
		{"a tag that is a number", alb(`tags: {CostCentre: 12}`), `at '/loadBalancers/albPublic/tags/CostCentre': got number, want string`},
		{"an annotation that is a number", alb(`annotations: {"alb.ingress.kubernetes.io/x": 1}`), `at '/loadBalancers/albPublic/annotations/alb.ingress.kubernetes.io~1x': got number, want string`},
		{"48 tags beside the controller's own three", alb(`tags: {` + many(48, "t%d: a") + `}`), `at '/loadBalancers/albPublic/tags': maxProperties: got 48, want 47`},
		{"a TLS policy that AWS does not have", alb(`tls: {policy: ELBSecurityPolicy-TLS13-1-9-2021-06}`), `at '/loadBalancers/albPublic/tls/policy'`},
		{"27 certificates", alb(`tls: {certificateArns: [` + many(27, "arn:aws:acm:eu-west-1:111122223333:certificate/%d") + `]}`), `at '/loadBalancers/albPublic/tls/certificateArns': maxItems: got 27, want 26`},
		{"a listener protocol in lower case", alb(`listeners: [{protocol: http, port: 80}]`), `at '/loadBalancers/albPublic/listeners/0/protocol': value must be one of 'HTTP', 'HTTPS'`},
		{"a listener's port as text", alb(`listeners: [{protocol: HTTP, port: "80"}]`), `at '/loadBalancers/albPublic/listeners/0/port': got string, want integer`},
		{"a listener without port", alb(`listeners: [{protocol: HTTP}]`), `at '/loadBalancers/albPublic/listeners/0': missing property 'port'`},
		{"a listener on port 0", alb(`listeners: [{protocol: HTTP, port: 0}]`), `at '/loadBalancers/albPublic/listeners/0/port': minimum: got 0, want 1`},
		{"51 listeners", alb(`listeners: [` + many(51, "{protocol: HTTP, port: %d}") + `]`), `at '/loadBalancers/albPublic/listeners': maxItems: got 51, want 50`},
		{"listeners that are no list", alb(`listeners: {HTTP: 80}`), `at '/loadBalancers/albPublic/listeners': got object, want array`},
		{"an address type that there is not", alb(`ipAddressType: ipv6`), `at '/loadBalancers/albPublic/ipAddressType': value must be one of`},
		{"a backend protocol in lower case", alb(`backend: {protocol: http}`), `at '/loadBalancers/albPublic/backend/protocol': value must be one of 'HTTP', 'HTTPS'`},
		{"a protocol version in lower case", alb(`backend: {version: http2}`), `at '/loadBalancers/albPublic/backend/version': value must be one of 'HTTP1', 'HTTP2', 'GRPC'`},
		{"a redirect that is a port", alb(`tls: {redirectHTTP: 443}`), `at '/loadBalancers/albPublic/tls/redirectHTTP': got number, want boolean`},
		{"a threshold in words", alb(`healthCheck: {healthyThreshold: two}`), `at '/loadBalancers/albPublic/healthCheck/healthyThreshold': got string, want integer`},
		{"a threshold of one", alb(`healthCheck: {unhealthyThreshold: 1}`), `at '/loadBalancers/albPublic/healthCheck/unhealthyThreshold': minimum: got 1, want 2`},
		{"a time-out of one second", alb(`healthCheck: {timeoutSeconds: 1}`), `at '/loadBalancers/albPublic/healthCheck/timeoutSeconds': minimum: got 1, want 2`},
		{"an interval of ten minutes", alb(`healthCheck: {intervalSeconds: 600}`), `at '/loadBalancers/albPublic/healthCheck/intervalSeconds': maximum: got 600, want 300`},
		{"success codes in words", alb(`healthCheck: {successCodes: 2xx}`), `at '/loadBalancers/albPublic/healthCheck/successCodes': '2xx' does not match pattern`},
		{"success codes with a blank", alb(`healthCheck: {successCodes: "200, 301"}`), `at '/loadBalancers/albPublic/healthCheck/successCodes'`},
		{"a check of another port", alb(`healthCheck: {port: 15021}`), `at '/loadBalancers/albPublic/healthCheck': additional properties 'port' not allowed`},
		{"an algorithm that there is not", alb(`algorithm: random`), `at '/loadBalancers/albPublic/algorithm': value must be one of`},
		{"a slow start of ten seconds", alb(`slowStartSeconds: 10`), `at '/loadBalancers/albPublic/slowStartSeconds'`},
		{"a cookie of AWS's own", alb(`stickiness: {enabled: true, applicationCookie: AWSALB}`), `at '/loadBalancers/albPublic/stickiness/applicationCookie': 'not' failed`},
		{"a cookie for two weeks", alb(`stickiness: {enabled: true, durationSeconds: 1209600}`), `at '/loadBalancers/albPublic/stickiness/durationSeconds': maximum: got`},
		{"a deregistration delay beyond an hour", alb(`deregistrationDelaySeconds: 7200`), `at '/loadBalancers/albPublic/deregistrationDelaySeconds': maximum: got 7,200, want 3,600`},
		{"a web ACL of CloudFront", alb(`waf: {webACLArn: "arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b"}`), `at '/loadBalancers/albPublic/waf/webACLArn'`},
		{"a web ACL by name", alb(`waf: {webACLArn: shop}`), `at '/loadBalancers/albPublic/waf/webACLArn': 'shop' does not match pattern`},
		{"Shield perhaps", alb(`shieldAdvanced: maybe`), `at '/loadBalancers/albPublic/shieldAdvanced': value must be one of 'default', true, false`},
		{"managed rules as text", alb(`securityGroups: [sg-1], manageBackendRules: "on"`), `at '/loadBalancers/albPublic/manageBackendRules': got string, want boolean`},
		{"a security group list in one word", alb(`securityGroups: ["sg-1,sg-2"]`), `at '/loadBalancers/albPublic/securityGroups/0': 'sg-1,sg-2' does not match pattern`},
		{"a security group's ID that is not hexadecimal", alb(`securityGroups: [sg-xyz]`), `at '/loadBalancers/albPublic/securityGroups/0': 'sg-xyz' does not match pattern '^sg-[0-9a-f]+$'`},
		{"a security group of a blank", alb(`securityGroups: [" "]`), `at '/loadBalancers/albPublic/securityGroups/0': ' ' does not match pattern`},
		{"a subnet's ID that is not hexadecimal", alb(`subnets: [subnet-xyz, subnet-1]`), `at '/loadBalancers/albPublic/subnets/0': 'subnet-xyz' does not match pattern '^subnet-[0-9a-f]+$'`},
		{"a subnet of a blank", alb(`subnets: [" ", b]`), `at '/loadBalancers/albPublic/subnets/0': ' ' does not match pattern`},
		{"security groups of the NLB in front by half an ID", alb(`frontendNLB: {enabled: true, securityGroups: [sg-]}`), `at '/loadBalancers/albPublic/frontendNLB/securityGroups/0': 'sg-' does not match pattern`},
		{"a prefix list by name", alb(`prefixLists: [cloudfront]`), `at '/loadBalancers/albPublic/prefixLists/0': 'cloudfront' does not match pattern`},
		{"a sign-in that there is not", alb(`authentication: {type: basic}`), `at '/loadBalancers/albPublic/authentication/type': value must be one of 'none', 'cognito', 'oidc'`},
		{"an answer that AWS does not have", alb(`authentication: {onUnauthenticated: reject}`), `at '/loadBalancers/albPublic/authentication/onUnauthenticated': value must be one of`},
		{"a session of a month", alb(`authentication: {sessionTimeoutSeconds: 2592000}`), `at '/loadBalancers/albPublic/authentication/sessionTimeoutSeconds': maximum`},
		{"an endpoint without TLS", alb(`authentication: {oidc: {issuer: "http://a.example.com"}}`), `at '/loadBalancers/albPublic/authentication/oidc/issuer'`},
		{"a user pool by ID", alb(`authentication: {cognito: {userPoolARN: eu-west-1_abc}}`), `at '/loadBalancers/albPublic/authentication/cognito/userPoolARN'`},
		{"a claim that AWS checks by itself", alb(`jwtValidation: {additionalClaims: [{name: iss, format: single-string, values: [a]}]}`), `at '/loadBalancers/albPublic/jwtValidation/additionalClaims/0/name': 'not' failed`},
		{"a claim without format", alb(`jwtValidation: {additionalClaims: [{name: scope, values: [a]}]}`), `at '/loadBalancers/albPublic/jwtValidation/additionalClaims/0': missing property 'format'`},
		{"a claim without values", alb(`jwtValidation: {additionalClaims: [{name: scope, format: single-string, values: []}]}`), `at '/loadBalancers/albPublic/jwtValidation/additionalClaims/0/values': minItems: got 0, want 1`},
		{"a trust store's broken ARN", alb(`tls: {clientCertificates: {trustStore: "arn:aws:elasticloadbalancing:eu-west-1"}}`), `at '/loadBalancers/albPublic/tls/clientCertificates/trustStore'`},
		{"a mode of client certificates that YAML reads as false", alb(`tls: {clientCertificates: {mode: off}}`), `at '/loadBalancers/albPublic/tls/clientCertificates/mode': value must be one of 'none', 'disable', 'passthrough', 'verify'`},
		{"a target group by name", alb(`managedBy: none, backend: {targetGroupARN: shop}`), `at '/loadBalancers/albPublic/backend/targetGroupARN': 'shop' does not match pattern`},

		{"an action that does nothing", action(`paths: [/a]`), `at '/loadBalancers/albPublic/actions/0'`},
		{"an action that does two things", action(`fixedResponse: {statusCode: 503}, redirect: {statusCode: 301, path: /a}`), `at '/loadBalancers/albPublic/actions/0'`},
		{"an action of an unknown type", action(`answer: {statusCode: 503}`), `additional properties 'answer' not allowed`},
		{"a misspelt part of an answer", action(`fixedResponse: {status: 503}`), `at '/loadBalancers/albPublic/actions/0/fixedResponse': missing property 'statusCode'`},
		{"a status code as text", action(`fixedResponse: {statusCode: "503"}`), `at '/loadBalancers/albPublic/actions/0/fixedResponse/statusCode': got string, want integer`},
		{"a status code that AWS does not answer", action(`fixedResponse: {statusCode: 302}`), `at '/loadBalancers/albPublic/actions/0/fixedResponse/statusCode'`},
		{"a content type that AWS does not take", action(`fixedResponse: {statusCode: 503, contentType: text/xml}`), `at '/loadBalancers/albPublic/actions/0/fixedResponse/contentType': value must be one of`},
		{"a body that is too long", action(`fixedResponse: {statusCode: 503, body: "` + strings.Repeat("a", 1025) + `"}`), `at '/loadBalancers/albPublic/actions/0/fixedResponse/body': maxLength: got 1,025, want 1,024`},
		{"a redirect without status code", action(`redirect: {path: /a}`), `at '/loadBalancers/albPublic/actions/0/redirect': missing property 'statusCode'`},
		{"a redirect with a code that AWS lacks", action(`redirect: {statusCode: 307, path: /a}`), `at '/loadBalancers/albPublic/actions/0/redirect/statusCode': value must be one of 301, 302`},
		{"a redirect's port as number", action(`redirect: {statusCode: 301, port: 443}`), `at '/loadBalancers/albPublic/actions/0/redirect/port': got number, want string`},
		{"a redirect's path without slash", action(`redirect: {statusCode: 301, path: a}`), `at '/loadBalancers/albPublic/actions/0/redirect/path': 'a' does not match pattern`},
		{"a redirect's query with its question mark", action(`redirect: {statusCode: 301, path: /a, query: "?a=b"}`), `at '/loadBalancers/albPublic/actions/0/redirect/query': 'not' failed`},
		{"a redirect to nowhere", action(`redirect: {statusCode: 301}`), `at '/loadBalancers/albPublic/actions/0/redirect': minProperties: got 1, want 2`},
		{"a forward to nothing", action(`forward: {to: []}`), `at '/loadBalancers/albPublic/actions/0/forward/to': minItems: got 0, want 1`},
		{"a forward to six", action(`forward: {to: [` + many(6, "{service: s%d, port: 80, weight: 1}") + `]}`), `at '/loadBalancers/albPublic/actions/0/forward/to': maxItems: got 6, want 5`},
		{"a forward without port", action(`forward: {to: [{service: a}]}`), `at '/loadBalancers/albPublic/actions/0/forward/to/0'`},
		{"a forward to a Service and a target group", action(`forward: {to: [{service: a, port: 80, targetGroupARN: "` + group + `"}]}`), `at '/loadBalancers/albPublic/actions/0/forward/to/0'`},
		{"a weight of a thousand", action(`forward: {to: [{service: a, port: 80, weight: 1000}]}`), `at '/loadBalancers/albPublic/actions/0/forward/to/0/weight': maximum: got 1,000, want 999`},
		{"a condition that there is not", action(`conditions: {cookies: {a: [b]}}, fixedResponse: {statusCode: 503}`), `at '/loadBalancers/albPublic/actions/0/conditions': additional properties 'cookies' not allowed`},
		{"a condition that is a list", action(`conditions: [{sourceIPs: [10.0.0.0/8]}], fixedResponse: {statusCode: 503}`), `at '/loadBalancers/albPublic/actions/0/conditions': got array, want object`},
		{"a condition without values", action(`conditions: {methods: []}, fixedResponse: {statusCode: 503}`), `at '/loadBalancers/albPublic/actions/0/conditions/methods': minItems: got 0, want 1`},
		{"a method in lower case", action(`conditions: {methods: [get]}, fixedResponse: {statusCode: 503}`), `at '/loadBalancers/albPublic/actions/0/conditions/methods/0': 'get' does not match pattern`},
		{"a source address without mask", action(`conditions: {sourceIPs: [10.0.0.1]}, fixedResponse: {statusCode: 503}`), `at '/loadBalancers/albPublic/actions/0/conditions/sourceIPs/0'`},
		{"a header with a wildcard in its name", action(`conditions: {headers: {"X *": [a]}}, fixedResponse: {statusCode: 503}`), `additional properties 'X *' not allowed`},
		{"a header value that is too long", action(`conditions: {headers: {X-A: [` + strings.Repeat("a", 129) + `]}}, fixedResponse: {statusCode: 503}`), `at '/loadBalancers/albPublic/actions/0/conditions/headers/X-A/0': maxLength: got 129, want 128`},
		{"a transform that there is not", action(`transforms: {path: [{regex: a, replace: b}]}, forward: {to: [{service: a, port: 80}]}`), `at '/loadBalancers/albPublic/actions/0/transforms': additional properties 'path' not allowed`},
		{"two rewrites of one thing", action(`transforms: {url: [{regex: a, replace: b}, {regex: c, replace: d}]}, forward: {to: [{service: a, port: 80}]}`), `at '/loadBalancers/albPublic/actions/0/transforms/url': maxItems: got 2, want 1`},
		{"a path without slash", action(`paths: [a], fixedResponse: {statusCode: 503}`), `at '/loadBalancers/albPublic/actions/0/paths/0': 'a' does not match pattern`},
		{"an action that is called gateway", alb(`actions: [{name: gateway, fixedResponse: {statusCode: 503}}]`), `at '/loadBalancers/albPublic/actions/0/name': 'not' failed`},
		{"a name that no annotation can hold", alb(`actions: [{name: ` + strings.Repeat("a", 53) + `, fixedResponse: {statusCode: 503}}]`), `at '/loadBalancers/albPublic/actions/0/name': maxLength: got 53, want 52`},
		{"a further Ingress without name", alb(`ingresses: [{version: GRPC}]`), `at '/loadBalancers/albPublic/ingresses/0': missing property 'name'`},
		{"a share of more than everything", alb(`canary: {service: b, weight: 101}`), `at '/loadBalancers/albPublic/canary/weight': maximum: got 101, want 100`},
		{"an Elastic IP by address", alb(`frontendNLB: {enabled: true, eipAllocations: [192.0.2.1]}`), `at '/loadBalancers/albPublic/frontendNLB/eipAllocations/0'`},
		{"a mapped port in words", alb(`frontendNLB: {enabled: true, ports: {https: 443}}`), `at '/loadBalancers/albPublic/frontendNLB/ports': additional properties 'https' not allowed`},
		{"a controller that there is not", `controller: in-tree`, `at '/controller': value must be one of 'aws-load-balancer-controller', 'eks-auto-mode'`},
	})
}

// What AWS or the controller would refuse, or take and not do.
func TestALBRefusals(t *testing.T) {
	refuse(t, []refusal{
		{"a status node port with ip targets", alb(`statusNodePort: 30621`), `- loadBalancers.albPublic.statusNodePort: 30621 is a node port, but targetType is "ip"; set loadBalancers.albPublic.targetType to instance, or leave the node port out`},
		{"a backend node port with ip targets", alb(`backend: {nodePort: 30080}`), `- loadBalancers.albPublic.backend.nodePort: 30080 is a node port, but targetType is "ip"`},
		{"one node port for two things", alb(`targetType: instance, statusNodePort: 30621, backend: {nodePort: 30621}`), `- loadBalancers.albPublic.statusNodePort: 30621 is also loadBalancers.albPublic.backend.nodePort; use two node ports`},
		{"a time-out as long as the ALB's interval", alb(`healthCheck: {intervalSeconds: 5, timeoutSeconds: 5}`), `- loadBalancers.albPublic.healthCheck.timeoutSeconds: 5 is allowed up to 4 with intervalSeconds 5; lower it or raise the interval`},
		{"a tag that AWS keeps for itself", alb(`tags: {"aws:a": b}`), `- loadBalancers.albPublic.tags: "aws:a" is kept by AWS or by the controller; use another prefix`},
		{"a tag that AWS keeps for itself in any case", alb(`tags: {"AWS:a": b}`), `- loadBalancers.albPublic.tags: "AWS:a" is kept by AWS or by the controller; use another prefix`},
		{"a group order without a group", alb(`group: {order: 5}`), `- loadBalancers.albPublic.group.order: 5 has no effect without loadBalancers.albPublic.group.name`},
		{"an ALB in one subnet", alb(`subnets: [subnet-1]`), `- loadBalancers.albPublic.subnets: has 1 subnet, an ALB needs two or more in different availability zones`},
		{"no public IPv4 on an internal ALB", `loadBalancers: {albInternal: {enabled: true, ipAddressType: dualstack-without-public-ipv4}}`, `- loadBalancers.albInternal.ipAddressType: "dualstack-without-public-ipv4" is for internet-facing load balancers only; use dualstack`},
		{"a public and an internal ALB in one group", `loadBalancers: {albPublic: {enabled: true, group: {name: g}}, albInternal: {enabled: true, group: {name: g}}}`, `- loadBalancers.albInternal.group.name: "g" is also loadBalancers.albPublic.group.name, and a load balancer is either public or internal; use two names`},
		{"two load balancers of one name", `loadBalancers: {albPublic: {enabled: true, name: shop}, nlbInternal: {enabled: true, name: shop}}`, `- loadBalancers.nlbInternal.name: "shop" is also loadBalancers.albPublic.name, and AWS wants names of its own for the load balancers of an account; use two names`},
		{"a host without a dot", alb(`hosts: [shop]`), `- loadBalancers.albPublic.hosts: "shop" is no host for an ALB, which wants a dot, and letters only behind the last one; write it in full`},
		{"a host that is an address", alb(`hosts: [10.0.0.1]`), `- loadBalancers.albPublic.hosts: "10.0.0.1" is no host for an ALB`},
		{"a host that is too long", alb(`hosts: [` + strings.Repeat("a.", 65) + `com]`), `has 133 characters, an ALB takes 128; shorten it`},

		{"everybody's own X-Forwarded-For", alb(`xForwardedFor: preserve`), `- loadBalancers.albPublic.xForwardedFor: preserve, and everybody reaches the ALB`},

		// Listeners.
		{"HTTPS without a certificate", alb(`listeners: [{protocol: HTTPS, port: 443}]`), `- loadBalancers.albPublic.listeners: have HTTPS, which needs a certificate; set loadBalancers.albPublic.tls.certificateArns, or loadBalancers.albPublic.tls.discoverCertificates`},
		{"a certificate that no listener shows", alb(https + `, listeners: [{protocol: HTTP, port: 80}]`), `- loadBalancers.albPublic.tls.certificateArns: have no effect, since no listener is HTTPS`},
		{"a discovery that no listener wants", alb(`hosts: [a.example.com], tls: {discoverCertificates: true}, listeners: [{protocol: HTTP, port: 80}]`), `- loadBalancers.albPublic.tls.discoverCertificates: has no effect, since no listener is HTTPS`},
		{"a discovery beside certificates", alb(`hosts: [a.example.com], tls: {discoverCertificates: true, certificateArns: [` + certificate + `]}`), `- loadBalancers.albPublic.tls.discoverCertificates: has no effect beside loadBalancers.albPublic.tls.certificateArns; use one of the two`},
		{"a discovery without hosts", alb(`tls: {discoverCertificates: true}`), `- loadBalancers.albPublic.tls.discoverCertificates: finds certificates by hosts, and loadBalancers.albPublic.hosts is empty`},
		{"two protocols on one port", alb(https + `, listeners: [{protocol: HTTP, port: 443}, {protocol: HTTPS, port: 443}]`), `- loadBalancers.albPublic.listeners[1].port: 443 is also the port of loadBalancers.albPublic.listeners[0]; ports are used once`},
		{"client certificates without HTTPS", alb(`tls: {clientCertificates: {mode: verify, trustStore: clients}}`), `- loadBalancers.albPublic.tls.clientCertificates.mode: works on HTTPS listeners only, and there is none`},
		{"client certificates handed on without HTTPS", alb(`tls: {clientCertificates: {mode: passthrough}}`), `- loadBalancers.albPublic.tls.clientCertificates.mode: "passthrough" works on HTTPS listeners only, and there is none`},
		{"client certificates that HTTP goes past", alb(`tls: {redirectHTTP: false, certificateArns: [` + certificate + `], clientCertificates: {mode: verify, trustStore: clients}}`), `- loadBalancers.albPublic.tls.clientCertificates.mode: works on HTTPS listeners only, so requests over HTTP would go past it; set loadBalancers.albPublic.tls.redirectHTTP`},
		{"client certificates checked against nothing", alb(`tls: {certificateArns: [` + certificate + `], clientCertificates: {mode: verify}}`), `- loadBalancers.albPublic.tls.clientCertificates.trustStore: is empty, but the mode is "verify"; name the trust store`},
		{"a trust store for nothing", alb(`tls: {certificateArns: [` + certificate + `], clientCertificates: {mode: passthrough, trustStore: "` + trusted + `"}}`), `- loadBalancers.albPublic.tls.clientCertificates.trustStore: "` + trusted + `" has no effect with mode "passthrough"`},
		{"an expiry that nobody looks at", alb(`tls: {clientCertificates: {ignoreExpiry: true}}`), `- loadBalancers.albPublic.tls.clientCertificates.ignoreExpiry: true has no effect with mode "none"`},
		{"authorities that nobody is told", alb(`tls: {clientCertificates: {advertiseAuthorities: true}}`), `- loadBalancers.albPublic.tls.clientCertificates.advertiseAuthorities: true has no effect with mode "none"`},

		// Target groups.
		{"HTTPS to a gateway without certificate", alb(`backend: {protocol: HTTPS}`), `- loadBalancers.albPublic.backend.secret: is empty, but backend.protocol is "HTTPS"; name the Secret of the gateway's certificate`},
		{"a gateway's certificate that is never shown", alb(`backend: {secret: tls}`), `- loadBalancers.albPublic.backend.secret: "tls" has no effect, since backend.protocol is "HTTP"`},
		{"gRPC without HTTPS", alb(`backend: {version: GRPC}, healthCheck: {through: data}`), `- loadBalancers.albPublic.backend.version: "GRPC" needs HTTPS listeners; set loadBalancers.albPublic.tls.certificateArns, or use HTTP1`},
		{"HTTP/2 behind an HTTP listener", alb(`backend: {version: HTTP2}, healthCheck: {through: data}, tls: {redirectHTTP: false, certificateArns: [` + certificate + `]}`), `- loadBalancers.albPublic.backend.version: "HTTP2" is for HTTPS listeners only, and there is one for HTTP; set loadBalancers.albPublic.tls.redirectHTTP`},
		{"HTTP/2 to the status port", alb(https + `, backend: {version: HTTP2}`), `- loadBalancers.albPublic.healthCheck.through: "status" does not go with backend.version "HTTP2", which the status port does not speak; use data`},
		{"success codes beyond AWS's", alb(`healthCheck: {successCodes: "200-599"}`), `- loadBalancers.albPublic.healthCheck.successCodes: "200-599" is outside 200 to 499, the codes of HTTP1`},
		{"HTTP's success codes for gRPC", alb(https + `, backend: {version: GRPC}, healthCheck: {through: data, successCodes: "0,200"}`), `- loadBalancers.albPublic.healthCheck.successCodes: "200" is outside 0 to 99, the codes of GRPC`},
		{"success codes the wrong way round", alb(`healthCheck: {successCodes: "200,399-300"}`), `- loadBalancers.albPublic.healthCheck.successCodes: "399-300" ends before it begins; turn it round`},
		{"a slow start that the algorithm does not know", alb(`slowStartSeconds: 30, algorithm: least_outstanding_requests`), `- loadBalancers.albPublic.slowStartSeconds: 30 does not go with algorithm "least_outstanding_requests"; use round_robin, or leave it at 0`},
		{"a cookie without stickiness", alb(`stickiness: {applicationCookie: session}`), `- loadBalancers.albPublic.stickiness.applicationCookie: "session" has no effect, since stickiness.enabled is false; set that, or leave it out`},
		{"a duration without stickiness", alb(`stickiness: {durationSeconds: 60}`), `- loadBalancers.albPublic.stickiness.durationSeconds: 60 has no effect, since stickiness.enabled is false`},
		{"stickiness within a zone", alb(`stickiness: {enabled: true}, targetGroupAttributes: {load_balancing.cross_zone.enabled: "false"}`), `- loadBalancers.albPublic.stickiness.enabled: does not go with the attribute load_balancing.cross_zone.enabled false`},
		{"a mitigation that the algorithm does not know", alb(`targetGroupAttributes: {load_balancing.algorithm.anomaly_mitigation: "on"}`), `needs loadBalancers.albPublic.algorithm weighted_random`},
		{"a target group beside the controller's", alb(`backend: {targetGroupARN: "` + group + `"}`), `- loadBalancers.albPublic.backend.targetGroupARN: has no effect, since managedBy is "controller"`},

		// Sign-in and tokens.
		{"a sign-in without HTTPS", alb(cognito), `- loadBalancers.albPublic.authentication.type: works on HTTPS listeners only, and there is none`},
		{"a sign-in that HTTP goes past", alb(`tls: {redirectHTTP: false, certificateArns: [` + certificate + `]}, ` + cognito), `- loadBalancers.albPublic.authentication.type: works on HTTPS listeners only, so requests over HTTP would go past it`},
		{"a token that HTTP goes past", alb(`tls: {redirectHTTP: false, certificateArns: [` + certificate + `]}, ` + token), `- loadBalancers.albPublic.jwtValidation.jwksEndpoint: works on HTTPS listeners only, so requests over HTTP would go past it`},
		{"a sign-in to no pool", alb(https + `, authentication: {type: cognito}`), `- loadBalancers.albPublic.authentication.cognito.userPoolDomain: is empty, but authentication.type is "cognito"; set it`},
		{"a sign-in to no provider", alb(https + `, authentication: {type: oidc}`), `- loadBalancers.albPublic.authentication.oidc.secret: is empty, but authentication.type is "oidc"; set it`},
		{"a provider that nobody signs in to", alb(`authentication: {oidc: {secret: a}}`), `- loadBalancers.albPublic.authentication.oidc.secret: "a" has no effect, since authentication.type is none; set that, or leave it out`},
		{"a scope that nobody asks for", alb(`authentication: {scope: openid email}`), `- loadBalancers.albPublic.authentication.scope: "openid email" has no effect, since authentication.type is none`},
		{"parameters that nobody sends", alb(`authentication: {extraParameters: {prompt: login}}`), `- loadBalancers.albPublic.authentication.extraParameters: {"prompt":"login"} has no effect, since authentication.type is none`},
		{"gRPC clients that should sign in", alb(https + `, backend: {version: GRPC}, healthCheck: {through: data}, ` + cognito), `- loadBalancers.albPublic.authentication.type: "cognito" redirects browsers, which gRPC clients are not, and backend.version is "GRPC"; use jwtValidation`},
		{"a sign-in and a token", alb(https + `, ` + cognito + `, ` + token), `- loadBalancers.albPublic.jwtValidation.jwksEndpoint: does not go with authentication.type "cognito", the controller takes one of the two; keep one`},
		{"a token of any issuer", alb(https + `, jwtValidation: {jwksEndpoint: "https://a.example.com/keys"}`), `- loadBalancers.albPublic.jwtValidation.issuer: is empty, but a check needs it; set it`},
		{"an issuer that nobody checks", alb(`jwtValidation: {issuer: a}`), `- loadBalancers.albPublic.jwtValidation.issuer: "a" has no effect, since jwtValidation.jwksEndpoint is empty; set that, or leave it out`},
		{"a single claim with two values", alb(https + `, jwtValidation: {jwksEndpoint: "https://a.example.com/keys", issuer: a, additionalClaims: [{name: a, format: single-string, values: [a, b]}]}`), `- loadBalancers.albPublic.jwtValidation.additionalClaims[0].values: has 2 values, and the format is "single-string"; give one, or use string-array`},
		{"a claim's words in one", alb(https + `, jwtValidation: {jwksEndpoint: "https://a.example.com/keys", issuer: a, additionalClaims: [{name: a, format: space-separated-values, values: [a b]}]}`), `- loadBalancers.albPublic.jwtValidation.additionalClaims[0].values: have spaces, and the format is "space-separated-values"`},

		// Actions.
		{"two actions of one name", action(`fixedResponse: {statusCode: 503}}, {name: a, fixedResponse: {statusCode: 404}`), `- loadBalancers.albPublic.actions[1].name: "a" is also the name of loadBalancers.albPublic.actions[0]; names are used once`},
		{"an action of the gateway's name", alb(`actions: [{name: istio-ingress-alb-public, fixedResponse: {statusCode: 503}}]`), `- loadBalancers.albPublic.actions[0].name: "istio-ingress-alb-public" is the name of a gateway's Service`},
		{"a default that there is not", alb(`defaultBackend: sorry, actions: [{name: a, fixedResponse: {statusCode: 503}}]`), `- loadBalancers.albPublic.defaultBackend: "sorry" is not the name of one of loadBalancers.albPublic.actions; allowed: none, gateway, a`},
		{"a default with conditions", alb(`defaultBackend: a, actions: [{name: a, conditions: {methods: [GET]}, fixedResponse: {statusCode: 503}}]`), `- loadBalancers.albPublic.actions[0].conditions: has no effect, since loadBalancers.albPublic.defaultBackend names this action`},
		{"a default with paths", alb(`defaultBackend: a, actions: [{name: a, paths: [/a], fixedResponse: {statusCode: 503}}]`), `- loadBalancers.albPublic.actions[0].paths: has no effect, since`},
		{"a redirect to itself", action(`redirect: {statusCode: 301, host: "#{host}", path: "/#{path}", query: a=b}`), `- loadBalancers.albPublic.actions[0].redirect: leads to where the request came from; change protocol, host, port or path`},
		{"a redirect from HTTPS to HTTP", alb(https + `, actions: [{name: a, redirect: {statusCode: 301, protocol: HTTP}}]`), `- loadBalancers.albPublic.actions[0].redirect.protocol: "HTTP" is not where AWS redirects from HTTPS listeners to`},
		{"a redirect to HTTPS on port 80", action(`redirect: {statusCode: 301, protocol: HTTPS}`), `- loadBalancers.albPublic.actions[0].redirect.port: is not set, so from HTTP it leads to HTTPS on the port of HTTP`},
		{"a redirect to a port that there is not", action(`redirect: {statusCode: 301, port: "70000"}`), `- loadBalancers.albPublic.actions[0].redirect.port: "70000" is no port; allowed: 1 to 65535`},
		{"a forward without shares", action(`forward: {to: [{service: a, port: 80}, {service: b, port: 80, weight: 1}]}`), `- loadBalancers.albPublic.actions[0].forward.to: has 2 target groups and 1 with a weight; give each a weight, its share of the requests`},
		{"a forward that gives nothing to anyone", action(`forward: {to: [{service: a, port: 80, weight: 0}, {service: b, port: 80, weight: 0}]}`), `- loadBalancers.albPublic.actions[0].forward.to: has weight 0 only, so nothing gets a request; give one a share`},
		{"a forward to one Service twice", action(`forward: {to: [{service: a, port: 80, weight: 1}, {service: a, port: 80, weight: 2}]}`), `- loadBalancers.albPublic.actions[0].forward.to[1]: is also loadBalancers.albPublic.actions[0].forward.to[0]; give it one weight`},
		{"clients that stay with the only one", action(`forward: {to: [{service: a, port: 80}], stickinessSeconds: 60}`), `- loadBalancers.albPublic.actions[0].forward.stickinessSeconds: 60 has no effect with one target group`},
		{"clients that stay with a target but not with its group", alb(`stickiness: {enabled: true}, actions: [{name: a, paths: [/a], forward: {to: [{service: istio-ingress-alb-public, port: 80, weight: 1}, {service: b, port: 80, weight: 1}]}}]`), `- loadBalancers.albPublic.actions[0].forward.stickinessSeconds: is 0, but loadBalancers.albPublic.stickiness.enabled keeps clients with a target of istio-ingress-alb-public`},
		{"a rewrite of nothing", action(`fixedResponse: {statusCode: 503}, transforms: {url: [{regex: a, replace: b}]}`), `- loadBalancers.albPublic.actions[0].transforms: change what is forwarded, and this action forwards nothing; take them out`},
		{"a prefix with a wildcard", action(`paths: ["/a*"], fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].paths: "/a*" has a wildcard, which pathType "Prefix" does not take; set loadBalancers.albPublic.actions[0].pathType to ImplementationSpecific`},
		{"an exact path with a wildcard", action(`paths: ["/a?"], pathType: Exact, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].paths: "/a?" has a wildcard, which pathType "Exact" does not take`},
		{"a prefix with two slashes", action(`paths: ["//a"], fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].paths: "//a" has //, /./ or /../, and Kubernetes refuses such a path; write what it amounts to`},
		{"an exact path with a way up", action(`paths: ["/a/../b"], pathType: Exact, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].paths: "/a/../b" has //, /./ or /../`},
		{"a prefix that ends in a way up", action(`paths: ["/a/.."], fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].paths: "/a/.." has //, /./ or /../`},
		{"a path that is encoded", action(`paths: ["/a%2Fb"], fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].paths: "/a%2Fb" has "%", and AWS takes letters, digits and _-.$/~"'@:+& in a path; take it out, or match the path in conditions.pathRegex or in a route`},
		{"a path with what AWS does not take", action(`paths: ["/é #"], fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].paths: "/é #" has "é #", and AWS takes`},
		{"a further path with two slashes", further(`paths: ["/a//b"]`), `- loadBalancers.albPublic.ingresses[0].paths: "/a//b" has //, /./ or /../`},
		{"a path type for no path", action(`pathType: Exact, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].pathType: "Exact" has no effect without loadBalancers.albPublic.actions[0].paths`},
		{"a prefix that is too long", action(`paths: ["/` + strings.Repeat("a", 126) + `"], fixedResponse: {statusCode: 503}`), `is too long, with the /* that a prefix gets a path may have 128 characters; shorten it`},
		{"hosts in two ways", action(`hosts: [a.example.com], conditions: {hostRegex: ["^a"]}, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].conditions.hostRegex: does not go with loadBalancers.albPublic.actions[0].hosts, the controller takes one of the two; keep one`},
		{"paths in two ways", action(`paths: [/a], conditions: {pathRegex: ["^/a"]}, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].conditions.pathRegex: does not go with loadBalancers.albPublic.actions[0].paths`},
		{"six values by regular expression", action(`conditions: {hostRegex: [a, b], pathRegex: [c, d], headerRegex: {X-A: [e, f]}}, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0]: a rule of it has 6 values (6 of conditions), and AWS takes 5`},
		{"a condition on Host", action(`conditions: {headers: {host: [a.example.com]}}, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].conditions.headers: "host" is not for conditions; use loadBalancers.albPublic.actions[0].hosts`},
		{"the broadcast address as source", action(`conditions: {sourceIPs: [255.255.255.255/32]}, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].conditions.sourceIPs: "255.255.255.255/32" is not taken by AWS; take it out`},
		{"six values with host and prefix", action(`paths: [/a], conditions: {sourceIPs: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]}, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0]: a rule of it has 6 values (its host, 2 for the path "/a", 3 of conditions), and AWS takes 5; split it into two actions, or use pathType Exact, which counts once`},
		{"six values of conditions alone", alb(`actions: [{name: a, conditions: {headers: {X-A: [a, b]}, methods: [GET, HEAD], query: {c: [d, e]}}, fixedResponse: {statusCode: 503}}]`), `- loadBalancers.albPublic.actions[0]: a rule of it has 6 values (6 of conditions), and AWS takes 5; split it into two actions`},
		{"six wildcards", action(`hosts: ["*.example.com"], paths: ["/*/*/a?"], pathType: ImplementationSpecific, conditions: {headers: {X-A: ["*b*"]}}, fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0]: a rule of it has 6 wildcards, and AWS takes 5; use fewer`},
		{"an action's host without a dot", action(`hosts: [shop], fixedResponse: {statusCode: 503}`), `- loadBalancers.albPublic.actions[0].hosts: "shop" is no host for an ALB`},
		{"101 rules", alb(`hosts: [` + many(101, "h%d.example.com") + `]`), `- loadBalancers.albPublic: has 101 rules (each host with each path of the gateway, its actions and ingresses) on 1 listener, and AWS's default quota is 100 on a load balancer`},
		{"102 rules on two listeners", alb(`tls: {redirectHTTP: false, certificateArns: [` + certificate + `]}, hosts: [` + many(17, "h%d.example.com") + `], actions: [{name: a, paths: [/a, /b], fixedResponse: {statusCode: 503}}]`), `- loadBalancers.albPublic: has 51 rules (each host with each path of the gateway, its actions and ingresses) on 2 listeners, and AWS's default quota is 100`},

		// Further Ingresses, the canary and the NLB in front.
		{"further Ingresses without a group", alb(`ingresses: [{name: a}]`), `- loadBalancers.albPublic.ingresses: need loadBalancers.albPublic.group.name, else each would get a load balancer of its own; set the name`},
		{"two further Ingresses of one name", further(`paths: [/a]}, {name: a`), `- loadBalancers.albPublic.ingresses[1].name: "a" is also the name of loadBalancers.albPublic.ingresses[0]; names are used once`},
		{"a further Ingress of the actions' name", alb(`group: {name: g}, ingresses: [{name: actions}]`), `- loadBalancers.albPublic.ingresses[0].name: "actions" is the name of the Ingress of loadBalancers.albPublic.actions; use another name`},
		{"a further Ingress with a long name", alb(`group: {name: g}, ingresses: [{name: ` + strings.Repeat("a", 40) + `}]`), `the Service's name, 65 characters, and Kubernetes takes 63; shorten it`},
		{"a further Ingress behind the gateway's", further(`order: 0`), `- loadBalancers.albPublic.ingresses[0].order: 0 puts it behind the gateway's own rules (group.order 0), which then take its requests; use a lower one`},
		{"a further Ingress before the first", alb(`group: {name: g, order: -1000}, ingresses: [{name: a}]`), `- loadBalancers.albPublic.group.order: -1000 is the first place, and loadBalancers.albPublic.ingresses[0] needs one before it; raise loadBalancers.albPublic.group.order`},
		{"actions before the first", alb(`group: {name: g}, ingresses: [{name: a, order: -1000}], actions: [{name: a, fixedResponse: {statusCode: 503}}]`), `- loadBalancers.albPublic.ingresses: begin at order -1000, and the actions need a place ahead of that; raise the order`},
		{"a further host that the gateway answers with 404", further(`hosts: [a.example.org]`), `- loadBalancers.albPublic.ingresses[0].hosts: "a.example.org" is not let in by loadBalancers.albPublic.hosts ["*.example.com"], so the gateway would answer 404; add it there`},
		{"a further path with a wildcard", further(`paths: ["/a*"]`), `- loadBalancers.albPublic.ingresses[0].paths: "/a*" has a wildcard, which pathType "Prefix" does not take`},
		{"a further Ingress for gRPC without HTTPS", alb(`group: {name: g}, ingresses: [{name: a, version: GRPC}]`), `- loadBalancers.albPublic.ingresses[0].version: "GRPC" needs HTTPS listeners`},
		{"HTTP's success codes for a further gRPC", further(`version: GRPC, successCodes: "200"`), `- loadBalancers.albPublic.ingresses[0].successCodes: "200" is outside 0 to 99, the codes of GRPC`},
		{"no sign-in where there is none", further(`authenticate: false`), `- loadBalancers.albPublic.ingresses[0].authenticate: false has no effect, since neither loadBalancers.albPublic.authentication.type nor loadBalancers.albPublic.jwtValidation is set`},
		{"gRPC clients of a further Ingress that should sign in", alb(`group: {name: g}, ` + https + `, ` + cognito + `, ingresses: [{name: a, version: GRPC}]`), `- loadBalancers.albPublic.ingresses[0].authenticate: is not false, but loadBalancers.albPublic.authentication.type "cognito" redirects browsers`},
		{"an annotation of a further Ingress that LBC does not know", further(`annotations: {alb.ingress.kubernetes.io/group-name: a}`), `- loadBalancers.albPublic.ingresses[0].annotations: "alb.ingress.kubernetes.io/group-name" is not known`},
		{"a further Ingress without sign-in, by annotation", further(`annotations: {alb.ingress.kubernetes.io/auth-type: none}`), `- loadBalancers.albPublic.ingresses[0].annotations: "alb.ingress.kubernetes.io/auth-type" is what loadBalancers.albPublic.ingresses[0].authenticate sets; use that value`},
		{"a canary with an application's cookie", alb(`canary: {service: b}, stickiness: {enabled: true, applicationCookie: a}`), `- loadBalancers.albPublic.stickiness.applicationCookie: does not go with loadBalancers.albPublic.canary`},
		{"settings of an NLB in front that is not there", alb(`frontendNLB: {subnets: [subnet-1]}`), `- loadBalancers.albPublic.frontendNLB.subnets: has no effect without loadBalancers.albPublic.frontendNLB.enabled`},
		{"a port that leads nowhere", alb(`frontendNLB: {enabled: true, ports: {"80": 443}}`), `- loadBalancers.albPublic.frontendNLB.ports: "80" leads to 443, which is none of the ALB's listeners; allowed: 80`},
		{"a port that nobody lets in", alb(`frontendNLB: {enabled: true, ports: {"8080": 80}}`), `- loadBalancers.albPublic.frontendNLB.ports: "8080" is not let in by the ALB's security group, which the NLB shares; name groups in loadBalancers.albPublic.frontendNLB.securityGroups`},
		{"a port beyond the last", alb(`frontendNLB: {enabled: true, ports: {"70000": 80}}`), `- loadBalancers.albPublic.frontendNLB.ports: "70000" is no port; allowed: 1 to 65535`},
		{"Elastic IPs on an internal NLB", `loadBalancers: {albInternal: {enabled: true, frontendNLB: {enabled: true, eipAllocations: [eipalloc-12345678]}}}`, `- loadBalancers.albInternal.frontendNLB.eipAllocations: Elastic IPs are for internet-facing load balancers only`},
		{"Elastic IPs for unknown subnets", alb(`frontendNLB: {enabled: true, eipAllocations: [eipalloc-12345678]}`), `- loadBalancers.albPublic.frontendNLB.eipAllocations: has 1, one for each subnet, and how many subnets the controller finds is not known; name them in loadBalancers.albPublic.frontendNLB.subnets`},
		{"Elastic IPs for other subnets", alb(`subnets: [a, b], frontendNLB: {enabled: true, eipAllocations: [eipalloc-12345678]}`), `- loadBalancers.albPublic.frontendNLB.eipAllocations: has 1, and there are 2 subnets; give one for each`},
		{"an NLB without IPv4", alb(`ipAddressType: dualstack-without-public-ipv4, frontendNLB: {enabled: true}`), `- loadBalancers.albPublic.frontendNLB.enabled: an NLB has no address type "dualstack-without-public-ipv4"`},
	})
}

// What does nothing when the load balancer is made elsewhere.
func TestUnmanagedALBRefusals(t *testing.T) {
	const endpoint = `"https://a.example.com/keys"`
	rows := []refusal{}
	for _, unused := range []struct{ keys, path, value string }{
		{`name: shop`, "name", `"shop"`}, {`group: {name: g}`, "group.name", `"g"`}, {`ipAddressType: dualstack`, "ipAddressType", `"dualstack"`},
		{`subnets: [a, b]`, "subnets", `["a","b"]`}, {`inboundCIDRs: [10.0.0.0/8]`, "inboundCIDRs", `["10.0.0.0/8"]`},
		{`prefixLists: [pl-12345678]`, "prefixLists", `["pl-12345678"]`}, {`defaultBackend: gateway`, "defaultBackend", `"gateway"`},
		{`listeners: [{protocol: HTTP, port: 80}]`, "listeners", `[{"port":80,"protocol":"HTTP"}]`}, {https, "tls.certificateArns", `["` + certificate + `"]`},
		{`tls: {redirectHTTP: false}`, "tls.redirectHTTP", `false`}, {`tls: {policy: ELBSecurityPolicy-2016-08}`, "tls.policy", `"ELBSecurityPolicy-2016-08"`},
		{`tls: {discoverCertificates: true}`, "tls.discoverCertificates", `true`},
		{`tls: {clientCertificates: {mode: passthrough}}`, "tls.clientCertificates.mode", `"passthrough"`}, {`dropInvalidHeaders: true`, "dropInvalidHeaders", `true`},
		{`deletionProtection: true`, "deletionProtection", `true`}, {`accessLogs: {bucket: logs}`, "accessLogs.bucket", `"logs"`},
		{`waf: {webACLArn: none}`, "waf.webACLArn", `"none"`}, {`shieldAdvanced: true`, "shieldAdvanced", `true`}, {cognito, "authentication.type", `"cognito"`},
		{token, "jwtValidation.jwksEndpoint", endpoint}, {`actions: [{name: a, fixedResponse: {statusCode: 503}}]`, "actions", `[{"fixedResponse":{"statusCode":503},"name":"a"}]`},
		{`canary: {service: b}`, "canary.service", `"b"`}, {`frontendNLB: {enabled: true}`, "frontendNLB.enabled", `true`},
		{`group: {order: 5}`, "group.order", `5`}, {`idleTimeoutSeconds: 120`, "idleTimeoutSeconds", `120`}, {`xForwardedFor: remove`, "xForwardedFor", `"remove"`},
		{`canary: {weight: 10}`, "canary.weight", `10`}, {`canary: {port: 8080}`, "canary.port", `8080`}, {`authentication: {scope: email}`, "authentication.scope", `"email"`},
		{`jwtValidation: {issuer: a}`, "jwtValidation.issuer", `"a"`}, {`tls: {clientCertificates: {trustStore: clients}}`, "tls.clientCertificates.trustStore", `"clients"`},
		{`frontendNLB: {subnets: [subnet-0123456789abcdef0]}`, "frontendNLB.subnets", `["subnet-0123456789abcdef0"]`}, {`frontendNLB: {tags: {a: b}}`, "frontendNLB.tags", `{"a":"b"}`},
		{`tags: {a: b}`, "tags", `{"a":"b"}`},
		{`attributes: {client_keep_alive.seconds: "600"}`, "attributes", `{"client_keep_alive.seconds":"600"}`},
	} {
		rows = append(rows, refusal{unused.path, alb(`managedBy: none, ` + unused.keys), "- loadBalancers.albPublic." + unused.path + ": " + unused.value +
			` has no effect, since the load balancer is made elsewhere (managedBy none); leave it out, and set it there`})
	}
	for _, unused := range []struct{ keys, path, value string }{
		{`healthCheck: {intervalSeconds: 20}`, "healthCheck.intervalSeconds", `20`}, {`algorithm: weighted_random`, "algorithm", `"weighted_random"`},
		{`slowStartSeconds: 30`, "slowStartSeconds", `30`}, {`stickiness: {enabled: true}`, "stickiness.enabled", `true`},
		{`healthCheck: {through: data}`, "healthCheck.through", `"data"`},
	} {
		rows = append(rows, refusal{unused.path, alb(`managedBy: none, backend: {targetGroupARN: "` + group + `"}, ` + unused.keys), "- loadBalancers.albPublic." + unused.path + ": " + unused.value +
			` has no effect, since the target group is made elsewhere (backend.targetGroupARN); leave it out, and set it there`})
	}
	refuse(t, append(rows,
		refusal{"further Services of one target group", alb(`managedBy: none, backend: {targetGroupARN: "` + group + `"}, ingresses: [{name: a}]`), `- loadBalancers.albPublic.ingresses: have no effect beside loadBalancers.albPublic.backend.targetGroupARN`},
		refusal{"security groups that nothing looks at", alb(`managedBy: none, securityGroups: [sg-0123]`), `- loadBalancers.albPublic.securityGroups: has no effect without loadBalancers.albPublic.backend.targetGroupARN, since nothing else opens the nodes`},
	))
}

// What EKS Auto Mode does not do.
func TestAutoModeALBRefusals(t *testing.T) {
	auto := func(keys string) string { return `{controller: eks-auto-mode, ` + alb(keys) + `}` }
	const not = ` is not something that EKS Auto Mode does; set controller to aws-load-balancer-controller, or take it out`
	refuse(t, []refusal{
		{"Shield", auto(`shieldAdvanced: true`), `- loadBalancers.albPublic.shieldAdvanced: true` + not},
		{"listener attributes", auto(`listeners: [{protocol: HTTP, port: 80, attributes: {routing.http.response.server.enabled: "false"}}]`), `- loadBalancers.albPublic.listeners[0].attributes:` + not},
		{"tokens", auto(https + `, ` + token), `- loadBalancers.albPublic.jwtValidation.jwksEndpoint:` + not},
		{"an NLB in front", auto(`frontendNLB: {enabled: true}`), `- loadBalancers.albPublic.frontendNLB.enabled:` + not},
		{"conditions", auto(`actions: [{name: a, conditions: {methods: [GET]}, fixedResponse: {statusCode: 503}}]`), `- loadBalancers.albPublic.actions[0].conditions:` + not},
		{"transforms", auto(`actions: [{name: a, transforms: {url: [{regex: a, replace: b}]}, forward: {to: [{service: a, port: 80}]}}]`), `- loadBalancers.albPublic.actions[0].transforms:` + not},
		{"WAF Classic", auto(`annotations: {alb.ingress.kubernetes.io/waf-acl-id: none}`), `- loadBalancers.albPublic.annotations: "alb.ingress.kubernetes.io/waf-acl-id"` + not},
		{"subnets by name", auto(`subnets: [a, b]`), `- loadBalancers.albPublic.subnets: "a" is no ID (subnet-…), and EKS Auto Mode takes no names; write the ID`},
	})
}

// many is format for the numbers 1 to n, as elements of a list or map.
func many(n int, format string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i+1)
	}
	return strings.Join(all, ", ")
}
