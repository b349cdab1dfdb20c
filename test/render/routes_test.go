// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/render"
)

// spec is that of an object, as JSON.
func spec(t *testing.T, release *render.Release, kind, name string) string {
	t.Helper()
	object, found := release.Find(kind, name)
	require.True(t, found, "%s %s", kind, name)
	return text(t, object.Object["spec"])
}

func TestRouteReachesOnlyTheGatewaysItNames(t *testing.T) {
	release := rendered(t, `{loadBalancers: {albPublic: {enabled: true}, albInternal: {enabled: true}}, routes: [
  {name: kiali, loadBalancers: [albInternal], hosts: [kiali.example.com], http: [
    {match: {prefix: /kiali}, to: [{host: kiali.istio-system.svc.cluster.local, port: 20001}]},
    {to: [{host: a.ns.svc.cluster.local, port: 80, weight: 90}, {host: b.ns.svc.cluster.local, port: 80, weight: 10}]}]}]}`)
	assert.JSONEq(t, `{"exportTo": ["."], "gateways": ["alb-internal"], "hosts": ["kiali.example.com"], "http": [
		{"match": [{"uri": {"prefix": "/kiali"}}], "route": [{"destination": {"host": "kiali.istio-system.svc.cluster.local", "port": {"number": 20001}}}]},
		{"route": [{"destination": {"host": "a.ns.svc.cluster.local", "port": {"number": 80}}, "weight": 90}, {"destination": {"host": "b.ns.svc.cluster.local", "port": {"number": 80}}, "weight": 10}]}]}`,
		spec(t, release, "VirtualService", "kiali"))
}

// One host, inside and outside, with different destinations.
func TestHostOfTwoLoadBalancersMayLeadToTwoPlaces(t *testing.T) {
	release := rendered(t, `{loadBalancers: {albPublic: {enabled: true}, albInternal: {enabled: true}}, routes: [
  {name: outside, loadBalancers: [albPublic], hosts: [shop.example.com], http: [{`+toA+`}]},
  {name: inside, loadBalancers: [albInternal], hosts: [shop.example.com], http: [{`+toB+`}]}]}`)
	for name, gateway := range map[string]string{"outside": "alb-public", "inside": "alb-internal"} {
		assert.Contains(t, spec(t, release, "VirtualService", name), `"gateways":["`+gateway+`"]`)
	}
}

func TestRouteWithoutHostsIsForThoseOfItsLoadBalancers(t *testing.T) {
	release := rendered(t, `{loadBalancers: {albPublic: {enabled: true, hosts: [shop.example.com]}}, routes: [{name: all, loadBalancers: [albPublic], http: [{`+toA+`}]}]}`)
	assert.Contains(t, spec(t, release, "VirtualService", "all"), `"hosts":["*"]`)
	assert.Contains(t, spec(t, release, "Gateway", "alb-public"), `"hosts":["shop.example.com"]`)
}

