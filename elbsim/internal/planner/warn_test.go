// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// warned is a mistake that the controller accepts, and the one warning of the plan.
type warned struct{ name, manifests, object, message string }

func warns(t *testing.T, cases []warned) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, c.manifests, planner.Options{})
			assert.Empty(t, p.Rejections)
			require.Len(t, p.Warnings, 1, "%v", p.Warnings)
			assert.Equal(t, c.object, p.Warnings[0].Object)
			assert.Contains(t, p.Warnings[0].Message, c.message)
		})
	}
}

const (
	onWeb = "Ingress default/web"
	onTCP = "Service default/tcp"
	onSvc = "Service default/web"
)

// annotated puts annotations with any prefix on the Ingress of site or the Service of tcp.
func annotated(manifests, json string) string {
	if strings.Contains(manifests, "kind: Ingress") {
		return with(manifests, "annotations: {}", "annotations: "+json)
	}
	return with(manifests, `annotations: {`, `annotations: {`+strings.Trim(json, "{}")+`,`)
}

func TestNamesThatAreNone(t *testing.T) {
	warns(t, []warned{
		{"a dynamic name that is misspelt", site("listener-attribute.HTTP-80", "a=b"), onWeb, "did you mean alb.ingress.kubernetes.io/listener-attributes.HTTP-80?"},
		{"a name that must go on", site("listener-attributes", "a=b"), onWeb, "its name goes on, as in alb.ingress.kubernetes.io/listener-attributes.<protocol>-<port>"},
		{"target-control-port alone", site("target-control-port", "80"), onWeb, "as in alb.ingress.kubernetes.io/target-control-port.<service>.<port>"},
		{"capitals in the name", site("Scheme", "internal"), onWeb, "did you mean alb.ingress.kubernetes.io/scheme?"},
		{"capitals in the prefix", annotated(site(), `{"ALB.ingress.kubernetes.io/scheme": internal}`), onWeb, "; write alb.ingress.kubernetes.io/scheme"},
		{"a prefix that is misspelt", annotated(site(), `{"alb.ingres.kubernetes.io/scheme": internal}`), onWeb, "; write alb.ingress.kubernetes.io/scheme"},
		{"a prefix that is shortened", annotated(site(), `{"alb.ingress.k8s.io/scheme": internal}`), onWeb, "; write alb.ingress.kubernetes.io/scheme"},
		{"no slash", annotated(site(), `{"alb.ingress.kubernetes.io.scheme": internal}`), onWeb, "; write alb.ingress.kubernetes.io/scheme"},
		{"service.kubernetes.io, which is not read", annotated(tcp(), `{"service.kubernetes.io/aws-load-balancer-scheme": internal}`), onTCP, "; write service.beta.kubernetes.io/aws-load-balancer-scheme"},
		{"a prefix that is misspelt on a Service", annotated(tcp(), `{"service.beta.kubernetes.com/aws-load-balancer-shceme": internal}`), onTCP, "did you mean service.beta.kubernetes.io/aws-load-balancer-scheme?"},
		{"an Ingress setting that is not read from a Service", annotatedService(`{"alb.ingress.kubernetes.io/listen-ports": '[{"HTTP": 80}]'}`), onSvc, "annotation alb.ingress.kubernetes.io/listen-ports has no effect on a Service"},
		{"a Service setting on an Ingress", annotated(site(), `{"service.beta.kubernetes.io/aws-load-balancer-scheme": internal}`), onWeb, "has no effect on an Ingress"},
		{"a setting of Pods on a Service", tcp("aws-load-balancer-quic-enabled-containers", "web"), onTCP, "the controller reads it from Pods"},
		{"a target setting of an ALB at an NLB", annotated(tcp(), `{"alb.ingress.kubernetes.io/healthcheck-path": /ready}`), onTCP, `healthcheck-path "/ready" has no effect on its Network Load Balancer`},
	})
}

// annotatedService is site with annotations on its Service.
func annotatedService(json string, annotations ...string) string {
	return with(site(annotations...), "metadata: {name: web}", "metadata: {name: web, annotations: "+json+"}")
}

