// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"
)

const at443 = `tls: {certificateArns: [` + certificate + `]}, `

// redirects and shop are an ALB with HTTPS whose host is shop.example.com, with one action or several.
func redirects(keys string) string { return shop(`{name: a, ` + keys + `}`) }
func shop(actions string) string {
	return alb(at443 + `hosts: [shop.example.com], actions: [` + actions + `]`)
}

// Rules that lead back to themselves, that nothing reaches, or that the gateway would not answer.
func TestALBRuleRefusals(t *testing.T) {
	const a = `- loadBalancers.albPublic.actions[0]`
	const round = a + `.redirect: leads to where this action matches again, so clients would be sent round and round; give the action hosts or paths that do not take in `
	const answer = `fixedResponse: {statusCode: 503}`
	refuse(t, []refusal{
		{"a redirect to HTTPS from HTTPS", redirects(`redirect: {statusCode: 301, protocol: HTTPS, port: "443"}`), round + "the same host"},
		{"a redirect to its own host", redirects(`redirect: {statusCode: 301, host: shop.example.com}`), round + "shop.example.com"},
		{"a redirect to a host among others", alb(at443 + `hosts: ["*.example.com"], actions: [{name: a, redirect: {statusCode: 301, host: www.example.com}}]`), round + "www.example.com"},
		{"a redirect of every host to one", alb(`actions: [{name: a, redirect: {statusCode: 301, host: www.example.com}}]`), round + "www.example.com"},
		{"a redirect that makes its path longer", redirects(`paths: [/x], redirect: {statusCode: 301, path: "/x/#{path}"}`), round + "the same host /x/#{path}"},
		{"a redirect of every path to one", redirects(`redirect: {statusCode: 302, path: /sorry}`), round + "the same host /sorry"},
		{"a word that AWS does not fill in", redirects(`paths: [/x], redirect: {statusCode: 301, path: "/#{pth}"}`), a + `.redirect.path: "#{pth}" is nothing that AWS fills in; allowed: #{protocol}, #{host}, #{port}, #{path}, #{query}`},
		{"a word of a host that does not end", redirects(`redirect: {statusCode: 301, host: "www.#{host"}`), a + `.redirect.host: "#{host" is nothing that AWS fills in`},

		{"two actions for one path", shop(`{name: a, paths: [/x], ` + answer + `}, {name: b, paths: [/x], ` + answer + `}`), `- loadBalancers.albPublic.actions[1]: gets no request, since loadBalancers.albPublic.actions[0] comes before it and takes them all; put it first, or take it out`},
		{"an action below the path of another", shop(`{name: a, paths: [/x/], ` + answer + `}, {name: b, hosts: [shop.example.com], paths: [/x/y], pathType: Exact, ` + answer + `}`), `- loadBalancers.albPublic.actions[1]: gets no request, since loadBalancers.albPublic.actions[0] comes before it`},
		{"an Ingress behind one for every path", further(`hosts: []}, {name: b, paths: [/x]`), `- loadBalancers.albPublic.ingresses[1]: gets no request, since loadBalancers.albPublic.ingresses[0] comes before it and takes them all`},
		{"an Ingress behind an action for its path", alb(`hosts: ["*.example.com"], group: {name: g}, actions: [{name: a, paths: [/x], ` + answer + `}], ingresses: [{name: b, hosts: [a.example.com], paths: [/x/y]}]`), `- loadBalancers.albPublic.ingresses[0]: gets no request, since loadBalancers.albPublic.actions[0] comes before it`},
		{"an Ingress that its order puts behind another", further(`order: -1}, {name: b, order: -2, paths: [/x]}, {name: c, order: -3, paths: [/]`), `- loadBalancers.albPublic.ingresses[0]: gets no request, since loadBalancers.albPublic.ingresses[2] comes before it`},

		{"a port that the gateway's Service lacks", redirects(`forward: {to: [{service: istio-ingress-alb-public, port: 8080}]}`), a + `.forward.to[0].port: 8080 is no port of Service istio-ingress-alb-public, and the controller then changes nothing; use 80`},
		{"a host that the gateway answers with 404", redirects(`hosts: [a.example.org], forward: {to: [{service: istio-ingress-alb-public, port: 80}]}`), a + `.hosts: "a.example.org" is not let in by loadBalancers.albPublic.hosts ["shop.example.com"], so the gateway would answer 404; add it there, or rewrite it in transforms.host`},

		{"an expression of a path that does not end", redirects(`conditions: {pathRegex: ["(["]}, ` + answer), a + `.conditions.pathRegex: "([" is no regular expression that AWS takes; close its brackets, and use neither lookaround nor backreferences`},
		{"an expression of a header that looks ahead", redirects(`conditions: {headerRegex: {X-A: ["a(?!b)"]}}, ` + answer), a + `.conditions.headerRegex.X-A: "a(?!b)" is no regular expression that AWS takes`},
		{"an expression of a host with a stray bracket", redirects(`conditions: {hostRegex: ["a)|(b"]}, ` + answer), a + `.conditions.hostRegex: "a)|(b" is no regular expression that AWS takes`},
		{"an expression of a rewrite that does not end", redirects(`forward: {to: [{service: a, port: 80}]}, transforms: {url: [{regex: "(", replace: "/"}]}`), a + `.transforms.url[0].regex: "(" is no regular expression that AWS takes`},
		{"a group that a rewrite lacks", redirects(`forward: {to: [{service: a, port: 80}]}, transforms: {host: [{regex: "^(?:a)([(])\\(", replace: "$2"}]}`), a + `.transforms.host[0].replace: "$2" stands for a group that the expression lacks, it has 1; put brackets round what it is to be`},

		{"expressions for paths that are none", alb(`annotations: {alb.ingress.kubernetes.io/use-regex-path-match: "true"}`), `- loadBalancers.albPublic.annotations: "alb.ingress.kubernetes.io/use-regex-path-match" has no effect, since no path of that Ingress has pathType ImplementationSpecific; set that, or take it out`},
		{"expressions for paths of a further Ingress that are none", further(`paths: [/x], annotations: {alb.ingress.kubernetes.io/use-regex-path-match: "true"}`), `- loadBalancers.albPublic.ingresses[0].annotations: "alb.ingress.kubernetes.io/use-regex-path-match" has no effect`},
		{"a web ACL that comes off and stays on", alb(`waf: {webACLArn: none}, annotations: {alb.ingress.kubernetes.io/wafv2-acl-name: shop}`), `- loadBalancers.albPublic.waf.webACLArn: "none" has no effect beside the annotation "alb.ingress.kubernetes.io/wafv2-acl-name", which wins; keep one of the two`},
		{"a TLS policy without HTTPS", alb(`tls: {policy: ELBSecurityPolicy-2016-08}`), `- loadBalancers.albPublic.tls.policy: "ELBSecurityPolicy-2016-08" has no effect, since no listener is HTTPS; set loadBalancers.albPublic.tls.certificateArns, or leave it out`},
		{"IPv4 clients of an ALB without public IPv4", alb(`ipAddressType: dualstack-without-public-ipv4, inboundCIDRs: [10.0.0.0/8]`), `- loadBalancers.albPublic.inboundCIDRs: has IPv4 networks only, and with ipAddressType "dualstack-without-public-ipv4" clients come by IPv6, so nobody would be let in; add IPv6 networks`},

		{"an error as the sign of health", alb(`healthCheck: {successCodes: "404"}`), `- loadBalancers.albPublic.healthCheck.successCodes: "404" leaves out 200, which a gateway answers when it is ready, so that no target would ever be healthy; add 200`},
		{"redirects as the sign of health", alb(`healthCheck: {successCodes: "201-299,300-399"}`), `successCodes: "201-299,300-399" leaves out 200`},
		{"gRPC's own default", further(`version: GRPC, successCodes: "12"`), `- loadBalancers.albPublic.ingresses[0].successCodes: "12" leaves out 0, which a gateway answers when it is ready`},
	})
}

