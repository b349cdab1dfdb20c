// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/render"
)

// server is a server of Istio's Gateway.
type server struct {
	Port struct {
		Name     string `json:"name"`
		Number   int32  `json:"number"`
		Protocol string `json:"protocol"`
	} `json:"port"`
	Hosts []string `json:"hosts"`
	TLS   *struct {
		Mode           string `json:"mode"`
		CredentialName string `json:"credentialName"`
		HTTPSRedirect  bool   `json:"httpsRedirect"`
	} `json:"tls"`
}

// String is a server in one line.
func (s server) String() string {
	line := fmt.Sprintf("%s %d %s %v", s.Port.Name, s.Port.Number, s.Port.Protocol, s.Hosts)
	switch {
	case s.TLS == nil:
		return line
	case s.TLS.HTTPSRedirect:
		return line + " to HTTPS"
	}
	return fmt.Sprintf("%s %s %s", line, s.TLS.Mode, s.TLS.CredentialName)
}

// servers are the servers of a Gateway, each in one line.
func servers(t *testing.T, release *render.Release, name string) []string {
	t.Helper()
	var lines []string
	for _, server := range specOf[struct {
		Servers []server `json:"servers"`
	}](t, release, "Gateway", name).Servers {
		lines = append(lines, server.String())
	}
	return lines
}

// specOf is the spec of an object; a field that T lacks is an error.
func specOf[T any](t *testing.T, release *render.Release, kind, name string) T {
	t.Helper()
	object, found := release.Find(kind, name)
	require.True(t, found, "%s %s", kind, name)
	delete(object.Object["spec"].(map[string]any), "selector")
	var spec T
	require.NoError(t, yaml.UnmarshalStrict([]byte(text(t, object.Object["spec"])), &spec))
	return spec
}

func TestServersFollowFromWhereTLSEnds(t *testing.T) {
	ports := `hosts: ["*.example.com", example.org], ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}, {name: db, port: 3306, targetPort: 3306, protocol: TCP}, {name: dbs, port: 3307, targetPort: 3307, protocol: TCP}, {name: dns, port: 53, targetPort: 5353, protocol: UDP}]`
	hosts := "[*.example.com example.org]"
	for _, row := range []struct {
		name, values, gateway string
		want                  []string
	}{
		{"at an ALB", alb(`hosts: [a.example.com]`), "alb-public", []string{"http2 80 HTTP [a.example.com]"}},
		{"at an ALB that lets every host in", alb(`hosts: []`), "alb-public", []string{"http2 80 HTTP [*]"}},
		{"at an ALB with further Ingresses", alb(`hosts: ["*.example.com"], group: {name: g}, ingresses: [{name: b, hosts: [b.example.com]}]`), "alb-public", []string{"http2 80 HTTP [*.example.com]"}},
		{"at an ALB that sends the rest to the gateway", alb(`hosts: [a.example.com], defaultBackend: gateway`), "alb-public", []string{"http2 80 HTTP [*]"}},
		{"at an ALB and again at the gateway, without SNI", alb(`hosts: [a.example.com], backend: {protocol: HTTPS, secret: edge}`), "alb-public", []string{"https 80 HTTPS [*] SIMPLE edge"}},
		{"at an NLB", nlb(ports + `, tls: {ports: [https, dbs], certificateArns: [` + certificate + `]}`), "nlb-internal", []string{
			"http 80 HTTP " + hosts, "https 443 HTTP " + hosts, "db 3306 TCP [*]", "dbs 3307 TCP [*]",
		}},
		{"at an NLB, with a redirect", nlb(ports + `, tls: {ports: [https, dbs], certificateArns: [` + certificate + `], redirectHTTP: true}`), "nlb-internal", []string{
			"http 80 HTTP " + hosts + " to HTTPS", "https 443 HTTP " + hosts, "db 3306 TCP [*]", "dbs 3307 TCP [*]",
		}},
		{"at an NLB and again at the gateway, without SNI", nlb(ports + `, tls: {ports: [https, dbs], certificateArns: [` + certificate + `], reencrypt: true, credentials: [{secret: edge}]}`), "nlb-internal", []string{
			"http 80 HTTP " + hosts, "https 443 HTTPS [*] SIMPLE edge", "db 3306 TCP [*]", "dbs 3307 TLS [*] SIMPLE edge",
		}},
		{"at the gateway", nlb(ports + `, tls: {ports: [https, dbs], terminateAt: gateway, redirectHTTP: true, credentials: [{secret: edge}, {secret: shop, hosts: [shop.example.com], mode: MUTUAL}]}`), "nlb-internal", []string{
			"http 80 HTTP " + hosts + " to HTTPS",
			"https 443 HTTPS " + hosts + " SIMPLE edge", "https-1 443 HTTPS [shop.example.com] MUTUAL shop",
			"db 3306 TCP [*]",
			"dbs 3307 TLS " + hosts + " SIMPLE edge", "dbs-1 3307 TLS [shop.example.com] MUTUAL shop",
		}},
		{"at the workloads", nlb(ports + `, tls: {ports: [https, dbs], terminateAt: passthrough}`), "nlb-internal", []string{
			"http 80 HTTP " + hosts, "https 443 TLS " + hosts + " PASSTHROUGH ", "db 3306 TCP [*]", "dbs 3307 TLS " + hosts + " PASSTHROUGH ",
		}},
		{"at the gateway, for HTTP/3 too", nlb(`ports: [{name: https, port: 443, targetPort: 8443, protocol: TCP_UDP}], tls: {ports: [https], terminateAt: gateway, credentials: [{secret: edge}]}`), "nlb-internal", []string{"https 443 HTTPS [*] SIMPLE edge"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.want, servers(t, rendered(t, "base: {enabled: false}", row.values), row.gateway))
		})
	}
	_, found := rendered(t, "base: {enabled: false}", nlb(`ports: [{name: dns, port: 53, targetPort: 5353, protocol: UDP}]`)).Find("Gateway", "nlb-internal")
	assert.False(t, found, "Istio has no servers for UDP, and refuses a Gateway without servers")
}