func TestNamesAndFieldsInAnnotations(t *testing.T) {
	fixed := `{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503"}}`
	warns(t, []warned{
		{"an action that no backend names", site("actions.x", fixed), onWeb, `actions.x has no effect: no backend is called "x"`},
		{"an action whose backend does not ask for it", site("actions.web", fixed), onWeb, `actions.web has no effect: backend "web" does not ask for it; give the backend service.name web and service.port.name use-annotation`},
		{"a condition that no path names", site("conditions.x", "[]"), onWeb, `conditions.x has no effect: no path has a backend "x"`},
		{"a transform that no path names", site("transforms.x", "[]"), onWeb, `transforms.x has no effect`},
		{"a condition of the default backend", with(site("conditions.d", "[]", "actions.d", fixed), "  rules:", "  defaultBackend: {service: {name: d, port: {name: use-annotation}}}\n  rules:"), onWeb, `"d" is the default backend, which has no rule`},
		{"a condition that no path names and that is no JSON", site("conditions.x", "[{"), onWeb, `conditions.x has no effect`},
		{"a field of a redirect that is misspelt", action(`{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301","host":"example.com","querry":"a"}}`), onWeb, `the unknown field "querry"`},
		{"a field of a token check that is misspelt", site("certificate-arn", certificate, "jwt-validation", `{"jwksEndpoint":"https://a.example.com/k","issuer":"https://a.example.com","audience":"x"}`), onWeb, `jwt-validation has the unknown field "audience"`},
	})
}

func TestSettingsOfAnIngressWithoutEffect(t *testing.T) {
	oidc := []string{"auth-type", "oidc", "auth-idp-oidc", `{"issuer":"https://id.example.com","authorizationEndpoint":"https://id.example.com/a","tokenEndpoint":"https://id.example.com/t","userInfoEndpoint":"https://id.example.com/u","secretName":"oidc"}`}
	const secret = "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: oidc}\nstringData: {clientID: a, clientSecret: b}\n"
	both := []string{"listen-ports", `[{"HTTP": 80}, {"HTTPS": 443}]`, "certificate-arn", certificate}
	warns(t, []warned{
		{"inbound-cidrs beside security-groups", site("security-groups", "nodes", "inbound-cidrs", "10.0.0.0/8"), onWeb, `inbound-cidrs "10.0.0.0/8" has no effect`},
		{"prefix lists beside security-groups", site("security-groups", "nodes", "security-group-prefix-lists", "pl-1"), onWeb, `security-group-prefix-lists "pl-1" has no effect`},
		{"a certificate without HTTPS", site("listen-ports", `[{"HTTP": 80}]`, "certificate-arn", certificate), onWeb, "certificate-arn has no effect: the Ingress has no HTTPS listener"},
		{"a TLS policy without HTTPS", site("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06"), onWeb, "ssl-policy"},
		{"a sign-in that HTTP goes round", secret + "---\n" + site(append(oidc, both...)...), onWeb, "auth-type does not count at HTTP:80, where requests are forwarded without it; set ssl-redirect"},
		{"mutual TLS at another port", site(append(both, "mutual-authentication", `[{"port": 8443, "mode": "passthrough"}]`)...), onWeb, "mutual-authentication has no effect on port 8443"},
		{"attributes of a listener that is not there", site("listener-attributes.HTTPS-443", "routing.http.response.server.enabled=false"), onWeb, "the load balancer has no listener HTTPS-443; name one of HTTP-80"},
		{"a provider without auth-type", site("auth-scope", "openid"), onWeb, "nobody has to sign in without auth-type"},
		{"a bucket for logs that are off", site("load-balancer-attributes", "access_logs.s3.bucket=logs"), onWeb, "access_logs.s3.bucket in annotation"},
		{"stickiness that is off", site("target-group-attributes", "stickiness.lb_cookie.duration_seconds=60"), onWeb, "stickiness is off; add stickiness.enabled=true"},
		{"regular expressions without such paths", site("use-regex-path-match", "true"), onWeb, "it counts for paths of pathType ImplementationSpecific only"},
		{"a certificate that is to be made", site("create-acm-cert", "true"), onWeb, "EnableCertificateManagement is off"},
		{"a name that is deprecated", site("web-acl-id", "none"), onWeb, `web-acl-id "none" is deprecated; its name is now waf-acl-id, and its successor wafv2-acl-arn`},
		{"a name that is deprecated, beside its successor", site("web-acl-id", "a", "waf-acl-id", "none"), onWeb, `web-acl-id "a" has no effect: waf-acl-id beats it`},
		{"a setting beaten by the Service's", annotatedService(`{"alb.ingress.kubernetes.io/healthcheck-path": /own}`, "healthcheck-path", "/ready"), onWeb, `healthcheck-path "/ready" has no effect on Service default/web, whose own annotation says "/own"`},
	})
}