func TestEverythingThatARuleForHTTPCanSay(t *testing.T) {
	release := rendered(t, rules(`
    {name: full, match: {prefix: /a, ignoreCase: true, headers: {x-a: {exact: b}, x-c: {present: true}}, query: {v: {regex: "v[0-9]"}}, method: GET},
     to: [{host: a.ns.svc.cluster.local, port: 80}], timeoutSeconds: 1.5, rewrite: {prefix: /b, host: b.example.com},
     retries: {attempts: 2, perTryTimeoutSeconds: 0.25, retryOn: [connect-failure, 503]},
     headers: {request: {set: {x-a: b}, remove: [x-b]}, response: {add: {x-c: "100%%"}}},
     cors: {origins: [{exact: "https://a.example.com"}, {regex: "https://.*[.]example[.]com"}], methods: [GET, POST], headers: [x-a], exposeHeaders: [x-b], maxAgeSeconds: 600, credentials: true},
     mirror: {host: b.ns.svc.cluster.local, port: 80, percent: 0.5},
     fault: {delay: {seconds: 2}, abort: {status: 503, percent: 10}}},
    {match: [{exact: /b}, {regex: "/c/[0-9]+", method: [PUT, POST]}], redirect: {host: b.example.com, path: /d, scheme: https, port: 8443, code: 308}},
    {match: {prefix: /old/}, redirect: {prefix: /new}},
    {directResponse: {status: 503, body: back soon}, headers: {response: {set: {retry-after: "120"}}}}`))
	assert.JSONEq(t, `{"exportTo": ["."], "gateways": ["alb-internal"], "hosts": ["a.example.com"], "http": [
		{"name": "full",
		 "match": [{"uri": {"prefix": "/a"}, "ignoreUriCase": true, "headers": {"x-a": {"exact": "b"}, "x-c": {}}, "queryParams": {"v": {"regex": "v[0-9]"}}, "method": {"exact": "GET"}}],
		 "route": [{"destination": {"host": "a.ns.svc.cluster.local", "port": {"number": 80}}}], "timeout": "1.5s", "rewrite": {"uri": "/b", "authority": "b.example.com"},
		 "retries": {"attempts": 2, "perTryTimeout": "0.25s", "retryOn": "connect-failure,503"},
		 "headers": {"request": {"set": {"x-a": "b"}, "remove": ["x-b"]}, "response": {"add": {"x-c": "100%%"}}},
		 "corsPolicy": {"allowOrigins": [{"exact": "https://a.example.com"}, {"regex": "https://.*[.]example[.]com"}], "allowMethods": ["GET", "POST"],
			"allowHeaders": ["x-a"], "exposeHeaders": ["x-b"], "maxAge": "600s", "allowCredentials": true},
		 "mirror": {"host": "b.ns.svc.cluster.local", "port": {"number": 80}}, "mirrorPercentage": {"value": 0.5},
		 "fault": {"delay": {"fixedDelay": "2s", "percentage": {"value": 100}}, "abort": {"httpStatus": 503, "percentage": {"value": 10}}}},
		{"match": [{"uri": {"exact": "/b"}}, {"uri": {"regex": "/c/[0-9]+"}, "method": {"regex": "PUT|POST"}}],
		 "redirect": {"authority": "b.example.com", "uri": "/d", "scheme": "https", "port": 8443, "redirectCode": 308}},
		{"match": [{"uri": {"prefix": "/old/"}}], "redirect": {"prefixRewrite": "/new/"}},
		{"directResponse": {"status": 503, "body": {"string": "back soon"}}, "headers": {"response": {"set": {"retry-after": "120"}}}}]}`,
		spec(t, release, "VirtualService", "a"))
}