// answer is what a VirtualService answers by itself.
type answer struct {
	Gateways []string `json:"gateways"`
	Hosts    []string `json:"hosts"`
	ExportTo []string `json:"exportTo"`
	HTTP     []struct {
		Match []struct {
			URI struct {
				Exact string `json:"exact"`
			} `json:"uri"`
		} `json:"match"`
		DirectResponse struct {
			Status int `json:"status"`
		} `json:"directResponse"`
		Headers *struct {
			Response struct {
				Set map[string]string `json:"set"`
			} `json:"response"`
		} `json:"headers"`
	} `json:"http"`
}

// The check asks for an IP address as host, so the answer is one for every host, and no host with a name loses a path to it.
func TestGatewayAnswersHealthChecksOfThePortOfRequests(t *testing.T) {
	const http, grpc = "/healthz/ready", "/AWS.ALB/healthcheck"
	for _, row := range []struct {
		name, values, loadBalancer string
		paths                      []string
		server                     []string // of the Gateway that is made for the answer
	}{
		{"an ALB for one host", alb(`hosts: [a.example.com], healthCheck: {through: data}`), "alb-public", []string{http}, []string{"http2 80 HTTP [*]"}},
		{"an ALB for every host", alb(`healthCheck: {through: data}`), "alb-public", []string{http}, nil},
		{"an ALB that speaks TLS to the gateway", alb(`hosts: [a.example.com], healthCheck: {through: data}, backend: {protocol: HTTPS, secret: edge}`), "alb-public", []string{http}, nil},
		{"an ALB that speaks HTTP/2", alb(`tls: {certificateArns: [` + certificate + `]}, listeners: [{protocol: HTTPS, port: 443}], healthCheck: {through: data}, backend: {version: HTTP2}`), "alb-public", []string{http}, nil},
		{"an ALB that speaks gRPC", alb(`tls: {certificateArns: [` + certificate + `]}, listeners: [{protocol: HTTPS, port: 443}], healthCheck: {through: data}, backend: {version: GRPC}`), "alb-public", []string{grpc}, nil},
		{"a further Ingress that speaks gRPC", alb(`hosts: [a.example.com], group: {name: g}, tls: {certificateArns: [` + certificate + `]}, listeners: [{protocol: HTTPS, port: 443}], ingresses: [{name: b, version: GRPC}]`), "alb-public", []string{grpc}, []string{"http2 80 HTTP [*]"}},
		{"both", alb(`group: {name: g}, tls: {certificateArns: [` + certificate + `]}, listeners: [{protocol: HTTPS, port: 443}], healthCheck: {through: data}, ingresses: [{name: b, version: GRPC}]`), "alb-public", []string{http, grpc}, nil},
		{"an NLB", nlb(`hosts: [a.example.com], healthCheck: {through: data}, ports: [{name: tcp, port: 1, targetPort: 1024, protocol: TCP}, {name: http, port: 80, targetPort: 8080}]`), "nlb-internal", []string{http}, []string{"http 80 HTTP [*]"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			release := rendered(t, "base: {enabled: false}", row.values)
			health := specOf[answer](t, release, "VirtualService", row.loadBalancer+"-health")
			assert.Equal(t, []string{"*"}, health.Hosts)
			var paths []string
			for _, rule := range health.HTTP {
				require.Len(t, rule.Match, 1)
				paths = append(paths, rule.Match[0].URI.Exact)
				assert.Equal(t, 200, rule.DirectResponse.Status)
				assert.Equal(t, rule.Match[0].URI.Exact == grpc, rule.Headers != nil && rule.Headers.Response.Set["grpc-status"] == "0", "Envoy's own status for gRPC is 2, unknown")
			}
			assert.Equal(t, row.paths, paths)
			if row.server == nil {
				assert.Equal(t, []string{row.loadBalancer}, health.Gateways)
				assert.Equal(t, []string{"*"}, specOf[struct{ Servers []server }](t, release, "Gateway", row.loadBalancer).Servers[0].Hosts)
				return
			}
			assert.Equal(t, []string{row.loadBalancer + "-health"}, health.Gateways)
			assert.Equal(t, row.server, servers(t, release, row.loadBalancer+"-health"))
		})
	}
	release := rendered(t, "base: {enabled: false}", alb(`hosts: []`), nlb(`hosts: []`))
	assert.Empty(t, release.Kind("VirtualService"), "the status port answers by itself")
}

