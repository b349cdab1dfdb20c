// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/istio-aws/istio-aws/internal/render"
)

// nlbService is the Service of an internal NLB with some keys set.
func nlbService(t *testing.T, keys string, more ...string) corev1.Service {
	t.Helper()
	values := append([]string{"base: {enabled: false}", "istiod: {enabled: false}", nlb(keys)}, more...)
	service, err := render.Get[corev1.Service](rendered(t, values...), "Service", "istio-ingress-nlb-internal")
	require.NoError(t, err)
	return service
}

// nlbOf are the annotations of an NLB whose names have a prefix in common, without that and without the one of all.
func nlbOf(service corev1.Service, names ...string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		if value, ok := service.Annotations[nlbAnnotation+name]; ok {
			out[name] = value
		}
	}
	return out
}

func TestNetworkLoadBalancer(t *testing.T) {
	service, err := render.Get[corev1.Service](preset(t, "three-gateways"), "Service", "istio-ingressgateway")
	require.NoError(t, err)
	assert.Equal(t, corev1.ServiceTypeLoadBalancer, service.Spec.Type)
	assert.Equal(t, "service.k8s.aws/nlb", *service.Spec.LoadBalancerClass)
	assert.False(t, *service.Spec.AllocateLoadBalancerNodePorts, "ip targets need no node ports")
	assert.Equal(t, []string{"10.0.0.0/8", "172.16.0.0/12"}, service.Spec.LoadBalancerSourceRanges)
	assert.Equal(t, map[string]string{
		nlbAnnotation + "name":                            "istio-ingress-nlb",
		nlbAnnotation + "scheme":                          "internal",
		nlbAnnotation + "nlb-target-type":                 "ip",
		nlbAnnotation + "ssl-cert":                        "arn:aws:acm:eu-west-1:111122223333:certificate/66666666-7777-8888-9999-000000000000",
		nlbAnnotation + "ssl-ports":                       "https",
		nlbAnnotation + "ssl-negotiation-policy":          "ELBSecurityPolicy-2016-08",
		nlbAnnotation + "alpn-policy":                     "None",
		nlbAnnotation + "listener-attributes.TCP-80":      "tcp.idle_timeout.seconds=350",
		nlbAnnotation + "healthcheck-protocol":            "http",
		nlbAnnotation + "healthcheck-port":                "status-port",
		nlbAnnotation + "healthcheck-path":                "/healthz/ready",
		nlbAnnotation + "healthcheck-interval":            "10",
		nlbAnnotation + "healthcheck-timeout":             "6",
		nlbAnnotation + "healthcheck-healthy-threshold":   "2",
		nlbAnnotation + "healthcheck-unhealthy-threshold": "2",
		nlbAnnotation + "attributes":                      "access_logs.s3.enabled=false,deletion_protection.enabled=false,dns_record.client_routing_policy=any_availability_zone,load_balancing.cross_zone.enabled=true",
		nlbAnnotation + "target-group-attributes":         "deregistration_delay.timeout_seconds=30,preserve_client_ip.enabled=false,stickiness.enabled=false",
	}, service.Annotations)
}

func TestNodePortsOfAnNLB(t *testing.T) {
	service := nlbService(t, `targetType: instance, statusNodePort: 30001, targetNodeLabels: {role: edge}, ports: [{name: a, port: 80, targetPort: 8080, nodePort: 30080}]`)
	assert.True(t, *service.Spec.AllocateLoadBalancerNodePorts)
	assert.Equal(t, int32(30001), service.Spec.Ports[0].NodePort)
	assert.Equal(t, int32(30080), service.Spec.Ports[1].NodePort)
	assert.Equal(t, map[string]string{"nlb-target-type": "instance", "target-node-labels": "role=edge"}, nlbOf(service, "nlb-target-type", "target-node-labels"))
	assert.Empty(t, service.Spec.ExternalTrafficPolicy)
}