// What the destination is asked for, by what Envoy does with a rewrite.
func TestRewritesGiveTheDestinationAPathWithoutSurprises(t *testing.T) {
	for _, row := range []struct{ name, match, rewrite, path, want string }{
		{"a prefix taken away leaves one slash", `{prefix: /kiali}`, `/`, "/kiali/console", "/console"},
		{"a prefix taken away leaves the root", `{prefix: /kiali}`, `{prefix: /}`, "/kiali", "/"},
		{"a prefix with a slash taken away", `{prefix: /kiali/}`, `/`, "/kiali/console", "/console"},
		{"one prefix for another", `{prefix: /v1}`, `/v2`, "/v1/a", "/v2/a"},
		{"a prefix with a slash for one without", `{prefix: /v1/}`, `/v2`, "/v1/a", "/v2/a"},
		{"a prefix without a slash for one with", `{prefix: /v1}`, `/v2/`, "/v1/a", "/v2/a"},
		{"a prefix before every path", ``, `/api`, "/a", "/api/a"},
		{"a prefix before every path that matches /", `{prefix: /}`, `/api`, "/a", "/api/a"},
		{"a prefix in any case", `{prefix: /Kiali, ignoreCase: true}`, `/`, "/kIALI/console", "/console"},
		{"a prefix that looks like a regex", `{prefix: /a.b}`, `/`, "/a.b/c", "/c"},
		{"the usual pair of alternatives", `[{exact: /kiali}, {prefix: /kiali/}]`, `/`, "/kiali/console", "/console"},
		{"several prefixes", `[{prefix: /a}, {prefix: /b}]`, `/`, "/b/c", "/c"},
		{"nginx's pattern, below", `{prefix: /test}`, `{regex: {match: "^/test(/|$)(.*)", replace: /$2}}`, "/test/a/b", "/a/b"},
		{"nginx's pattern, at the path itself", `{prefix: /test}`, `{regex: {match: "^/test(/|$)(.*)", replace: "/${2}"}}`, "/test", "/"},
		{"Envoy's own way to write it", `{prefix: /test}`, `{regex: {match: "^/test(/|$)(.*)", replace: '/\2'}}`, "/test/a", "/a"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			keys := `rewrite: ` + row.rewrite
			if row.match != "" {
				keys += `, match: ` + row.match
			}
			object, found := rendered(t, rule(keys)).Find("VirtualService", "a")
			require.True(t, found)
			http := object.Object["spec"].(map[string]any)["http"].([]any)[0].(map[string]any)
			assert.Equal(t, row.want, rewritten(http, row.path))
		})
	}
}

// rewritten is what Envoy makes of a path: a prefix that matched becomes the new one, or the regular expression is replaced, everywhere.
func rewritten(http map[string]any, path string) string {
	rewrite := http["rewrite"].(map[string]any)
	if by, ok := rewrite["uriRegexRewrite"].(map[string]any); ok {
		substitution := regexp.MustCompile(`\\([0-9])`).ReplaceAllString(by["rewrite"].(string), `$${$1}`)
		return regexp.MustCompile(by["match"].(string)).ReplaceAllString(path, substitution)
	}
	matches, ok := http["match"].([]any)
	if !ok {
		return rewrite["uri"].(string) + strings.TrimPrefix(path, "/")
	}
	for _, match := range matches {
		uri := match.(map[string]any)["uri"].(map[string]any)
		if prefix, ok := uri["prefix"].(string); ok && strings.HasPrefix(path, prefix) {
			return rewrite["uri"].(string) + strings.TrimPrefix(path, prefix)
		}
		if uri["exact"] == path {
			return rewrite["uri"].(string)
		}
	}
	return "no match"
}

func TestNetworkRoutes(t *testing.T) {
	release := rendered(t, network(`{name: mixed, loadBalancers: [nlbInternal], hosts: [shop.example.com, "*.secure.example.com"],
    http: [{`+toA+`}],
    tcp: [{port: 3306, to: [{host: a.ns.svc.cluster.local, port: 3306, weight: 9}, {host: b.ns.svc.cluster.local, port: 3306, weight: 1}]}],
    tls: [{port: 443, hosts: [a.secure.example.com], to: [{host: a.ns.svc.cluster.local, port: 443}]}, {port: 443, hosts: [b.secure.example.com], to: [{host: b.ns.svc.cluster.local, port: 443}]}]}`))
	assert.JSONEq(t, `{"exportTo": ["."], "gateways": ["nlb-internal"], "hosts": ["shop.example.com", "*.secure.example.com"],
		"http": [{"route": [{"destination": {"host": "a.ns.svc.cluster.local", "port": {"number": 80}}}]}],
		"tcp": [{"match": [{"port": 3306}], "route": [
			{"destination": {"host": "a.ns.svc.cluster.local", "port": {"number": 3306}}, "weight": 9}, {"destination": {"host": "b.ns.svc.cluster.local", "port": {"number": 3306}}, "weight": 1}]}],
		"tls": [
			{"match": [{"port": 443, "sniHosts": ["a.secure.example.com"]}], "route": [{"destination": {"host": "a.ns.svc.cluster.local", "port": {"number": 443}}}]},
			{"match": [{"port": 443, "sniHosts": ["b.secure.example.com"]}], "route": [{"destination": {"host": "b.ns.svc.cluster.local", "port": {"number": 443}}}]}]}`,
		spec(t, release, "VirtualService", "mixed"))
}