func TestSettingsOfAServiceWithoutEffect(t *testing.T) {
	const lb = "aws-load-balancer-"
	warns(t, []warned{
		{"prefix lists beside security groups", tcp(lb+"security-groups", "nodes", lb+"security-group-prefix-lists", "pl-1"), onTCP, "aws-load-balancer-security-groups takes its place"},
		{"source ranges beside security groups", tcp(lb+"security-groups", "nodes", "load-balancer-source-ranges", "10.0.0.0/8"), onTCP, `source-ranges "10.0.0.0/8" lets nobody into the load balancer and keeps nobody out`},
		{"security groups of a load balancer that is to have none", tcp(lb+"security-groups", "nodes", lb+"disable-nlb-sg", "true"), onTCP, "without security groups"},
		{"a TLS policy without certificate", tcp(lb+"ssl-negotiation-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06"), onTCP, "no listener has TLS without aws-load-balancer-ssl-cert"},
		{"TLS to targets without certificate", tcp(lb+"backend-protocol", "ssl"), onTCP, "only a listener with TLS encrypts again"},
		{"a bucket for logs that are off", tcp(lb+"access-log-s3-bucket-name", "logs"), onTCP, "nothing is logged"},
		{"success codes of TCP", tcp(lb+"healthcheck-success-codes", "200"), onTCP, "the health check is of TCP"},
		{"labels of nodes for Pods", tcp(lb+"target-node-labels", "a=b"), onTCP, "it selects nodes"},
		{"attributes of a port that is none", tcp(lb+"target-group-attributes.81", "preserve_client_ip.enabled=false"), onTCP, "its name ends in no port of the Service"},
		{"attributes of a listener that is not there", tcp(lb+"listener-attributes.TCP-81", "tcp.idle_timeout.seconds=400"), onTCP, "the load balancer has no listener TCP-81; name one of TCP-80"},
		{"an action of a listener that is not there", tcp("actions.TLS-80", `{"type":"forward"}`), onTCP, "actions.TLS-80 has no effect"},
		{"nlb-ip with nodes", tcpOf("instance", lb+"type", "nlb-ip"), onTCP, `nlb-target-type "instance" has no effect: nlb-ip beats it: targets are Pods`},
		{"two schemes", tcp(lb+"scheme", "internal", lb+"internal", "false"), onTCP, `aws-load-balancer-internal "false" has no effect: annotation service.beta.kubernetes.io/aws-load-balancer-scheme "internal" beats it`},
		{"PROXY protocol on and off", tcp(lb+"proxy-protocol", "*", lb+"target-group-attributes", "proxy_protocol_v2.enabled=false"), onTCP, "aws-load-balancer-proxy-protocol beats it"},
		{"cross-zone on and off", tcp(lb+"cross-zone-load-balancing-enabled", "true", lb+"attributes", "load_balancing.cross_zone.enabled=false"), onTCP, "load_balancing.cross_zone.enabled=false in annotation"},
		{"ICMP true", tcp(lb+"enable-icmp-for-path-mtu-discovery", "true"), onTCP, `"true" is none of on, off: the controller takes off`},
		{"TCP_UDP in words", with(tcp(lb+"enable-tcp-udp-listener", "yes"), "port: 80,", "port: 81,"), onTCP, "it is no boolean, and the controller takes false"},
		{"QUIC on a port that is none", tcp(lb+"quic-enabled-ports", "81"), onTCP, `"81" in annotation`},
		{"a ClusterIP Service that gets a load balancer", with(tcp(lb+"type", "external"), "type: LoadBalancer", "type: ClusterIP"), onTCP, "type ClusterIP: it gets a Network Load Balancer all the same by its annotations"},
		{"a ClusterIP Service that gets none", with(tcp(), "type: LoadBalancer", "type: ClusterIP"), onTCP, "no load balancer is made of a Service of type ClusterIP"},
		{"a listener that only AWS serves", with(tcp(lb+"quic-enabled-ports", "80"), "port: 80,", "port: 80, protocol: UDP,"), onTCP, "AWS serves it, but elbsim run does not"},
	})
}

func tcpOf(targetType string, annotations ...string) string {
	return with(tcp(annotations...), `nlb-target-type":"ip"`, `nlb-target-type":"`+targetType+`"`)
}