// The controller makes one TCP_UDP listener of two ports of one number, and finds both behind the node port of the first.
func TestTCPAndUDPOnOneNumber(t *testing.T) {
	service := nlbService(t, `targetType: instance, ports: [{name: dns, port: 53, targetPort: 5353, nodePort: 30053, protocol: TCP_UDP}, {name: log, port: 514, targetPort: 5140, protocol: UDP}]`)
	port := func(name string, protocol corev1.Protocol, inside *string, number int32, target int, node int32) corev1.ServicePort {
		return corev1.ServicePort{Name: name, Protocol: protocol, AppProtocol: inside, Port: number, TargetPort: intstr.FromInt(target), NodePort: node}
	}
	// What Istio takes a port for; without it the port's name would say so.
	http, tcp := new("http"), new("tcp")
	assert.Equal(t, []corev1.ServicePort{
		port("status-port", "TCP", http, 15021, 15021, 0),
		port("dns", "TCP", tcp, 53, 5353, 30053), port("dns-udp", "UDP", nil, 53, 5353, 30053),
		port("log", "UDP", nil, 514, 5140, 0),
	}, service.Spec.Ports)
	assert.Equal(t, "true", service.Annotations[nlbAnnotation+"enable-tcp-udp-listener"])
	assert.NotContains(t, nlbService(t, nlbUDP).Annotations, nlbAnnotation+"enable-tcp-udp-listener")
}

func TestIdleTimeoutsOfListeners(t *testing.T) {
	service := nlbService(t, `idleTimeoutSeconds: 600, `+nlbTLS+`, ports: [
		{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443},
		{name: db, port: 3306, targetPort: 3306, protocol: TCP, attributes: {tcp.idle_timeout.seconds: "6000"}}, {name: dns, port: 53, targetPort: 5353, protocol: UDP}]`)
	assert.Equal(t, map[string]string{
		"listener-attributes.TCP-80":   "tcp.idle_timeout.seconds=600",
		"listener-attributes.TCP-3306": "tcp.idle_timeout.seconds=6000",
	}, nlbOf(service, "listener-attributes.TCP-80", "listener-attributes.TCP-3306", "listener-attributes.TLS-443", "listener-attributes.TCP-443", "listener-attributes.UDP-53", "listener-attributes.TCP-15021"))
}

func TestWhereTLSOfAnNLBEnds(t *testing.T) {
	names := []string{"ssl-cert", "ssl-ports", "ssl-negotiation-policy", "alpn-policy", "backend-protocol"}
	here := map[string]string{"ssl-cert": certificate, "ssl-ports": "https", "ssl-negotiation-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "alpn-policy": "HTTP2Preferred"}
	assert.Equal(t, here, nlbOf(nlbService(t, nlbWeb+`, `+nlbTLSWith+`alpnPolicy: HTTP2Preferred}`), names...))

	again := nlbService(t, nlbWeb+`, `+nlbTLSOnward+`alpnPolicy: HTTP2Preferred, credentials: [{secret: gateway}]}`)
	here["backend-protocol"] = "ssl"
	assert.Equal(t, here, nlbOf(again, names...))

	assert.Empty(t, nlbOf(nlbService(t, nlbWeb+`, `+nlbAtGateway+`}`), names...), "a listener whose TLS the gateway ends is TCP")
	assert.Empty(t, nlbOf(nlbService(t, nlbWeb+`, tls: {ports: [https], terminateAt: passthrough}`), names...))
}

func TestHealthCheckOfAnNLB(t *testing.T) {
	where := []string{"healthcheck-protocol", "healthcheck-port", "healthcheck-path", "healthcheck-interval"}
	data := nlbService(t, nlbTLS+`, healthCheck: {through: data}, ports: [{name: db, port: 3306, targetPort: 3306, protocol: TCP}, {name: https, port: 443, targetPort: 8443}]`)
	assert.Equal(t, map[string]string{"healthcheck-protocol": "http", "healthcheck-port": "https", "healthcheck-path": "/healthz/ready", "healthcheck-interval": "10"}, nlbOf(data, where...))

	local := nlbService(t, `targetType: instance, externalTrafficPolicy: Local`)
	assert.Equal(t, corev1.ServiceExternalTrafficPolicyLocal, local.Spec.ExternalTrafficPolicy)
	assert.Equal(t, map[string]string{"healthcheck-interval": "10"}, nlbOf(local, where...), "the controller asks kube-proxy when it is told nothing else")
}

func TestAttributesOfAnNLB(t *testing.T) {
	service := nlbService(t, nlbWeb+`, `+nlbTLS+`, accessLogs: {bucket: logs, prefix: edge}, deletionProtection: true, zonalAffinity: partial, stickiness: true, deregistrationDelaySeconds: 5,
		preserveClientIP: true, attributes: {ipv6.deny_all_igw_traffic: "true"}, targetGroupAttributes: {deregistration_delay.connection_termination.enabled: "true"}`)
	assert.Equal(t, map[string]string{
		"attributes": "access_logs.s3.bucket=logs,access_logs.s3.enabled=true,access_logs.s3.prefix=edge,deletion_protection.enabled=true," +
			"dns_record.client_routing_policy=partial_availability_zone_affinity,ipv6.deny_all_igw_traffic=true,load_balancing.cross_zone.enabled=false",
		"target-group-attributes": "deregistration_delay.connection_termination.enabled=true,deregistration_delay.timeout_seconds=5," +
			"preserve_client_ip.enabled=true,stickiness.enabled=true,stickiness.type=source_ip",
	}, nlbOf(service, "attributes", "target-group-attributes"))
	full := nlbService(t, `zonalAffinity: full`).Annotations[nlbAnnotation+"attributes"]
	assert.Contains(t, full, "dns_record.client_routing_policy=availability_zone_affinity")
}

// AWS's own default is written too, so that going back to it changes something; but UDP may not have it off.
func TestClientAddressesBehindAnNLB(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{`targetType: ip`, "preserve_client_ip.enabled=false"},
		{`targetType: instance`, "preserve_client_ip.enabled=true"},
		{`targetType: instance, preserveClientIP: false`, "preserve_client_ip.enabled=false"},
		{`preserveClientIP: true`, "preserve_client_ip.enabled=true"},
		{nlbUDP + `, preserveClientIP: true`, "preserve_client_ip.enabled=true"},
		{nlbUDP + `, targetType: instance`, "preserve_client_ip.enabled=true"},
	} {
		assert.Contains(t, nlbService(t, c.keys).Annotations[nlbAnnotation+"target-group-attributes"], c.want, c.keys)
	}
	assert.NotContains(t, nlbService(t, nlbUDP).Annotations[nlbAnnotation+"target-group-attributes"], "preserve_client_ip")
}

