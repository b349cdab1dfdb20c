// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/internal/render"
)

const (
	toA = `to: [{host: a.ns.svc.cluster.local, port: 80}]`
	toB = `to: [{host: b.ns.svc.cluster.local, port: 80}]`
	// A route through an ALB, but for its rules.
	okRoute = `name: a, loadBalancers: [albInternal], hosts: [a.example.com]`
)

// rules is a route with these rules for HTTP; rule has one that leads to a destination.
func rules(list string) string { return route(okRoute + `, http: [` + list + `]`) }
func rule(keys string) string  { return rules(`{` + toA + `, ` + keys + `}`) }

// network is routes through an NLB with one port of each kind and TLS passthrough on https.
func network(routes string) string {
	return `{loadBalancers: {nlbInternal: {enabled: true, ports: [` +
		`{name: http2, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443, protocol: TCP}, ` +
		`{name: mysql, port: 3306, targetPort: 3306, protocol: TCP}, {name: dns, port: 53, targetPort: 5353, protocol: UDP}], ` +
		`tls: {terminateAt: passthrough, ports: [https]}}}, routes: [` + routes + `]}`
}

// passthrough is an NLB for one host whose TLS passes through, with routes and more values.
func passthrough(host, routes, more string) string {
	if more != "" {
		more = ", " + more
	}
	return `{loadBalancers: {nlbPublic: {enabled: true, hosts: ["` + host + `"], ports: [{name: https, port: 443, targetPort: 8443}], tls: {ports: [https], terminateAt: passthrough}}}, routes: [` + routes + `]` + more + `}`
}

// everyHost is a route for every host of an ALB that checks health through the port of the requests.
func everyHost(rules string) string {
	return `{loadBalancers: {albPublic: {enabled: true, healthCheck: {through: data}}}, routes: [{name: a, loadBalancers: [albPublic], http: [` + rules + `]}]}`
}

// destination is values with settings for one destination.
func destination(host, keys string) string { return `destinations: {` + host + `: {` + keys + `}}` }