// What is in another region, or in another partition of AWS, no controller can use.
func TestRegionRefusals(t *testing.T) {
	in := func(region string) string {
		return "arn:aws:elasticloadbalancing:" + region + ":111122223333:targetgroup/shop/0123456789abcdef"
	}
	const first = `, and loadBalancers.albPublic.tls.certificateArns[0] is in eu-west-1; the controller works in one of them, so use one from there`
	refuse(t, []refusal{
		{"certificates of two regions", alb(`tls: {certificateArns: [` + certificate + `, "arn:aws:acm:us-east-1:111122223333:certificate/a"]}`), `- loadBalancers.albPublic.tls.certificateArns[1]: "arn:aws:acm:us-east-1:111122223333:certificate/a" is in region us-east-1` + first},
		{"a web ACL of another region", alb(https + `, waf: {webACLArn: "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/a/b"}`), `- loadBalancers.albPublic.waf.webACLArn: "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/a/b" is in region us-east-1` + first},
		{"a trust store of another region", alb(`tls: {certificateArns: [` + certificate + `], clientCertificates: {mode: verify, trustStore: "arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/clients/0123456789abcdef"}}`), `- loadBalancers.albPublic.tls.clientCertificates.trustStore: "arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/clients/0123456789abcdef" is in region us-east-1` + first},
		{"a target group of another region in an action", alb(https + `, actions: [{name: a, forward: {to: [{targetGroupARN: "` + in("us-east-1") + `"}]}}]`), `- loadBalancers.albPublic.actions[0].forward.to[0].targetGroupARN: "` + in("us-east-1") + `" is in region us-east-1` + first},
		{"target groups of two regions", `loadBalancers: {albPublic: {enabled: true, managedBy: none, backend: {targetGroupARN: "` + in("eu-west-1") + `"}}, nlbPublic: {enabled: true, managedBy: none, ports: [{name: a, port: 80, targetPort: 8080, targetGroupARN: "` + in("us-east-1") + `"}]}}`, `- loadBalancers.nlbPublic.ports[0].targetGroupARN: "` + in("us-east-1") + `" is in region us-east-1, and loadBalancers.albPublic.backend.targetGroupARN is in eu-west-1`},
		{"certificates of two partitions", alb(`tls: {certificateArns: ["arn:aws:iam::111122223333:server-certificate/a", "arn:aws-cn:acm:cn-north-1:111122223333:certificate/a"]}`), `- loadBalancers.albPublic.tls.certificateArns[1]: "arn:aws-cn:acm:cn-north-1:111122223333:certificate/a" is in partition aws-cn, and loadBalancers.albPublic.tls.certificateArns[0] is in aws; the controller works in one of them`},
	})
}