func TestGroupsAndRulesThatNeverAct(t *testing.T) {
	path := func(path string) string { return with(site(), "path: /,", "path: "+path+",") }
	second := func(path, kind string) string {
		return with(path, "http: {paths: [{", "http: {paths: [{path: "+kind+", backend: {service: {name: web, port: {number: 9000}}}}, {")
	}
	warns(t, []warned{
		{"a path after one that matches all of it", second(site(), "'/shop*', pathType: ImplementationSpecific"), onWeb, "its rule for app.example.com /shop* never acts: at HTTP:80 the rule for app.example.com /* of Ingress default/web goes first"},
		{"a host after a wildcard of it", with(second(site(), "/, pathType: Exact"), "host: app.example.com\n    http: {paths: [{path: /, pathType: Exact, backend: {service: {name: web, port: {number: 9000}}}}, ", "host: '*.example.com'\n    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 9000}}}}]}\n  - host: app.example.com\n    http: {paths: ["), onWeb, "its rule for app.example.com /* never acts: at HTTP:80 the rule for *.example.com /* of Ingress default/web goes first"},
		{"the same host and path in two Ingresses of a group", nodePorts + ingress("a", "web", "name: http", "group.name", "g") + ingress("b", "web", "number: 9000", "group.name", "g"), "Ingress default/b", "the rule for app.example.com /* of Ingress default/a goes first"},
		{"a setting of a frontend NLB, with none in the group", nodePorts + ingress("a", "web", "name: http", "group.name", "g", "frontend-nlb-scheme", "internal") + with(ingress("b", "web", "number: 9000", "group.name", "g"), "app.", "other."), "Ingress default/a", "frontend-nlb-scheme"},
	})
	for name, manifests := range map[string]string{
		"a longer prefix goes first":       second(path("/shop"), "/shop/cart, pathType: Prefix"),
		"an exact path goes first":         second(site(), "/shop, pathType: Exact"),
		"paths that only look alike":       second(path("/shop"), "/shops, pathType: Prefix"),
		"two hosts of a group":             nodePorts + ingress("a", "web", "name: http", "group.name", "g") + with(ingress("b", "web", "number: 9000", "group.name", "g"), "app.", "other."),
		"two Ingresses without a group":    nodePorts + ingress("a", "web", "name: http") + ingress("b", "web", "number: 9000"),
		"the setting of another member":    nodePorts + ingress("a", "web", "name: http", "group.name", "g", "enable-frontend-nlb", "true") + with(ingress("b", "web", "number: 9000", "group.name", "g", "frontend-nlb-scheme", "internal"), "app.", "other."),
		"the same path for other methods":  nodePorts + ingress("a", "web", "name: http", "group.name", "g", "conditions.web", `[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]`) + ingress("b", "web", "number: 9000", "group.name", "g", "conditions.web", `[{"field":"http-request-method","httpRequestMethodConfig":{"values":["POST"]}}]`),
		"a redirect that HTTPS leaves out": nodePorts + with(ingress("web", "r", "name: use-annotation", "listen-ports", `[{"HTTP": 80}, {"HTTPS": 443}]`, "certificate-arn", certificate, "actions.r", `{"type":"redirect","redirectConfig":{"protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}}`), "port: {name: use-annotation}}}}", "port: {name: use-annotation}}}}, {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}"),
	} {
		t.Run("no alarm: "+name, func(t *testing.T) { assert.Empty(t, plan(t, manifests, planner.Options{}).Warnings) })
	}
}

func TestTheNameOfAWebACLBeatsItsARN(t *testing.T) {
	const acl = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/named/1"
	p := plan(t, site("wafv2-acl-name", "named", "wafv2-acl-arn", strings.Replace(acl, "named", "other", 1)), planner.Options{Account: fakeaws.Options{WebACLs: []string{acl}}})
	require.Len(t, p.LoadBalancers, 1)
	assert.Equal(t, acl, p.LoadBalancers[0].WebACL)
	require.Len(t, p.Warnings, 1)
	assert.Contains(t, p.Warnings[0].Message, "wafv2-acl-name beats it; take one of the two out")
}

func TestWhatTheClassSaysBeatsTheIngress(t *testing.T) {
	const class = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: public}}
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: public}
spec: {scheme: internet-facing}
---
`
	warns(t, []warned{{"the scheme", class + site("scheme", "internal"), onWeb, `scheme "internal" has no effect: its class sets spec.scheme to "internet-facing" in IngressClassParams public`}})
}