func TestRouteRefusals(t *testing.T) {
	refuse(t, []refusal{
		// The schema: one value is wrong in itself.
		{"a route to an unknown load balancer", route(`name: a, loadBalancers: [alb], http: [{` + toA + `}]`), `at '/routes/0/loadBalancers/0': value must be one of`},
		{"a route with an empty list of hosts", route(`name: a, loadBalancers: [albInternal], hosts: [], http: [{` + toA + `}]`), `at '/routes/0/hosts': minItems: got 0, want 1`},
		{"a route without rules", route(okRoute), `at '/routes/0': 'anyOf' failed`},
		{"a route name with a dot", route(`name: a.b, loadBalancers: [albInternal], http: [{` + toA + `}]`), `at '/routes/0/name': 'a.b' does not match pattern`},
		{"the key of the time before destinations", route(okRoute + `, destination: {tls: DISABLE}, http: [{` + toA + `}]`), `at '/routes/0': additional properties 'destination' not allowed`},
		{"a misspelt key of a rule", rule(`timeout: 5`), `additional properties 'timeout' not allowed`},
		{"a prefix without leading slash", rule(`match: {prefix: v1}`), `at '/routes/0/http/0/match/prefix': 'v1' does not match pattern`},
		{"a prefix with a query", rule(`match: {prefix: "/v1?a=b"}`), `at '/routes/0/http/0/match/prefix': '/v1?a=b' does not match pattern`},
		{"two paths in one match", rule(`match: {prefix: /a, exact: /b}`), `at '/routes/0/http/0/match': 'not' failed`},
		{"a header match of two kinds", rule(`match: {headers: {x-a: {exact: a, prefix: b}}}`), `at '/routes/0/http/0/match/headers/x-a': maxProperties: got 2, want 1`},
		{"a header name with a blank", rule(`match: {headers: {"x a": {exact: a}}}`), `additional properties 'x a' not allowed`},
		{"a method in lower case", rule(`match: {method: get}`), `at '/routes/0/http/0/match/method'`},
		{"a regex too long for Istio", rule(`match: {regex: "/` + strings.Repeat("a", 1024) + `"}`), `at '/routes/0/http/0/match/regex': maxLength: got 1,025, want 1,024`},
		{"a rule with a destination and a redirect", rule(`redirect: {host: b.example.com}`), `at '/routes/0/http/0': 'oneOf' failed`},
		{"a rule that does nothing", rules(`{match: {prefix: /a}}`), `at '/routes/0/http/0': 'oneOf' failed`},
		{"a destination without port", rules(`{to: [{host: a.ns.svc.cluster.local}]}`), `at '/routes/0/http/0/to/0': missing property 'port'`},
		{"a redirect that changes nothing", rules(`{redirect: {code: 301}}`), `at '/routes/0/http/0/redirect': 'anyOf' failed`},
		{"a redirect to a path and a prefix", rules(`{redirect: {path: /a, prefix: /b}}`), `at '/routes/0/http/0/redirect': 'not' failed`},
		{"a redirect to a path that is another site", rules(`{redirect: {path: //evil.example}}`), `at '/routes/0/http/0/redirect/path': '//evil.example' does not match pattern`},
		{"a redirect code that Envoy does not know", rules(`{redirect: {path: /a, code: 304}}`), `at '/routes/0/http/0/redirect/code': value must be one of`},
		{"a rewrite to a prefix and by regex", rule(`rewrite: {prefix: /, regex: {match: a, replace: b}}`), `at '/routes/0/http/0/rewrite'`},
		{"a direct response with a status of its own", rules(`{directResponse: {status: 600}}`), `at '/routes/0/http/0/directResponse/status': maximum: got 600, want 599`},
		{"a time-out with a unit", rule(`timeoutSeconds: 5s`), `at '/routes/0/http/0/timeoutSeconds': got string, want number`},
		{"a time-out of nothing", rule(`timeoutSeconds: 0`), `at '/routes/0/http/0/timeoutSeconds': minimum: got 0, want 0.001`},
		{"a condition for retries that Envoy does not know", rule(`retries: {attempts: 1, retryOn: [timeout]}`), `at '/routes/0/http/0/retries/retryOn/0': 'timeout' does not match pattern`},
		{"an HTTP method that CORS does not know", rule(`cors: {origins: [{exact: "https://a.example.com"}], methods: [FETCH]}`), `at '/routes/0/http/0/cors/methods/0': value must be one of`},
		{"an origin that is only there", rule(`cors: {origins: [{present: true}]}`), `at '/routes/0/http/0/cors/origins/0': additional properties 'present' not allowed`},
		{"a preflight that is kept for no time", rule(`cors: {origins: [{exact: "https://a.example.com"}], maxAgeSeconds: 0}`), `at '/routes/0/http/0/cors/maxAgeSeconds': minimum: got 0, want 1`},
		{"more than all requests", rule(`mirror: {host: b.ns.svc.cluster.local, port: 80, percent: 101}`), `at '/routes/0/http/0/mirror/percent': maximum: got 101, want 100`},
		{"a TLS mode that Istio does not know", destination(`a.ns.svc.cluster.local`, `tls: {mode: MTLS}`), `at '/destinations/a.ns.svc.cluster.local/tls/mode': value must be one of`},
		{"a wildcard as destination", destination(`"*.ns.svc.cluster.local"`, `loadBalancing: RANDOM`), `at '/destinations': additional properties '*.ns.svc.cluster.local' not allowed`},

		// Names and load balancers.
		{"two routes of one name", route(okRoute + `, http: [{` + toA + `}]}, {` + okRoute + `, http: [{` + toA + `}]`), `- routes[1].name: "a" is also the name of routes[0]; names are used once`},
		{"a route with the name of a health check's", route(`name: alb-internal-health, loadBalancers: [albInternal], hosts: [a.example.com], http: [{` + toA + `}]`), `- routes[0].name: "alb-internal-health" is kept for the VirtualService that answers a load balancer's health checks; use another name`},
		{"a route through a load balancer that is off", `routes: [{` + okRoute + `, http: [{` + toA + `}]}]`, `- routes[0].loadBalancers: albInternal is not enabled; set loadBalancers.albInternal.enabled to true, or take it out`},
		{"a route host that the load balancer answers with 404", route(`name: a, loadBalancers: [albInternal], hosts: [a.example.org], http: [{` + toA + `}]`), `- routes[0].hosts: "a.example.org" is not let in by loadBalancers.albInternal.hosts ["*.example.com"]; add it there, or take albInternal out`},
		{"the apex under a wildcard", route(`name: a, loadBalancers: [albInternal], hosts: [example.com], http: [{` + toA + `}]`), `- routes[0].hosts: "example.com" is not let in by`},
		{"a wildcard wider than the load balancer's", route(`name: a, loadBalancers: [albInternal], hosts: ["*.com"], http: [{` + toA + `}]`), `- routes[0].hosts: "*.com" is not let in by`},
		{"a host that a wildcard beside it takes in", route(`name: a, loadBalancers: [albInternal], hosts: ["*.example.com", a.example.com], http: [{` + toA + `}]`), `- routes[0].hosts: "*.example.com" takes in "a.example.com" already, and Istio refuses the two in one route; take one out`},
		{"one host in two routes of a load balancer", route(okRoute + `, http: [{` + toA + `}]}, {name: b, loadBalancers: [albInternal], hosts: [a.example.com], http: [{match: {prefix: /b}, ` + toB + `}]`), `- routes[1].hosts: "a.example.com" on albInternal is also in routes[0], and the order of their rules would be undefined; put the rules into one route`},
		{"two routes for every host", `{loadBalancers: {albPublic: {enabled: true}}, routes: [{name: a, loadBalancers: [albPublic], http: [{` + toA + `}]}, {name: b, loadBalancers: [albPublic], http: [{` + toB + `}]}]}`, `- routes[1].hosts: every host on albPublic is also in routes[0], and the order of their rules`},
		{"a host that a wildcard shares by way of the load balancer's hosts",
			`{loadBalancers: {albPublic: {enabled: true, hosts: ["*.example.com", a.example.com]}},
				routes: [{name: a, loadBalancers: [albPublic], hosts: [a.example.com], http: [{` + toA + `}]},
				{name: b, loadBalancers: [albPublic], hosts: ["*.example.com"], http: [{` + toB + `}]}]}`,
			`- routes[1].hosts: takes in "a.example.com", which is one of loadBalancers.albPublic.hosts and also within those of routes[0], and the order of their rules would be undefined; take it out of loadBalancers.albPublic.hosts, where a wildcard lets it in`},
		{"a host beside a route for every host",
			`{loadBalancers: {albPublic: {enabled: true, hosts: [a.example.com]}},
				routes: [{name: a, loadBalancers: [albPublic], http: [{` + toA + `}]},
				{name: b, loadBalancers: [albPublic], hosts: [a.example.com], http: [{` + toB + `}]}]}`,
			`- routes[1].hosts: takes in "a.example.com", which is one of loadBalancers.albPublic.hosts and also within those of routes[0], and the order of their rules would be undefined; name the hosts of both`},

		// Order, and redirects that lead to themselves.
		{"a rule behind one for everything", rules(`{` + toA + `}, {match: {prefix: /b}, ` + toB + `}`), `- routes[0].http[1]: never answers, since http[0] before it takes the same requests; put it first, or take it out`},
		{"a rule behind the prefix /", rules(`{match: {prefix: /}, ` + toA + `}, {match: {regex: "/b+"}, ` + toB + `}`), `- routes[0].http[1]: never answers, since http[0]`},
		{"a rule behind a shorter prefix", rules(`{match: {prefix: /a}, ` + toA + `}, {match: {prefix: /a/b}, ` + toB + `}`), `- routes[0].http[1]: never answers, since http[0]`},
		{"an exact path behind its prefix", rules(`{match: {prefix: /a}, ` + toA + `}, {match: {exact: /a/b, headers: {x-a: {present: true}}}, ` + toB + `}`), `- routes[0].http[1]: never answers, since http[0]`},
		{"a rule behind a prefix in any case", rules(`{match: {prefix: /A, ignoreCase: true}, ` + toA + `}, {match: {prefix: /a/b}, ` + toB + `}`), `- routes[0].http[1]: never answers, since http[0]`},
		{"the same match twice", rules(`{match: {prefix: /a, headers: {x-a: {exact: b}}}, ` + toA + `}, {match: {prefix: /a, headers: {x-a: {exact: b}}}, ` + toB + `}`), `- routes[0].http[1]: never answers, since http[0]`},
		{"an alternative behind the same", rules(`{match: {exact: /a}, ` + toA + `}, {match: [{exact: /b}, {exact: /a}], ` + toB + `}`), `- routes[0].http[1].match[1]: never answers, since http[0]`},
		{"a redirect of everything to a path", rules(`{redirect: {path: /kiali}}`), `- routes[0].http[0].redirect: leads to where the same rule matches again, so clients would be sent round and round; narrow match, or put a rule for /kiali before it`},
		{"a redirect of a prefix to below it", rules(`{match: {prefix: /a}, redirect: {prefix: /a/b}}`), `- routes[0].http[0].redirect: leads to where the same rule matches again`},
		{"a redirect to the route's own host", rules(`{redirect: {host: a.example.com}}`), `- routes[0].http[0].redirect: leads to where the same rule matches again, so clients would be sent round and round; narrow match, or put a rule for a.example.com before it`},
		{"a redirect of a wildcard to a host within it", route(`name: a, loadBalancers: [albInternal], hosts: ["*.example.com"], http: [{redirect: {host: www.example.com}}]`), `- routes[0].http[0].redirect: leads to where the same rule matches again`},
		{"a redirect to https of what came by https", `{loadBalancers: {albInternal: {enabled: true, hosts: ["*.example.com"], ` + https + `}}, routes: [{name: a, loadBalancers: [albInternal], hosts: [a.example.com], http: [{redirect: {scheme: https}}]}]}`, `- routes[0].http[0].redirect.scheme: requests by https are sent to where they were, without end; use tls.redirectHTTP of the load balancer, or match the header x-forwarded-proto`},
		{"a redirect to https that is not there", rules(`{redirect: {scheme: https}}`), `- routes[0].http[0].redirect.scheme: leads to https, where loadBalancers.albInternal does not listen; set loadBalancers.albInternal.tls.certificateArns, or take it out`},

		// Destinations.
		{"a destination without its share", rules(`{to: [{host: a.ns.svc.cluster.local, port: 80, weight: 1}, {host: b.ns.svc.cluster.local, port: 80}]}`), `- routes[0].http[0].to: has 2 destinations and 1 with a weight; give each a weight, its share of the requests`},
		{"shares of nothing", rules(`{to: [{host: a.ns.svc.cluster.local, port: 80, weight: 0}, {host: b.ns.svc.cluster.local, port: 80, weight: 0}]}`), `- routes[0].http[0].to: all weights are 0, and Istio refuses that; give one a share`},
		{"a share of nothing that would be everything", rules(`{to: [{host: a.ns.svc.cluster.local, port: 80, weight: 0}]}`), `- routes[0].http[0].to: all weights are 0, but a destination that is alone gets everything; give it a share, or answer with directResponse`},
		{"TCP destinations without shares", network(`{name: a, loadBalancers: [nlbInternal], tcp: [{port: 3306, to: [{host: a.ns.svc.cluster.local, port: 80}, {host: b.ns.svc.cluster.local, port: 80}]}]}`), `- routes[0].tcp[0].to: has 2 destinations and 0 with a weight`},
		{"a name without namespace", rules(`{to: [{host: a, port: 80}]}`), `- routes[0].http[0].to[0].host: "a" would be looked for in this release's namespace; write the whole name, a.<namespace>.svc.cluster.local`},
		{"a name with namespace that istiod does not complete", rules(`{to: [{host: a.ns, port: 80}]}`), `- routes[0].http[0].to[0].host: "a.ns" is no name that istiod knows, and requests would get 503; write a.ns.svc.cluster.local, or, for a host outside of the cluster, set destinations["a.ns"].tls.mode to SIMPLE`},
		{"a name that ends at svc", rules(`{to: [{host: a.ns.svc, port: 80}]}`), `- routes[0].http[0].to[0].host: "a.ns.svc" is no name that istiod knows, and requests would get 503; write <service>.<namespace>.svc.cluster.local`},
		{"a name whose namespace is missing", rules(`{to: [{host: a.svc.cluster.local, port: 80}]}`), `- routes[0].http[0].to[0].host: "a.svc.cluster.local" is no name that istiod knows`},
		{"a short name of a mirror", rule(`mirror: {host: b.ns, port: 80}`), `- routes[0].http[0].mirror.host: "b.ns" is no name that istiod knows`},
		{"a short name of a destination", destination(`a.ns`, `tls: {mode: DISABLE}`), `- destinations["a.ns"]: "a.ns" is no name that istiod knows`},
		{"a subset that nobody defines", rules(`{to: [{host: a.ns.svc.cluster.local, port: 80, subset: v1}]}`), `- routes[0].http[0].to[0].subset: "v1" is not one of destinations["a.ns.svc.cluster.local"].subsets []; add it there, or take it out`},
		{"a subset of another name", `{loadBalancers: {albInternal: {enabled: true}}, ` + destination(`a.ns.svc.cluster.local`, `subsets: {v2: {version: v2}, v3: {version: v3}}`) + `, routes: [{` + okRoute + `, http: [{to: [{host: a.ns.svc.cluster.local, port: 80, subset: v1}]}]}]}`, `"v1" is not one of destinations["a.ns.svc.cluster.local"].subsets ["v2","v3"]`},
		{"a mirror to a subset that nobody defines", rule(`mirror: {host: b.ns.svc.cluster.local, port: 80, subset: v1}`), `- routes[0].http[0].mirror.subset: "v1" is not one of destinations["b.ns.svc.cluster.local"].subsets []`},
		{"a server name without TLS to show it", destination(`a.ns.svc.cluster.local`, `tls: {mode: DISABLE, sni: a.example.com}`), `- destinations["a.ns.svc.cluster.local"].tls.sni: has no effect with mode DISABLE; take it out, or set mode to SIMPLE`},
		{"a CA for what Istio's certificates check", destination(`a.ns.svc.cluster.local`, `tls: {mode: ISTIO_MUTUAL, secret: ca}`), `- destinations["a.ns.svc.cluster.local"].tls.secret: has no effect with mode ISTIO_MUTUAL`},

		// One HTTP rule.
		{"a path regex that is none", rule(`match: {regex: "/a(b"}`), `- routes[0].http[0].match.regex: "/a(b" is not a regular expression of RE2; correct it (no look-ahead and no back-references there)`},
		{"a path regex that looks ahead", rule(`match: {regex: "/(?!a).*"}`), `- routes[0].http[0].match.regex: "/(?!a).*" is not a regular expression of RE2`},
		{"a path regex with a backslash at the end", rule(`match: {regex: '/a\'}`), `- routes[0].http[0].match.regex: "/a\\" is not a regular expression of RE2`},
		{"a header regex that is none", rule(`match: [{prefix: /a}, {headers: {x-a: {regex: "["}}}]`), `- routes[0].http[0].match[1].headers.x-a.regex: "[" is not a regular expression of RE2`},
		{"a query regex that is none", rule(`match: {query: {v: {regex: "*"}}}`), `- routes[0].http[0].match.query.v.regex: "*" is not a regular expression of RE2`},
		{"a case that a regex minds", rule(`match: {regex: /a, ignoreCase: true}`), `- routes[0].http[0].match.ignoreCase: acts on prefix and exact only; begin the regex with (?i), or take ignoreCase out`},
		{"a rewrite regex that is none", rule(`rewrite: {regex: {match: "(", replace: /}}`), `- routes[0].http[0].rewrite.regex.match: "(" is not a regular expression of RE2`},
		{"a parenthesis that is not there", rule(`rewrite: {regex: {match: "^/a(.*)", replace: /$2}}`), `- routes[0].http[0].rewrite.regex.replace: \2 is what parenthesis 2 matched, and rewrite.regex.match has 1; add parentheses there, or take it out`},
		{"a parenthesis that keeps nothing", rule(`rewrite: {regex: {match: '^/(?:a|b)[(]\((.*)', replace: '/\2'}}`), `\2 is what parenthesis 2 matched, and rewrite.regex.match has 1`},
		{"a backslash before a letter", rule(`rewrite: {regex: {match: "^/a", replace: '/\d'}}`), `- routes[0].http[0].rewrite.regex.replace: "/\\d" has a backslash before something that is not a number; write \1 to \9`},
		{"a rewrite that one text cannot do for all alternatives", rule(`match: [{prefix: /a}, {prefix: /b/}], rewrite: /`), `- routes[0].http[0].rewrite: the alternatives of match need different rewrites to "/", since some end with a slash and some do not; make a rule of each`},
		{"a redirect that doubles a slash", rules(`{match: {prefix: /old}, redirect: {prefix: /}}`), `- routes[0].http[0].redirect.prefix: /old/x would be sent to //x, with two slashes, which can be another site; match "/old/", and "/old" by exact in a rule of its own`},
		{"a redirect that one text cannot do for all alternatives", rules(`{match: [{prefix: /a}, {prefix: /b/}], redirect: {prefix: /c}}`), `- routes[0].http[0].redirect.prefix: the alternatives of match need different redirects to "/c"`},
		{"a redirect of the prefix of an exact path", rules(`{match: {exact: /a}, redirect: {prefix: /b}}`), `- routes[0].http[0].redirect.prefix: needs a prefix in match, and Istio refuses it beside exact or regex; use redirect.path`},
		{"Host among the headers", rule(`headers: {request: {set: {Host: b.example.com}}}`), `- routes[0].http[0].headers.request: "Host" cannot be changed there; use rewrite.host`},
		{"Host of a response", rule(`headers: {response: {remove: [host]}}`), `- routes[0].http[0].headers.response: "host" cannot be changed there; take it out, a response has none`},
		{"a percent sign that begins no variable", rule(`headers: {response: {add: {x-share: "50%"}}}`), `- routes[0].http[0].headers.response.add.x-share: "50%" has a percent sign that begins no variable of Envoy; write %% for one`},
		{"a try as long as all of them", rule(`timeoutSeconds: 5, retries: {attempts: 2, perTryTimeoutSeconds: 5}`), `- routes[0].http[0].retries.perTryTimeoutSeconds: 5 has no effect with timeoutSeconds 5, which is for all tries together; lower it, or raise timeoutSeconds`},
		{"conditions for no retries", rule(`retries: {attempts: 0, retryOn: [reset]}`), `- routes[0].http[0].retries.attempts: 0 means no retries, and Istio refuses retryOn beside it; take that out, or raise attempts`},
		{"a limit for no retries", rule(`retries: {attempts: 0, perTryTimeoutSeconds: 1}`), `and Istio refuses perTryTimeoutSeconds beside it`},
		{"cookies for every site", rule(`cors: {origins: [{regex: ".*"}], credentials: true}`), `- routes[0].http[0].cors.credentials: with an origin that is every site, any page on the web could call with the user's cookies; name the origins`},
		{"an origin regex that is none", rule(`cors: {origins: [{regex: "("}]}`), `- routes[0].http[0].cors.origins[0].regex: "(" is not a regular expression of RE2`},
		{"a rewrite of a redirect", rules(`{match: {exact: /a}, redirect: {path: /b}, rewrite: /c}`), `- routes[0].http[0].rewrite: has no effect beside redirect, which asks no destination; take one of the two out`},
		{"a fault of a redirect", rules(`{match: {exact: /a}, redirect: {path: /b}, fault: {abort: {status: 503}}}`), `- routes[0].http[0].fault: has no effect beside redirect`},
		{"a mirror of a redirect", rules(`{match: {exact: /a}, redirect: {path: /b}, mirror: {host: b.ns.svc.cluster.local, port: 80}}`), `- routes[0].http[0].mirror: has no effect beside redirect`},
		{"a time-out of a direct response", rules(`{directResponse: {status: 503}, timeoutSeconds: 5}`), `- routes[0].http[0].timeoutSeconds: has no effect beside directResponse`},
		{"retries of a direct response", rules(`{directResponse: {status: 503}, retries: {attempts: 1}}`), `- routes[0].http[0].retries: has no effect beside directResponse`},
		{"request headers of a direct response", rules(`{directResponse: {status: 503}, headers: {request: {set: {x-a: b}}}}`), `- routes[0].http[0].headers.request: has no effect beside directResponse`},

		// TCP and TLS, and the kind of load balancer.
		{"TCP through an ALB", route(`name: a, loadBalancers: [albInternal], tcp: [{port: 80, ` + toA + `}]`), `- routes[0].tcp[0]: albInternal is an ALB, which carries HTTP only; take albInternal out, or use an NLB`},
		{"TLS through an ALB", route(okRoute + `, tls: [{port: 443, hosts: [a.example.com], ` + toA + `}]`), `- routes[0].tls[0]: albInternal is an ALB, which carries HTTP only`},
		{"a TCP port that is not there", network(`{name: a, loadBalancers: [nlbInternal], tcp: [{port: 5432, ` + toA + `}]}`), `- routes[0].tcp[0].port: 5432 is not a port of loadBalancers.nlbInternal with protocol TCP; there are [3306]`},
		{"a TCP route on a port for HTTP", `{loadBalancers: {nlbInternal: {enabled: true}}, routes: [{name: a, loadBalancers: [nlbInternal], tcp: [{port: 80, ` + toA + `}]}]}`, `- routes[0].tcp[0].port: 80 is not a port of loadBalancers.nlbInternal with protocol TCP; set its protocol to TCP`},
		{"a TCP route on a port whose TLS passes through", network(`{name: a, loadBalancers: [nlbInternal], tcp: [{port: 443, ` + toA + `}]}`), `- routes[0].tcp[0].port: 443 is not a port of loadBalancers.nlbInternal with protocol TCP; there are [3306]`},
		{"a TCP route on a UDP port", network(`{name: a, loadBalancers: [nlbInternal], tcp: [{port: 53, ` + toA + `}]}`), `- routes[0].tcp[0].port: 53 is not a port of`},
		{"a TLS route where TLS ends before",
			`{loadBalancers: {nlbInternal: {enabled: true, ports: [{name: https, port: 443, targetPort: 8443}], tls: {ports: [https], certificateArns: [` + certificate + `]}}},
				routes: [{name: a, loadBalancers: [nlbInternal], tls: [{port: 443, hosts: [a.example.com], ` + toA + `}]}]}`,
			`- routes[0].tls[0].port: 443 is not a port of loadBalancers.nlbInternal whose TLS passes through; set loadBalancers.nlbInternal.tls.terminateAt to passthrough and name it in tls.ports`},
		{"an HTTP route where all TLS passes through",
			`{loadBalancers: {nlbInternal: {enabled: true, ports: [{name: https, port: 443, targetPort: 8443}], tls: {ports: [https], terminateAt: passthrough}}},
				routes: [{name: a, loadBalancers: [nlbInternal], http: [{` + toA + `}]}]}`,
			`- routes[0].http: no port of loadBalancers.nlbInternal carries HTTP to the gateway; set protocol HTTP on one, outside of TLS passthrough, or take nlbInternal out`},
		{"a host without certificate where TLS ends at the gateway",
			`{loadBalancers: {nlbInternal: {enabled: true, ports: [{name: https, port: 443, targetPort: 8443}], tls: {ports: [https], terminateAt: gateway, credentials: [{secret: b, hosts: [b.example.com]}]}}},
				routes: [{name: a, loadBalancers: [nlbInternal], hosts: [a.example.com], http: [{` + toA + `}]}]}`,
			`- routes[0].hosts: "a.example.com" has no certificate at the gateway, where loadBalancers.nlbInternal.tls.credentials are for ["b.example.com"]; add it to the hosts of one, or take nlbInternal out`},
		{"a server name outside of the route's hosts", network(`{name: a, loadBalancers: [nlbInternal], hosts: [a.example.com], tls: [{port: 443, hosts: [b.example.com], ` + toA + `}]}`), `- routes[0].tls[0].hosts: "b.example.com" is not within routes[0].hosts ["a.example.com"]; add it there, or make a route of its own`},
		{"a server name that the load balancer does not let in",
			passthrough(`a.example.com`, `{name: a, loadBalancers: [nlbPublic], tls: [{port: 443, hosts: [b.example.org], `+toA+`}]}`, ``),
			`- routes[0].tls[0].hosts: "b.example.org" is not let in by loadBalancers.nlbPublic.hosts ["a.example.com"]; add it there, or take nlbPublic out`},
		{"server names wider than the load balancer's",
			passthrough(`a.example.com`, `{name: a, loadBalancers: [nlbPublic], tls: [{port: 443, hosts: ["*.example.com"], `+toA+`}]}`, ``),
			`- routes[0].tls[0].hosts: "*.example.com" is not let in by loadBalancers.nlbPublic.hosts ["a.example.com"]`},
		{"TLS within TLS",
			passthrough(`a.example.com`, `{name: a, loadBalancers: [nlbPublic], tls: [{port: 443, hosts: [a.example.com], `+toA+`}]}`, destination(`a.ns.svc.cluster.local`, `tls: {mode: SIMPLE}`)),
			`- routes[0].tls[0].to[0].host: "a.ns.svc.cluster.local" gets the client's TLS, and destinations["a.ns.svc.cluster.local"].tls.mode SIMPLE would put that into TLS once more; leave tls out there`},

		// Health checks of the port of the requests.
		{"a prefix that takes health checks", everyHost(`{match: {prefix: /healthz}, ` + toA + `}`), `- routes[0].http[0]: takes /healthz/ready too, which albPublic asks for at any host (healthCheck.through data), so its targets could become unhealthy; name the route's hosts, or narrow match`},
		{"a path that takes health checks", everyHost(`{match: [{exact: /a}, {exact: /healthz/ready}], ` + toA + `}`), `- routes[0].http[0].match[1]: takes /healthz/ready too, which albPublic`},
		{"a regex that takes health checks", everyHost(`{match: {regex: "/[a-z/]+"}, ` + toA + `}`), `- routes[0].http[0]: takes /healthz/ready too`},
		{"a method that takes health checks", everyHost(`{match: {method: [HEAD, GET]}, ` + toA + `}`), `- routes[0].http[0]: takes /healthz/ready too`},
		{"two routes for one TCP port", network(`{name: a, loadBalancers: [nlbInternal], tcp: [{port: 3306, ` + toA + `}]}, {name: b, loadBalancers: [nlbInternal], tcp: [{port: 3306, ` + toB + `}]}`), `- routes[1].tcp[0].port: 3306 of nlbInternal is also that of routes[0].tcp[0]; make one rule of the two`},
		{"a TCP port twice in a route", network(`{name: a, loadBalancers: [nlbInternal], tcp: [{port: 3306, ` + toA + `}, {port: 3306, ` + toB + `}]}`), `- routes[0].tcp[1].port: 3306 of nlbInternal is also that of routes[0].tcp[0]`},
		{"two routes for one server name", network(`{name: a, loadBalancers: [nlbInternal], tls: [{port: 443, hosts: [a.example.com], ` + toA + `}]}, {name: b, loadBalancers: [nlbInternal], tls: [{port: 443, hosts: [a.example.com], ` + toB + `}]}`), `- routes[1].tls[0].hosts: "a.example.com" on port 443 of nlbInternal is also in routes[0].tls[0]; make one rule of the two`},
	})
}