// The nearest values to those above that are right.
func TestALBRulesThatAreTaken(t *testing.T) {
	const answer = `fixedResponse: {statusCode: 503}`
	for name, values := range map[string]string{
		"a redirect from HTTP to HTTPS elsewhere":          alb(`actions: [{name: a, redirect: {statusCode: 301, protocol: HTTPS, port: "443"}}]`),
		"a redirect from one port to another":              alb(`tls: {certificateArns: [` + certificate + `], redirectHTTP: false}, actions: [{name: a, paths: [/x], redirect: {statusCode: 301, path: /y}}]`),
		"a redirect from www":                              redirects(`hosts: [www.example.com], redirect: {statusCode: 301, protocol: HTTPS, host: shop.example.com, port: "443", path: "/#{path}", query: "#{query}"}`),
		"a redirect to a longer host":                      redirects(`redirect: {statusCode: 301, host: "www.#{host}"}`),
		"a redirect out of its path":                       redirects(`paths: [/x], redirect: {statusCode: 301, path: "/y/#{path}"}`),
		"a redirect from one exact path to one below":      redirects(`paths: [/x], pathType: Exact, redirect: {statusCode: 301, path: /x/}`),
		"a redirect that a condition ends":                 redirects(`conditions: {methods: [POST]}, redirect: {statusCode: 302, path: /sorry}`),
		"a redirect to what an action before it takes":     shop(`{name: a, paths: [/sorry], ` + answer + `}, {name: b, redirect: {statusCode: 302, path: /sorry}}`),
		"a redirect to a host that an action before takes": shop(`{name: a, hosts: [a.example.com], ` + answer + `}, {name: b, hosts: ["*.example.com"], redirect: {statusCode: 302, host: a.example.com}}`),

		"two actions for one path of two hosts":       shop(`{name: a, hosts: [a.example.com], paths: [/x], ` + answer + `}, {name: b, paths: [/x], ` + answer + `}`),
		"an action behind one that is an alternative": shop(`{name: a, paths: [/x], conditions: {methods: [GET]}, ` + answer + `}, {name: b, paths: [/x], ` + answer + `}`),
		"an action for one path more":                 shop(`{name: a, paths: [/x], ` + answer + `}, {name: b, paths: [/x, /y], ` + answer + `}`),
		"a prefix behind an exact path":               shop(`{name: a, paths: [/x], pathType: Exact, ` + answer + `}, {name: b, paths: [/x], ` + answer + `}`),
		"a path that only begins alike":               shop(`{name: a, paths: [/x], ` + answer + `}, {name: b, paths: [/xy], ` + answer + `}`),
		"a maintenance page":                          shop(`{name: a, ` + answer + `}, {name: b, paths: [/x], ` + answer + `}`),
		"an action that answers what no rule matches": alb(`hosts: [shop.example.com], defaultBackend: a, actions: [{name: a, ` + answer + `}, {name: b, paths: [/x], ` + answer + `}]`),
		"an Ingress for every path behind another":    further(`order: -3, paths: [/x]}, {name: b, order: -2`),

		"the gateway itself":                          redirects(`paths: [/x], forward: {to: [{service: istio-ingress-alb-public, port: 80}]}, transforms: {url: [{regex: "^/x/(.*)$", replace: "/$1"}]}`),
		"the gateway for a host that is rewritten":    redirects(`hosts: [a.example.org], forward: {to: [{service: istio-ingress-alb-public, port: 80}]}, transforms: {host: [{regex: "^.*$", replace: shop.example.com}]}`),
		"another Service's port":                      redirects(`hosts: [a.example.org], forward: {to: [{service: a, port: 8080}]}`),
		"regular expressions":                         redirects(`conditions: {pathRegex: ["^/v[0-9]+(/|$)"], headerRegex: {X-A: ["[(]\\(", "(?i)^a|b$"]}}, ` + answer),
		"all groups of a rewrite":                     redirects(`forward: {to: [{service: a, port: 80}]}, transforms: {url: [{regex: "^/(a|b)/(?P<rest>.*)$", replace: "/$2/$1?price=\\$9&all=$0"}]}`),
		"expressions for paths":                       alb(`annotations: {alb.ingress.kubernetes.io/use-regex-path-match: "true"}, actions: [{name: a, paths: ["/v[0-9]/.*"], pathType: ImplementationSpecific, ` + answer + `}]`),
		"a web ACL by name":                           alb(`annotations: {alb.ingress.kubernetes.io/wafv2-acl-name: shop}`),
		"a TLS policy with HTTPS":                     alb(`tls: {certificateArns: [` + certificate + `], policy: ELBSecurityPolicy-2016-08}`),
		"IPv6 clients of an ALB without public IPv4":  alb(`ipAddressType: dualstack-without-public-ipv4, inboundCIDRs: [10.0.0.0/8, "2001:db8::/32"]`),
		"a prefix list of an ALB without public IPv4": alb(`ipAddressType: dualstack-without-public-ipv4, inboundCIDRs: [10.0.0.0/8], prefixLists: [pl-12345678]`),
		"more codes than the gateway's":               alb(`healthCheck: {successCodes: "404,200-299"}`),
		"gRPC's code of health":                       further(`version: GRPC, successCodes: "0,12"`),
		"26 certificates, the default one among them": alb(`tls: {certificateArns: [` + many(26, "arn:aws:acm:eu-west-1:111122223333:certificate/%d") + `]}`),
		"a group whose first place an Ingress has":    alb(`group: {name: g, order: -999}, ingresses: [{name: a}]`),
		"a certificate of IAM, which has no region":   alb(`tls: {certificateArns: [` + certificate + `, "arn:aws:iam::111122223333:server-certificate/a"]}`),
		"a user pool of another region":               alb(https + `, authentication: {type: cognito, cognito: {userPoolARN: "arn:aws:cognito-idp:us-east-1:111122223333:userpool/a", userPoolClientID: a, userPoolDomain: a}}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rendered(t, `{base: {enabled: false}}`, values)
		})
	}
}