// TLS that ends at the gateway tells the hosts of a TCP port apart.
func TestTCPRoutesOfOnePortByServerName(t *testing.T) {
	release := rendered(t, `{loadBalancers: {nlbInternal: {enabled: true, ports: [{name: tls, port: 443, targetPort: 8443, protocol: TCP}],
    tls: {ports: [tls], terminateAt: gateway, credentials: [{secret: a, hosts: [a.example.com]}, {secret: b, hosts: [b.example.com]}]}}}, routes: [
  {name: a, loadBalancers: [nlbInternal], hosts: [a.example.com], tcp: [{port: 443, `+toA+`}]},
  {name: b, loadBalancers: [nlbInternal], hosts: [b.example.com], tcp: [{port: 443, `+toB+`}]}]}`)
	assert.Len(t, release.Kind("VirtualService"), 2)
}

func TestEverythingThatADestinationCanSay(t *testing.T) {
	release := rendered(t, `{commonAnnotations: {team: shop}, destinations: {
  a.ns.svc.cluster.local: {tls: {mode: DISABLE}, subsets: {v1: {version: v1}, v2: {version: v2}}, loadBalancing: LEAST_REQUEST,
    connectionPool: {maxConnections: 100, connectTimeoutSeconds: 0.5, maxPendingRequests: 10, maxRequests: 1000, maxRequestsPerConnection: 0, idleTimeoutSeconds: 300},
    outlierDetection: {consecutive5xx: 5, intervalSeconds: 10, baseEjectionSeconds: 30, maxEjectionPercent: 50}},
  api.example.org: {tls: {mode: SIMPLE, sni: api.example.org, secret: ca}},
  example.org: {tls: {mode: SIMPLE}},
  b.ns.svc.cluster.local: {subsets: {v1: {version: v1}}}}}`)
	assert.JSONEq(t, `{"exportTo": ["."], "host": "a.ns.svc.cluster.local", "subsets": [{"name": "v1", "labels": {"version": "v1"}}, {"name": "v2", "labels": {"version": "v2"}}],
		"trafficPolicy": {"tls": {"mode": "DISABLE"}, "loadBalancer": {"simple": "LEAST_REQUEST"},
			"connectionPool": {"tcp": {"maxConnections": 100, "connectTimeout": "0.5s", "idleTimeout": "300s"}, "http": {"http1MaxPendingRequests": 10, "http2MaxRequests": 1000, "maxRequestsPerConnection": 0}},
			"outlierDetection": {"consecutive5xxErrors": 5, "interval": "10s", "baseEjectionTime": "30s", "maxEjectionPercent": 50}}}`, spec(t, release, "DestinationRule", "a.ns.svc.cluster.local"))
	assert.JSONEq(t, `{"exportTo": ["."], "host": "api.example.org", "trafficPolicy": {"tls": {"mode": "SIMPLE", "sni": "api.example.org", "credentialName": "ca"}}}`, spec(t, release, "DestinationRule", "api.example.org"))
	assert.JSONEq(t, `{"exportTo": ["."], "host": "b.ns.svc.cluster.local", "subsets": [{"name": "v1", "labels": {"version": "v1"}}]}`, spec(t, release, "DestinationRule", "b.ns.svc.cluster.local"))
	rule, _ := release.Find("DestinationRule", "example.org")
	assert.Equal(t, map[string]string{"team": "shop"}, rule.GetAnnotations())
}

