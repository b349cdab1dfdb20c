// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plan

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	lb "github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/plan"
	"github.com/istio-aws/istio-aws/internal/render"
)

const (
	nlbCertificate = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
	nlbTLS         = `tls: {ports: [https], certificateArns: [` + nlbCertificate + `]}`
	nlbWeb         = `ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}], ` + nlbTLS
	nlbGroup       = "istio-system/istio-ingress-nlb-internal:"
)

// nlbOf plans an internal NLB with some keys set, and whatever other objects there are. AWS takes it.
func nlbOf(t *testing.T, keys, others string) lb.LoadBalancer {
	t.Helper()
	values := `{base: {enabled: false}, loadBalancers: {nlbInternal: {enabled: true, ` + keys + `}}}`
	p, err := plan.Make(t.Context(), elbsim, rendered(t, render.Options{Values: []string{values}}).Manifest+others)
	require.NoError(t, err)
	require.Empty(t, p.Rejections)
	require.Empty(t, p.Warnings)
	require.Len(t, p.LoadBalancers, 1)
	return p.LoadBalancers[0]
}

// nlbListeners are what the listeners but status-port's forward to, by protocol.
func nlbListeners(t *testing.T, nlb lb.LoadBalancer) map[string][]lb.Weighted {
	t.Helper()
	out := map[string][]lb.Weighted{}
	for _, l := range nlb.Listeners {
		require.Len(t, l.DefaultActions, 1)
		if l.Port == 15021 {
			assert.Equal(t, forward(nlbGroup+"15021"), l.DefaultActions, "nobody shares the health check's listener")
			continue
		}
		out[l.Protocol] = l.DefaultActions[0].Forward
	}
	return out
}

func nlbTargetGroup(t *testing.T, nlb lb.LoadBalancer, name string) lb.TargetGroup {
	t.Helper()
	for _, tg := range nlb.TargetGroups {
		if tg.Name == name {
			return tg
		}
	}
	require.Fail(t, "no target group "+name)
	return lb.TargetGroup{}
}

func TestProtocolsOfAnNLB(t *testing.T) {
	nlb := nlbOf(t, nlbTLS+`, idleTimeoutSeconds: 6000, targetType: instance, ports: [
		{name: http, port: 80, targetPort: 8080, attributes: {tcp.idle_timeout.seconds: "60"}}, {name: https, port: 443, targetPort: 8443}, {name: db, port: 3306, targetPort: 3306, protocol: TCP},
		{name: dns, port: 53, targetPort: 5353, nodePort: 30053, protocol: TCP_UDP}, {name: log, port: 514, targetPort: 5140, protocol: UDP}]`, "")
	listeners := map[int32]string{}
	for _, l := range nlb.Listeners {
		listeners[l.Port] = l.Protocol + " " + l.Attributes["tcp.idle_timeout.seconds"]
	}
	assert.Equal(t, map[int32]string{53: "TCP_UDP ", 80: "TCP 60", 443: "TLS ", 514: "UDP ", 3306: "TCP 6000", 15021: "TCP "}, listeners)
	assert.Equal(t, "TCP_UDP", nlbTargetGroup(t, nlb, nlbGroup+"53").Protocol)
	assert.Equal(t, int32(30053), nlbTargetGroup(t, nlb, nlbGroup+"53").Port)
	assert.Equal(t, "UDP", nlbTargetGroup(t, nlb, nlbGroup+"514").Protocol)
	assert.Contains(t, nlb.SecurityGroups[0].Inbound, lb.InboundRule{Protocol: "udp", FromPort: 53, ToPort: 53, Source: everybody})
	assert.Contains(t, nlb.SecurityGroups[0].Inbound, lb.InboundRule{Protocol: "tcp", FromPort: 53, ToPort: 53, Source: everybody})

	pods := nlbOf(t, `ports: [{name: log, port: 514, targetPort: 5140, protocol: UDP}]`, "")
	assert.Empty(t, nlbTargetGroup(t, pods, nlbGroup+"514").Attributes["preserve_client_ip.enabled"], "AWS's own default")
}