func TestListenersOfAnNLBLearnWhatItsListenersDo(t *testing.T) {
	release := rendered(t, "base: {enabled: false}", nlb(`ports: [{name: plain, port: 80, targetPort: 8080}, {name: strict, port: 81, targetPort: 8081, proxyProtocol: strict}, {name: tls, port: 443, targetPort: 8443, proxyProtocol: permissive},
  {name: again, port: 444, targetPort: 8443, proxyProtocol: permissive}, {name: db, port: 3306, targetPort: 3306, protocol: TCP, proxyProtocol: strict}], tls: {ports: [tls, again], certificateArns: [`+certificate+`]}`))
	object, found := release.Find("EnvoyFilter", "nlb-internal")
	require.True(t, found)
	labels, _, err := unstructured.NestedStringMap(object.Object, "spec", "workloadSelector", "labels")
	require.NoError(t, err)
	assert.Equal(t, []string{"istio-ingress-nlb-internal"}, gatewaysOf(t, release, labels))
	patches, _, err := unstructured.NestedSlice(object.Object, "spec", "configPatches")
	require.NoError(t, err)

	proxy := func(port int, permissive bool) string {
		return fmt.Sprintf(`{"applyTo": "LISTENER_FILTER", "match": {"context": "GATEWAY", "proxy": {"metadata": {"NAMESPACE": "istio-system"}}, "listener": {"portNumber": %d}}, "patch": {"operation": "INSERT_FIRST", "value": {
			"name": "envoy.filters.listener.proxy_protocol", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol", "allow_requests_without_proxy_protocol": %t}}}}`, port, permissive)
	}
	https := `{"applyTo": "NETWORK_FILTER", "match": {"context": "GATEWAY", "proxy": {"metadata": {"NAMESPACE": "istio-system"}}, "listener": {"portNumber": 8443, "filterChain": {"filter": {"name": "envoy.filters.network.http_connection_manager"}}}}, "patch": {"operation": "MERGE", "value": {
			"name": "envoy.filters.network.http_connection_manager", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", "scheme_header_transformation": {"scheme_to_overwrite": "https"}}}}}`
	want := []string{proxy(8081, false), proxy(8443, true), https, proxy(3306, false)} // the listener on 8443 once
	require.Len(t, patches, len(want))
	for i := range want {
		assert.JSONEq(t, want[i], text(t, patches[i]))
	}

	for name, values := range map[string]string{
		"plain":          `ports: [{name: http, port: 80, targetPort: 8080}]`,
		"TCP inside TLS": `ports: [{name: db, port: 3307, targetPort: 3307, protocol: TCP}], tls: {ports: [db], certificateArns: [` + certificate + `]}`,
		"at the gateway": `ports: [{name: https, port: 443, targetPort: 8443}], tls: {ports: [https], terminateAt: gateway, credentials: [{secret: edge}]}`,
	} {
		assert.Empty(t, rendered(t, "base: {enabled: false}", nlb(values)).Kind("EnvoyFilter"), name)
	}
}