// What stands next to the rows above and is right.
func TestRoutesThatAreNotRefused(t *testing.T) {
	tls := func(host, to string) string {
		return `{name: a, loadBalancers: [nlbPublic], tls: [{port: 443, hosts: [` + host + `], to: [{host: ` + to + `, port: 443}]}]}`
	}
	for name, values := range map[string]string{
		"a server name within a wildcard":         passthrough(`*.example.com`, tls(`b.example.com`, `a.ns.svc.cluster.local`), ``),
		"mutual TLS of the mesh around TLS":       passthrough(`a.example.com`, tls(`a.example.com`, `a.ns.svc.cluster.local`), destination(`a.ns.svc.cluster.local`, `tls: {mode: ISTIO_MUTUAL}`)),
		"TLS to a host outside, by its domain":    passthrough(`a.example.com`, tls(`a.example.com`, `example.org`), destination(`example.org`, `tls: {mode: SIMPLE}`)),
		"everything, behind health checks":        everyHost(`{` + toA + `}`),
		"everything by prefix":                    everyHost(`{match: {prefix: /}, ` + toA + `}`),
		"everything by regex":                     everyHost(`{match: {regex: ".*"}, ` + toA + `}`),
		"a prefix beside health checks":           everyHost(`{match: {prefix: /api}, ` + toA + `}`),
		"a method that health checks do not use":  everyHost(`{match: {method: POST}, ` + toA + `}`),
		"a header that health checks do not have": everyHost(`{match: {prefix: /healthz, headers: {x-a: {present: true}}}, ` + toA + `}`),
		"a path of a route with hosts":            `{loadBalancers: {albPublic: {enabled: true, healthCheck: {through: data}}}, routes: [{name: a, loadBalancers: [albPublic], hosts: [a.example.com], http: [{match: {prefix: /healthz}, ` + toA + `}]}]}`,
		"a path of a load balancer with hosts":    `{loadBalancers: {albPublic: {enabled: true, hosts: [a.example.com], healthCheck: {through: data}}}, routes: [{name: a, loadBalancers: [albPublic], http: [{match: {prefix: /healthz}, ` + toA + `}]}]}`,
		"a path of a status port's health checks": `{loadBalancers: {albPublic: {enabled: true}}, routes: [{name: a, loadBalancers: [albPublic], http: [{match: {prefix: /healthz}, ` + toA + `}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chart(t).Render(render.Options{Values: []string{"base: {enabled: false}", values}})
			assert.NoError(t, err)
		})
	}
}