// nlbSecond is a second release, whose gateway has no load balancer of its own, as text behind the first's manifests.
func nlbSecond(t *testing.T, keys string) string {
	t.Helper()
	values := `{base: {enabled: false}, istiod: {enabled: false}, canaryOf: istio-aws, loadBalancers: {nlbInternal: {enabled: true, managedBy: none, ` + keys + `}},
		nlbInternalGateway: {name: gateway-canary, serviceAccount: {name: gateway-canary}, labels: {istio: ingress-nlb-internal}}}`
	return "\n---\n" + rendered(t, render.Options{Release: "second", Values: []string{values}}).Manifest
}

// The canary gets its share of every listener, and its target groups are the first's in everything.
func TestCanaryBehindAnNLB(t *testing.T) {
	const ports = `ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}, {name: dns, port: 53, targetPort: 5353, protocol: TCP_UDP}]`
	nlb := nlbOf(t, ports+`, `+nlbTLS+`, canary: {service: gateway-canary, weight: 20}`, nlbSecond(t, ports+`, tls: {ports: [https]}`))
	share := func(port string) []lb.Weighted {
		return []lb.Weighted{{TargetGroup: nlbGroup + port, Weight: 80}, {TargetGroup: "istio-system/gateway-canary:" + port, Weight: 20}}
	}
	assert.Equal(t, map[string][]lb.Weighted{"TCP": share("80"), "TLS": share("443"), "TCP_UDP": share("53")}, nlbListeners(t, nlb))
	for _, port := range []string{"80", "443", "53"} {
		own, canary := nlbTargetGroup(t, nlb, nlbGroup+port), nlbTargetGroup(t, nlb, "istio-system/gateway-canary:"+port)
		canary.Name = own.Name
		assert.Equal(t, own, canary)
	}
}

func TestStickyCanaryBehindAnNLB(t *testing.T) {
	nlb := nlbOf(t, `stickiness: true, canary: {service: gateway-canary, weight: 0}`, nlbSecond(t, ""))
	assert.Equal(t, []lb.Weighted{{TargetGroup: nlbGroup + "80", Weight: 100}, {TargetGroup: "istio-system/gateway-canary:80", Weight: 0}}, nlbListeners(t, nlb)["TCP"])
	assert.Equal(t, "true", nlbTargetGroup(t, nlb, "istio-system/gateway-canary:80").Attributes["stickiness.enabled"])
}

func TestHealthCheckOfAnNLB(t *testing.T) {
	check := func(keys string) map[string]lb.HealthCheck {
		out := map[string]lb.HealthCheck{}
		for _, tg := range nlbOf(t, keys, "").TargetGroups {
			out[tg.Name] = tg.HealthCheck
		}
		return out
	}
	want := func(port string) map[string]lb.HealthCheck {
		asked := ready(port, "200-399", nlbPace)
		return map[string]lb.HealthCheck{nlbGroup + "80": asked, nlbGroup + "443": asked, nlbGroup + "15021": asked}
	}
	assert.Equal(t, want("8080"), check(nlbWeb+`, healthCheck: {through: data}`))
	assert.Equal(t, want("30080"), check(`targetType: instance, healthCheck: {through: data}, `+nlbTLS+`, ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}, {name: https, port: 443, targetPort: 8443}]`))

	local := want("0") // a node port that Kubernetes will choose
	for name, asked := range local {
		asked.Path = "/healthz" // of kube-proxy
		local[name] = asked
	}
	assert.Equal(t, local, check(nlbWeb+`, targetType: instance, externalTrafficPolicy: Local`))
}

func TestTLSOfAnNLB(t *testing.T) {
	again := nlbOf(t, `ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}],
		tls: {ports: [https], certificateArns: [`+nlbCertificate+`], alpnPolicy: HTTP2Preferred, reencrypt: true, credentials: [{secret: gateway}]}`, "")
	assert.Equal(t, "TLS", nlbTargetGroup(t, again, nlbGroup+"443").Protocol)
	assert.Equal(t, "TCP", nlbTargetGroup(t, again, nlbGroup+"80").Protocol)
	assert.Equal(t, "HTTP2Preferred", again.Listeners[1].ALPNPolicy)

	for _, where := range []string{`terminateAt: gateway, credentials: [{secret: gateway}]`, `terminateAt: passthrough`} {
		onward := nlbOf(t, `ports: [{name: https, port: 443, targetPort: 8443}], tls: {ports: [https], `+where+`}`, "")
		assert.Equal(t, "TCP", onward.Listeners[0].Protocol, where)
		assert.Empty(t, onward.Listeners[0].Certificates, where)
	}
}