func TestAddressesAndClientsOfAnNLB(t *testing.T) {
	names := []string{"ip-address-type", "subnets", "private-ipv4-addresses", "security-groups", "security-group-prefix-lists", "manage-backend-security-group-rules", "additional-resource-tags"}
	service := nlbService(t, `ipAddressType: dualstack, subnets: [a, b], staticIPs: {privateIPv4Addresses: [10.0.0.5, 10.0.1.5]}, sourceRanges: ["2001:db8::/32"], prefixLists: [pl-01234567], tags: {Team: edge}`)
	assert.Equal(t, map[string]string{
		"ip-address-type": "dualstack", "subnets": "a,b", "private-ipv4-addresses": "10.0.0.5,10.0.1.5", "security-group-prefix-lists": "pl-01234567", "additional-resource-tags": "Team=edge",
	}, nlbOf(service, names...))
	assert.Equal(t, []string{"2001:db8::/32"}, service.Spec.LoadBalancerSourceRanges)
	assert.Equal(t, map[string]string{"security-groups": "sg-01234567,edge", "manage-backend-security-group-rules": "false"},
		nlbOf(nlbService(t, `securityGroups: [sg-01234567, edge], manageBackendRules: false`), names...))

	public, err := render.Get[corev1.Service](rendered(t, "base: {enabled: false}", publicNLB(`subnets: [a, b], staticIPs: {eipAllocations: [eipalloc-01234567, eipalloc-89abcdef]}`)), "Service", "istio-ingress-nlb-public")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"scheme": "internet-facing", "eip-allocations": "eipalloc-01234567,eipalloc-89abcdef"}, nlbOf(public, "scheme", "eip-allocations"))
}

func TestCanaryBehindAnNLB(t *testing.T) {
	const action = "service.beta.kubernetes.io/actions."
	service := nlbService(t, nlbTLS+`, `+nlbCanary+`, ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}, {name: dns, port: 53, targetPort: 5353, protocol: TCP_UDP}]`)
	forward := func(group string) string {
		return `{"type": "forward", "forwardConfig": {"baseServiceWeight": 80, "targetGroups": [{"serviceName": "gateway-canary", "weight": 20, ` + group + `}]}}`
	}
	assert.JSONEq(t, forward(`"servicePort": 80`), service.Annotations[action+"TCP-80"])
	assert.JSONEq(t, forward(`"servicePort": 443, "decrypt": true`), service.Annotations[action+"TLS-443"])
	assert.JSONEq(t, forward(`"servicePort": 53`), service.Annotations[action+"TCP_UDP-53"])
	assert.NotContains(t, service.Annotations, action+"TCP-15021")

	again := nlbService(t, nlbWeb+`, `+nlbTLSOnward+`credentials: [{secret: a}]}, `+nlbCanary)
	assert.JSONEq(t, forward(`"servicePort": 443`), again.Annotations[action+"TLS-443"], "the canary gets TLS too")

	sticky := nlbService(t, `stickiness: true, canary: {service: b, port: 8080}`)
	assert.JSONEq(t, `{"type": "forward", "forwardConfig": {"baseServiceWeight": 100, "targetGroups": [{"serviceName": "b", "servicePort": 8080, "weight": 0}], "targetGroupStickinessConfig": {"enabled": true}}}`,
		sticky.Annotations[action+"TCP-80"])
}