// These look like what is refused, and are right.
func TestRulesThatAreNotInEachOthersWay(t *testing.T) {
	for name, values := range map[string]string{
		"a longer prefix first":                  rules(`{match: {prefix: /a/b}, ` + toA + `}, {match: {prefix: /a}, ` + toB + `}, {` + toA + `}`),
		"a wider path with a condition first":    rules(`{match: {prefix: /, headers: {x-a: {present: true}}}, ` + toA + `}, {match: {prefix: /a}, ` + toB + `}`),
		"a prefix that matches one case only":    rules(`{match: {prefix: /a}, ` + toA + `}, {match: {prefix: /a/b, ignoreCase: true}, ` + toB + `}`),
		"an exact path before what is below it":  rules(`{match: {exact: /a}, ` + toA + `}, {match: {prefix: /a}, ` + toB + `}`),
		"a redirect to a path that has a rule":   rules(`{match: {prefix: /kiali}, ` + toA + `}, {redirect: {path: /kiali}}`),
		"a redirect to a prefix that has a rule": rules(`{match: {prefix: /api/}, ` + toA + `}, {match: {prefix: /}, redirect: {prefix: /api}}`),
		"a redirect of one path to another":      rules(`{match: {exact: /old}, redirect: {path: /new}}, {` + toA + `}`),
		"a redirect to another host":             rules(`{redirect: {host: www.example.org}}`),
		"a redirect to https of what came by http": `{loadBalancers: {albInternal: {enabled: true, hosts: ['*.example.com'], tls: {certificateArns: [` + certificate + `], redirectHTTP: false}}},
			routes: [{` + okRoute + `, http: [{match: {headers: {X-Forwarded-Proto: {exact: http}}}, redirect: {scheme: https}}, {` + toA + `}]}]}`,
		"a redirect of a wildcard to a host with a route":    route(`name: a, loadBalancers: [albInternal], hosts: ["*.example.com"], http: [{redirect: {host: www.example.com}}]}, {name: b, loadBalancers: [albInternal], hosts: [www.example.com], http: [{` + toA + `}]`),
		"a wildcard and a host in two routes":                route(okRoute + `, http: [{` + toA + `}]}, {name: b, loadBalancers: [albInternal], hosts: ["*.example.com"], http: [{` + toB + `}]`),
		"an external host of two labels":                     `{loadBalancers: {albInternal: {enabled: true}}, ` + destination(`example.org`, `tls: {mode: SIMPLE}`) + `, routes: [{` + okRoute + `, http: [{to: [{host: example.org, port: 443}]}]}]}`,
		"variables of Envoy in headers":                      rule(`headers: {response: {set: {x-a: "%REQ(:path)% %DOWNSTREAM_REMOTE_ADDRESS% 50%%"}}}`),
		"cookies for one site by regex":                      rule(`cors: {origins: [{regex: "https://[a-z]+[.]example[.]com"}], credentials: true}`),
		"parentheses that keep nothing beside one that does": rule(`rewrite: {regex: {match: '^/(?:a|b)[(](?P<rest>.*)\)', replace: '/\1\\'}}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chart(t).Render(render.Options{Values: []string{"base: {enabled: false}", values}})
			assert.NoError(t, err)
		})
	}
}

func TestNotesWarnOfATimeOutThatTheALBDoesNotWaitFor(t *testing.T) {
	notes := rendered(t, rule(`timeoutSeconds: 120`)).Notes
	assert.Contains(t, notes, "- routes[0].http[0].timeoutSeconds: is 120, but albInternal answers 504 after 60 s without a byte; raise loadBalancers.albInternal.idleTimeoutSeconds unless the destination sends in between")
	assert.NotContains(t, rendered(t, rule(`timeoutSeconds: 60`)).Notes, "timeoutSeconds")
}

func TestARouteMayHaveTheNameOfATeamsHealthChecks(t *testing.T) {
	_, err := chart(t).Render(render.Options{Values: []string{"base: {enabled: false}",
		route(`name: alb-public-team-health, loadBalancers: [albInternal], hosts: [a.example.com], http: [{to: [{host: a.ns.svc.cluster.local, port: 80}]}]`)}})
	require.NoError(t, err)
}