func TestAttributesOfAnNLB(t *testing.T) {
	nlb := nlbOf(t, nlbWeb+`, accessLogs: {bucket: logs, prefix: edge}, deletionProtection: true, zonalAffinity: full, crossZone: true, stickiness: true, preserveClientIP: true, deregistrationDelaySeconds: 20`, "")
	assert.Equal(t, map[string]string{
		"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs", "access_logs.s3.prefix": "edge", "deletion_protection.enabled": "true",
		"dns_record.client_routing_policy": "availability_zone_affinity", "load_balancing.cross_zone.enabled": "true",
	}, nlb.Attributes)
	for _, tg := range nlb.TargetGroups {
		assert.Equal(t, map[string]string{"deregistration_delay.timeout_seconds": "20", "preserve_client_ip.enabled": "true", "stickiness.enabled": "true"}, tg.Attributes)
	}
	assert.Empty(t, nlbOf(t, nlbWeb, "").Attributes, "the defaults are AWS's")
}

func TestPROXYProtocolOfAnNLB(t *testing.T) {
	nlb := nlbOf(t, `ports: [{name: http, port: 80, targetPort: 8080, proxyProtocol: permissive}, {name: db, port: 3306, targetPort: 3306, protocol: TCP}]`, "")
	header := map[string]string{}
	for _, tg := range nlb.TargetGroups {
		header[tg.Name] = tg.Attributes["proxy_protocol_v2.enabled"]
	}
	assert.Equal(t, map[string]string{nlbGroup + "80": "true", nlbGroup + "3306": "", nlbGroup + "15021": ""}, header)
}

func TestAddressesAndClientsOfAnNLB(t *testing.T) {
	nlb := nlbOf(t, `ipAddressType: dualstack, subnets: [private-eu-west-1a, private-eu-west-1b], staticIPs: {privateIPv4Addresses: [192.168.4.10, 192.168.5.10]},
		sourceRanges: [10.0.0.0/8, "2001:db8::/32"], prefixLists: [pl-01234567], tags: {Team: edge}`, "")
	assert.Equal(t, "dualstack", nlb.IPAddressType)
	assert.Equal(t, []string{"eu-west-1a", "eu-west-1b"}, nlb.Zones)
	assert.Equal(t, map[string]string{"Team": "edge"}, nlb.Tags)
	var sources []string
	for _, rule := range nlb.SecurityGroups[0].Inbound {
		if rule.FromPort == 80 {
			sources = append(sources, rule.Source)
		}
	}
	assert.ElementsMatch(t, []string{"10.0.0.0/8", "2001:db8::/32", "pl-01234567"}, sources)
	assert.Equal(t, []lb.Address{{Zone: "eu-west-1a", PrivateIPv4: "192.168.4.10"}, {Zone: "eu-west-1b", PrivateIPv4: "192.168.5.10"}}, nlb.Addresses)

	p := planned(t, render.Options{Values: []string{`loadBalancers: {nlbPublic: {enabled: true, subnets: [public-eu-west-1a, public-eu-west-1b], staticIPs: {eipAllocations: [eipalloc-01234567, eipalloc-89abcdef]}}}`}})
	require.Empty(t, p.Rejections)
	assert.Equal(t, "internet-facing", p.LoadBalancers[0].Scheme)
}

// AWS counts the controller's own tags too.
func TestAsManyTagsAsTheSchemaAllowsAreTaken(t *testing.T) {
	tags := ""
	for i := range 47 {
		tags += string(rune('A'+i%26)) + string(rune('a'+i/26)) + ": x, "
	}
	assert.Len(t, nlbOf(t, `tags: {`+tags+`}`, "").Tags, 47)
}

func TestAnNLBMadeElsewhereIsNotPlanned(t *testing.T) {
	p := planned(t, render.Options{Values: []string{`loadBalancers: {nlbInternal: {enabled: true, managedBy: none}}`}})
	assert.Empty(t, p.LoadBalancers)
	assert.Empty(t, p.Rejections)
}