// Of two kinds of target groups only those of the named ports get the header; the controller looks a canary's up by the port of its Service.
func TestPROXYProtocolOfAnNLB(t *testing.T) {
	const perGroup, attributes = "proxy-protocol-per-target-group", "target-group-attributes"
	mixed := nlbService(t, `ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: strict}, {name: b, port: 81, targetPort: 8081}, {name: c, port: 82, targetPort: 8082, proxyProtocol: permissive}]`)
	assert.Equal(t, "80,82", mixed.Annotations[nlbAnnotation+perGroup])
	assert.NotContains(t, mixed.Annotations[nlbAnnotation+attributes], "proxy_protocol")
	assert.Equal(t, "80,8080", nlbService(t, `ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: strict}], canary: {service: b, port: 8080, weight: 1}`).Annotations[nlbAnnotation+perGroup])
	assert.NotContains(t, nlbService(t, nlbWeb).Annotations, nlbAnnotation+perGroup)
}

func TestNLBOfAutoMode(t *testing.T) {
	const auto = "controller: eks-auto-mode"
	service := nlbService(t, nlbWeb+`, crossZone: true`, auto)
	assert.Equal(t, "eks.amazonaws.com/nlb", *service.Spec.LoadBalancerClass)
	assert.Contains(t, service.Annotations[nlbAnnotation+"attributes"], "load_balancing.cross_zone.enabled=true", "Auto Mode does not read an annotation for it")
	assert.Contains(t, service.Annotations[nlbAnnotation+"target-group-attributes"], "proxy_protocol_v2.enabled=false")
	assert.Empty(t, nlbOf(service, "listener-attributes.TCP-80", "listener-attributes.TCP-443"))

	proxied := nlbService(t, `ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: strict}]`, auto)
	assert.Contains(t, proxied.Annotations[nlbAnnotation+"target-group-attributes"], "proxy_protocol_v2.enabled=true")
	assert.Empty(t, nlbOf(proxied, "proxy-protocol", "proxy-protocol-per-target-group"))
}

func TestServiceForAnNLBMadeElsewhere(t *testing.T) {
	pods := nlbService(t, nlbElsewhere+nlbWeb)
	assert.Equal(t, corev1.ServiceTypeClusterIP, pods.Spec.Type)
	assert.Nil(t, pods.Spec.LoadBalancerClass)
	assert.Nil(t, pods.Spec.AllocateLoadBalancerNodePorts)
	assert.Empty(t, pods.Annotations)
	assert.Len(t, pods.Spec.Ports, 3, "status-port, http and https")

	nodes := nlbService(t, nlbElsewhere+`targetType: instance, externalTrafficPolicy: Local, statusNodePort: 30001`)
	assert.Equal(t, corev1.ServiceTypeNodePort, nodes.Spec.Type)
	assert.Equal(t, corev1.ServiceExternalTrafficPolicyLocal, nodes.Spec.ExternalTrafficPolicy)
	assert.Equal(t, int32(30001), nodes.Spec.Ports[0].NodePort)

	_, err := chart(t).Render(render.Options{Values: []string{nlb(nlbElsewhere + nlbBoundPort + `, securityGroups: [sg-01234567], deregistrationDelaySeconds: 20, hosts: [a.example.com], healthCheck: {through: data}`)}})
	assert.NoError(t, err, "what tells the gateway about the load balancer may be said")
}

func TestAnnotationsOfAnNLB(t *testing.T) {
	service := nlbService(t, `annotations: {`+nlbAnnotation+`inbound-sg-rules-on-private-link-traffic: "off", example.com/a: own}`, `commonAnnotations: {example.com/a: common, example.com/b: common}`)
	assert.Equal(t, "off", service.Annotations[nlbAnnotation+"inbound-sg-rules-on-private-link-traffic"])
	assert.Equal(t, "own", service.Annotations["example.com/a"])
	assert.Equal(t, "common", service.Annotations["example.com/b"])
	assert.Equal(t, "common", nlbService(t, nlbElsewhere, `commonAnnotations: {example.com/b: common}`).Annotations["example.com/b"])
}