func TestExternalDNSFindsTheAddress(t *testing.T) {
	const prefix = "external-dns.alpha.kubernetes.io/"
	for _, row := range []struct {
		name, values, gateway string
		want                  map[string]string
	}{
		{"an ALB's, in its Ingress", alb(`hosts: [a.example.com]`), "alb-public", map[string]string{prefix + "ingress": "istio-system/alb-public"}},
		{"an NLB's, in the Service with the Gateway's selector", nlb(`hosts: [a.example.com]`), "nlb-internal", nil},
		{"one made elsewhere", alb(`hosts: [a.example.com], managedBy: none, externalDNS: {target: edge.example.net}`), "alb-public", map[string]string{prefix + "target": "edge.example.net"}},
		{"one made elsewhere, which nothing names", alb(`hosts: [a.example.com], managedBy: none`), "alb-public", nil},
		{"a CDN's", alb(`hosts: [a.example.com], externalDNS: {target: d111111abcdef8.cloudfront.net}`), "alb-public", map[string]string{prefix + "target": "d111111abcdef8.cloudfront.net"}},
		{"of hosts that no server can name", alb(`hosts: [a.example.com, b.example.com], backend: {protocol: HTTPS, secret: edge}`), "alb-public", map[string]string{prefix + "ingress": "istio-system/alb-public", prefix + "hostname": "a.example.com,b.example.com"}},
		{"of nothing, when it is off", nlb(`hosts: [a.example.com], externalDNS: {enabled: false}`), "nlb-internal", map[string]string{prefix + "controller": "none"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			gateway, found := rendered(t, "base: {enabled: false}", row.values).Find("Gateway", row.gateway)
			require.True(t, found)
			assert.Equal(t, row.want, gateway.GetAnnotations())
		})
	}
}

func TestMeshConfigPassesThroughToIstiod(t *testing.T) {
	release := rendered(t, `{base: {enabled: false}, istiod: {meshConfig: {pathNormalization: {normalization: DECODE_AND_MERGE_SLASHES}, extensionProviders: [{name: authz, envoyExtAuthzGrpc: {service: authz.auth.svc.cluster.local, port: 9000}}], defaultConfig: {gatewayTopology: {forwardClientCertDetails: SANITIZE}}}}}`)
	object, found := release.Find("ConfigMap", "istio")
	require.True(t, found)
	content, _, err := unstructured.NestedString(object.Object, "data", "mesh")
	require.NoError(t, err)
	var mesh map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(content), &mesh))
	assert.JSONEq(t, `{"normalization": "DECODE_AND_MERGE_SLASHES"}`, text(t, mesh["pathNormalization"]))
	assert.Contains(t, text(t, mesh["extensionProviders"]), `{"envoyExtAuthzGrpc":{"port":9000,"service":"authz.auth.svc.cluster.local"},"name":"authz"}`)
	assert.Contains(t, text(t, mesh["defaultConfig"]), `"gatewayTopology":{"forwardClientCertDetails":"SANITIZE"}`)
}

func TestCommonAnnotationsAreOnEveryObjectOfThisChart(t *testing.T) {
	release := rendered(t, `{base: {enabled: false}, commonAnnotations: {argocd.argoproj.io/sync-wave: "5"}, mtls: {namespaces: {legacy: PERMISSIVE}},
  loadBalancers: {albPublic: {enabled: true, hosts: [a.example.com], healthCheck: {through: data}, networkPolicy: {enabled: true, fromCIDRs: [10.0.0.0/8]}}, nlbInternal: {enabled: true, ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: strict}]}},
  routes: [{name: a, loadBalancers: [albPublic], hosts: [a.example.com], http: [{to: [{host: a.ns.svc.cluster.local, port: 80}]}]}], destinations: {a.ns.svc.cluster.local: {loadBalancing: RANDOM}}}`)
	kinds := map[string]bool{}
	check := func(object unstructured.Unstructured) {
		assert.Equal(t, "5", object.GetAnnotations()["argocd.argoproj.io/sync-wave"], "%s %s", object.GetKind(), object.GetName())
		kinds[object.GetKind()] = true
	}
	for _, object := range release.Objects {
		if items, found, _ := unstructured.NestedSlice(object.Object, "items"); found {
			for _, item := range items {
				check(unstructured.Unstructured{Object: item.(map[string]any)})
			}
		} else if object.GetLabels()["app.kubernetes.io/part-of"] == "istio-aws" {
			check(object)
		}
	}
	assert.Len(t, kinds, 9, "%v", kinds)
}
