// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	ofIngress  = "alb.ingress.kubernetes.io/"
	ofService  = "service.beta.kubernetes.io/"
	ofNLB      = ofService + "aws-load-balancer-"
	listensUDP = "ports: [{name: dns, port: 53, targetPort: 5353, protocol: UDP}, {name: web, port: 80, targetPort: 8080}]"
	endsTLS    = "ports: [{name: https, port: 443, targetPort: 8443}], tls: {certificateArns: [" + certificate + "], ports: [https]}"
)

func TestAnnotationRefusals(t *testing.T) {
	refuseWritten(t, "albPublic", alb, []written{
		// Whose is it?
		{"an Ingress annotation that a value sets", "annotations", ofIngress + "ssl-policy", "x", "", "is what loadBalancers.albPublic.tls.policy sets; use that value"},
		{"an annotation that the chart writes on the gateway's Service", "annotations", ofIngress + "target-type", "ip", "", "is what loadBalancers.albPublic.targetType sets on the gateway's Service; use that value"},
		{"the path of the health check", "annotations", ofIngress + "healthcheck-path", "/", "", "is what loadBalancers.albPublic.healthCheck.through sets on the gateway's Service; use that value"},
		{"an Ingress annotation that is fixed", "annotations", ofIngress + "scheme", "internal", "", "is fixed by this chart; remove it"},
		{"the check of the NLB in front", "annotations", ofIngress + "frontend-nlb-healthcheck-port", "443", "", "is fixed by this chart; remove it"},
		{"the old class annotation", "annotations", "kubernetes.io/ingress.class", "nginx", "", "is fixed by this chart; remove it"},
		{"a listener's attributes", "annotations", ofIngress + "listener-attributes.HTTPS-443", "a=b", "", "is what loadBalancers.albPublic.listeners[].attributes sets; use that value"},
		{"an action by hand", "annotations", ofIngress + "actions.redirect", "{}", "", "is what loadBalancers.albPublic.actions sets; use that value"},
		{"conditions by hand", "annotations", ofIngress + "conditions.istio-ingress-alb-public", "[]", "", "is what loadBalancers.albPublic.actions[].conditions sets; use that value"},
		{"an NLB's annotation on an ALB", "annotations", ofNLB + "subnets", "a", "", `is for NLBs, and this is an ALB; remove it; the nearest is "alb.ingress.kubernetes.io/subnets", which loadBalancers.albPublic.subnets sets`},
		{"a prefix of one's own making", "annotations", "alb.kubernetes.io/group.name", "a", "", "is not read by the controller, whose names begin with alb.ingress.kubernetes.io/"},
		{"no prefix at all", "annotations", "target-type", "ip", "", "is not read by the controller, whose names begin with alb.ingress.kubernetes.io/"},
		{"somebody else's annotation of that name", "annotations", "example.com/tags", "a", "", ""},
		{"external-dns's annotation", "annotations", "external-dns.alpha.kubernetes.io/hostname", "a.example.com", "", ""},
		{"another ingress controller's annotation", "annotations", "nginx.ingress.kubernetes.io/rewrite-target", "/", "", "is another ingress controller's and does nothing here; remove it"},
		{"an annotation where no load balancer is made", "annotations", ofIngress + "use-regex-path-match", "true", "managedBy: none", "does nothing, since loadBalancers.albPublic.managedBy is none; remove it"},
		// Is it spelt right?
		{"a hyphen for a dot", "annotations", ofIngress + "group-name", "a", "", `is not known to the controller and would do nothing; the nearest is "alb.ingress.kubernetes.io/group.name", which loadBalancers.albPublic.group.name sets`},
		{"a plural", "annotations", ofIngress + "certificate-arns", "a", "", `the nearest is "alb.ingress.kubernetes.io/certificate-arn", which loadBalancers.albPublic.tls.certificateArns sets`},
		{"an old name", "annotations", ofIngress + "security-group-inbound-cidrs", "a", "", `is not known to the controller and would do nothing; the nearest is "alb.ingress.kubernetes.io/`},
		{"letters in another order", "annotations", ofIngress + "customer-owned-ipv4-polo", "a", "", `the nearest is "alb.ingress.kubernetes.io/customer-owned-ipv4-pool"`},
		{"a name that goes on with nothing", "annotations", ofIngress + "listener-attributes", "a=b", "", `the nearest is "alb.ingress.kubernetes.io/listener-attributes.<PROTOCOL>-<port>"`},
		// May it be written so?
		{"a truth that Go does not know", "annotations", ofIngress + "use-regex-path-match", "yes", "", `is "yes"; allowed: true, false`},
		{"an interval with a unit", "annotations", ofIngress + "frontend-nlb-healthcheck-interval-seconds", "10s", "frontendNLB: {enabled: true}", `is "10s"; allowed: 5 to 300`},
		{"a threshold out of range", "annotations", ofIngress + "frontend-nlb-healthcheck-healthy-threshold-count", "1", "frontendNLB: {enabled: true}", `is "1"; allowed: 2 to 10`},
		{"a path without slash", "annotations", ofIngress + "frontend-nlb-healthcheck-path", "ready", "frontendNLB: {enabled: true}", `is "ready"; allowed: a path that begins with /`},
		{"a capacity that the controller would read as none", "annotations", ofIngress + "minimum-load-balancer-capacity", "CapacityUnits=many", "", `is "CapacityUnits=many"; allowed: CapacityUnits=<number>`},
		{"an empty pool", "annotations", ofIngress + "customer-owned-ipv4-pool", "", "", `is ""; allowed: the ID of a pool (ipv4pool-coip-…)`},
		{"an authority that is a certificate", "annotations", ofIngress + "acm-pca-arn", certificate, "", "allowed: the ARN of a private authority (arn:aws:acm-pca:…)"},
		// Does it go with the rest?
		{"a web ACL by name beside one by ARN", "annotations", ofIngress + "wafv2-acl-name", "edge", `waf: {webACLArn: "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/b"}`, "does not go with loadBalancers.albPublic.waf.webACLArn; keep one of the two"},
		{"an old name beside the new one", "annotations", ofIngress + "web-acl-id", "none", "", "does not go with loadBalancers.albPublic.annotations.waf-acl-id; keep one of the two"},
		{"the new name", "annotations", ofIngress + "waf-acl-id", "none", "", ""},
		{"a health check of an NLB that is not there", "annotations", ofIngress + "frontend-nlb-healthcheck-path", "/ready", "", "needs loadBalancers.albPublic.frontendNLB.enabled true; set that, or remove it"},
		{"a new certificate beside those that are there", "annotations", ofIngress + "create-acm-cert", "true", "hosts: [a.example.com], tls: {certificateArns: [" + certificate + "]}", "does not go with loadBalancers.albPublic.tls.certificateArns"},
		{"a new certificate for no host", "annotations", ofIngress + "create-acm-cert", "true", "", "needs loadBalancers.albPublic.hosts; set that, or remove it"},
		{"an authority without a new certificate", "annotations", ofIngress + "acm-pca-arn", "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/0a", " ", "needs loadBalancers.albPublic.annotations.create-acm-cert true; set that, or remove it"},
		{"a control port of node ports", "annotations", ofIngress + "target-control-port.istio-ingress-alb-public.http2", "3000", "targetType: instance", "needs loadBalancers.albPublic.targetType ip; set that, or remove it"},
		{"a control port of a Service that no rule has", "annotations", ofIngress + "target-control-port.shop.http2", "3000", "", `names the Service "shop", which no rule forwards to; allowed: istio-ingress-alb-public`},
	})
	refuseWritten(t, "nlbInternal", nlb, []written{
		// Whose is it?
		{"a Service annotation that a value sets", "annotations", ofNLB + "ssl-ports", "443", "", "is what loadBalancers.nlbInternal.tls.ports sets; use that value"},
		{"source ranges as annotation", "annotations", ofService + "load-balancer-source-ranges", "10.0.0.0/8", "", "is what loadBalancers.nlbInternal.sourceRanges sets; use that value"},
		{"the type of a Service that has a class", "annotations", ofNLB + "type", "nlb", "", "is fixed by this chart; remove it"},
		{"PROXY protocol for all", "annotations", ofNLB + "proxy-protocol", "*", "", "is what loadBalancers.nlbInternal.ports[].proxyProtocol sets; use that value"},
		{"an ALB's annotation on an NLB", "annotations", ofIngress + "scheme", "internal", "", `is for ALBs, and this is an NLB; remove it; the nearest is "service.beta.kubernetes.io/aws-load-balancer-scheme", which this chart sets by itself`},
		{"the prefix that the controller's comment names", "annotations", "service.kubernetes.io/aws-load-balancer-ip-address-type", "ipv4", "", `is not read by the controller, whose names begin with service.beta.kubernetes.io/; the nearest is "service.beta.kubernetes.io/aws-load-balancer-ip-address-type", which loadBalancers.nlbInternal.ipAddressType sets`},
		{"an annotation of Kubernetes itself", "annotations", "service.kubernetes.io/topology-mode", "Auto", "", ""},
		{"a pod's annotation", "annotations", ofNLB + "quic-enabled-containers", "istio-proxy", "", "is for pods; write it into nlbInternalGateway.podAnnotations"},
		// Is it spelt right?
		{"the ALB's name for a health check on an NLB", "annotations", ofNLB + "healthcheck-interval-seconds", "5", "", `the nearest is "service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval", which loadBalancers.nlbInternal.healthCheck.intervalSeconds sets`},
		{"an annotation of the old in-tree controller", "annotations", ofNLB + "extra-security-groups", "sg-1", "", `the nearest is "service.beta.kubernetes.io/aws-load-balancer-security-groups", which loadBalancers.nlbInternal.securityGroups sets`},
		{"a missing hyphen in what all names have", "annotations", ofService + "aws-loadbalancer-scheme", "internal", "", `the nearest is "service.beta.kubernetes.io/aws-load-balancer-scheme", which this chart sets by itself`},
		{"source ranges with the part that only this name lacks", "annotations", ofNLB + "source-ranges", "10.0.0.0/8", "", `the nearest is "service.beta.kubernetes.io/load-balancer-source-ranges", which loadBalancers.nlbInternal.sourceRanges sets`},
		{"another cloud's annotation", "annotations", ofService + "azure-zzz", "true", "", "is not known to the controller and would do nothing; docs/load-balancers.md lists those that there are"},
		// May it be written so?
		{"a truth of YAML 1.1", "annotations", ofNLB + "multi-cluster-target-group", "on", "", `is "on"; allowed: true, false`},
		{"on and off as a truth", "annotations", ofNLB + "inbound-sg-rules-on-private-link-traffic", "true", "", `is "true"; allowed: on, off`},
		{"a capacity by another key", "annotations", ofNLB + "minimum-load-balancer-capacity", "Units=3000", "", `is "Units=3000"; allowed: CapacityUnits=<number>`},
		{"IPv4 among IPv6 addresses", "annotations", ofNLB + "ipv6-addresses", "2001:db8::1, 10.0.0.1", "ipAddressType: dualstack", `is "2001:db8::1, 10.0.0.1"; allowed: IPv6 addresses`},
		{"a prefix of another length", "annotations", ofNLB + "source-nat-ipv6-prefixes", "2001:db8::/64", "", "allowed: auto_assigned or IPv6 prefixes of 80 bits"},
		{"success codes with words", "annotations", ofNLB + "healthcheck-success-codes", "200 ok", "", `is "200 ok"; allowed: HTTP codes of 200 to 599, as 200 or 200-299,404`},
		// Does it go with the rest?
		{"IPv6 addresses on IPv4", "annotations", ofNLB + "ipv6-addresses", "2001:db8::1", "", "needs loadBalancers.nlbInternal.ipAddressType dualstack; set that, or remove it"},
		{"source NAT on IPv4", "annotations", ofNLB + "enable-prefix-for-ipv6-source-nat", "on", "", "needs loadBalancers.nlbInternal.ipAddressType dualstack"},
		{"prefixes for source NAT that is off", "annotations", ofNLB + "source-nat-ipv6-prefixes", "auto_assigned", "ipAddressType: dualstack", "needs loadBalancers.nlbInternal.annotations.aws-load-balancer-enable-prefix-for-ipv6-source-nat on; set that, or remove it"},
		{"no security groups, and some", "annotations", ofNLB + "disable-nlb-sg", "true", " securityGroups: [sg-1]", "does not go with loadBalancers.nlbInternal.securityGroups; keep one of the two"},
		{"ICMP into groups that the controller does not manage", "annotations", ofNLB + "enable-icmp-for-path-mtu-discovery", "on", "securityGroups: [sg-1]", "does not go with loadBalancers.nlbInternal.securityGroups"},
		{"ICMP into groups that are not there", "annotations", ofNLB + "enable-icmp-for-path-mtu-discovery", "on", listensUDP, "does not go with loadBalancers.nlbInternal.annotations.aws-load-balancer-disable-nlb-sg; keep one of the two"},
		{"no security groups", "annotations", ofNLB + "disable-nlb-sg", "true", listensUDP, ""},
		{"QUIC over TCP", "annotations", ofNLB + "quic-enabled-ports", "web", listensUDP, `has "web", which is no UDP or TCP_UDP port of loadBalancers.nlbInternal.ports; allowed: dns, 53`},
		{"attributes of a port that is not there", "annotations", ofNLB + "target-group-attributes.8080", "deregistration_delay.connection_termination.enabled=true", "", `is for port "8080", where nothing listens; allowed: 15021, 80`},
		{"attributes of a port that a value sets", "annotations", ofNLB + "target-group-attributes.80", "proxy_protocol_v2.enabled=true", "", `has "proxy_protocol_v2.enabled", which is what loadBalancers.nlbInternal.ports[].proxyProtocol sets; use that value`},
		{"attributes that are none", "annotations", ofNLB + "target-group-attributes.80", "on", "", `has "on", which is no attribute=value`},
		{"weights beside the canary", "annotations", ofService + "actions.TCP-80", `{"type":"forward"}`, "canary: {service: next, weight: 10}", "does not go with loadBalancers.nlbInternal.canary.service"},
		{"weights of a TLS listener under TCP", "annotations", ofService + "actions.TCP-443", `{"type":"forward"}`, endsTLS, "would do nothing, since the listener on 443 is TLS; let it end with TLS-443"},
		{"weights that are no JSON", "annotations", ofService + "actions.TCP-80", "forward", "", "is no JSON object"},
		{"an NLB that redirects", "annotations", ofService + "actions.TCP-80", `{"type":"redirect"}`, "", `has type "redirect"; allowed: forward`},
		{"weights without targets, on which the controller panics", "annotations", ofService + "actions.TCP-80", `{"type":"forward"}`, "", "needs forwardConfig.targetGroups; add those besides the gateway's"},
		{"a text for an object", "annotations", ofService + "actions.TCP-80", `{"type":"forward","forwardConfig":"next"}`, "", "needs forwardConfig.targetGroups"},
		{"a weight that is a text", "annotations", ofService + "actions.TCP-80", `{"type":"forward","forwardConfig":{"baseServiceWeight":1,"targetGroups":[{"serviceName":"a","servicePort":80,"weight":"1"}]}}`, "", "needs a weight of 0 to 999 in each of targetGroups; add it"},
		{"a misspelt key in JSON", "annotations", ofService + "actions.TCP-80", `{"type":"forward","forwardConfig":{"baseServiceWeight":1,"targetGroups":[{"serviceName":"a","servicePort":80,"wieght":1}]}}`, "", `has "wieght", which the controller does not know and would ignore`},
		{"a Service without its port", "annotations", ofService + "actions.TCP-80", `{"type":"forward","forwardConfig":{"baseServiceWeight":1,"targetGroups":[{"serviceName":"a","weight":1}]}}`, "", "needs servicePort beside serviceName; add it"},
	})
	refuse(t, []refusal{
		{"an annotation of one load balancer on every object", `commonAnnotations: {alb.ingress.kubernetes.io/tags: a=b}`, `- commonAnnotations: "alb.ingress.kubernetes.io/tags" is for one load balancer, and these are for every object; write it into loadBalancers.<name>.annotations`},
		{"an annotation for the Service that the gateway chart does not make", `nlbPublicGateway: {service: {annotations: {` + ofNLB + `scheme: internal}}}`, `- nlbPublicGateway.service.annotations: "` + ofNLB + `scheme" does nothing there, since this chart makes the Service; write it into loadBalancers.nlbPublic.annotations`},
		{"an annotation for all objects of the gateway chart", `albInternalGateway: {annotations: {alb.ingress.kubernetes.io/target-type: ip}}`, `- albInternalGateway.annotations: "alb.ingress.kubernetes.io/target-type" does nothing there`},
		{"another value than the group's", alb(`group: {name: edge}, annotations: {alb.ingress.kubernetes.io/ipam-ipv4-pool-id: ipam-pool-0a}, ingresses: [{name: grpc, annotations: {alb.ingress.kubernetes.io/ipam-ipv4-pool-id: ipam-pool-0b}}]`), `- loadBalancers.albPublic.ingresses[0].annotations: "alb.ingress.kubernetes.io/ipam-ipv4-pool-id" is "ipam-pool-0b", but "ipam-pool-0a" in loadBalancers.albPublic.annotations, and Ingresses of a group must agree; leave it out here`},
		{"a further Ingress's version", alb(`group: {name: edge}, ingresses: [{name: grpc, annotations: {alb.ingress.kubernetes.io/backend-protocol-version: GRPC}}]`), `- loadBalancers.albPublic.ingresses[0].annotations: "alb.ingress.kubernetes.io/backend-protocol-version" is what loadBalancers.albPublic.ingresses[0].version sets on the gateway's Service; use that value`},
		{"the load balancer's name on a further Ingress", alb(`group: {name: edge}, ingresses: [{name: grpc, annotations: {alb.ingress.kubernetes.io/load-balancer-name: a}}]`), `- loadBalancers.albPublic.ingresses[0].annotations: "alb.ingress.kubernetes.io/load-balancer-name" is what loadBalancers.albPublic.name sets; use that value`},
	})
}

// TestAnnotationsWithoutValueCanBeWritten writes every annotation that no value sets, and finds it where the controller reads it.
func TestAnnotationsWithoutValueCanBeWritten(t *testing.T) {
	const (
		frontend  = "frontendNLB: {enabled: true}"
		dualstack = "ipAddressType: dualstack, subnets: [a, b]"
		hosts     = "hosts: [a.example.com]"
		quicPort  = "ports: [{name: quic, port: 443, targetPort: 8443, protocol: UDP}]"
		forward   = `{"type":"forward","forwardConfig":{"baseServiceWeight":90,"targetGroups":[{"serviceName":"next","servicePort":80,"weight":10}]}}`
	)
	for kind, c := range map[string]struct {
		object, name string
		values       func(string) string
		rows         []written
	}{
		"alb": {"Ingress", "alb-public", alb, []written{
			{"", "annotations", ofIngress + "customer-owned-ipv4-pool", "ipv4pool-coip-0123456789abcdef0", "", ""},
			{"", "annotations", ofIngress + "ipam-ipv4-pool-id", "ipam-pool-0123456789abcdef0", "", ""},
			{"", "annotations", ofIngress + "minimum-load-balancer-capacity", "CapacityUnits=300", "", ""},
			{"", "annotations", ofIngress + "wafv2-acl-name", "edge", "", ""},
			{"", "annotations", ofIngress + "waf-acl-id", "none", "", ""},
			{"", "annotations", ofIngress + "web-acl-id", "01234567-89ab-cdef-0123-456789abcdef", hosts, ""},
			{"", "annotations", ofIngress + "create-acm-cert", "true", hosts, ""},
			{"", "annotations", ofIngress + "acm-pca-arn", "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/01234567-89ab", hosts, ""},
			{"", "annotations", ofIngress + "use-regex-path-match", "T", "", ""},
			{"", "annotations", ofIngress + "multi-cluster-target-group", "1", "", ""},
			{"", "annotations", ofIngress + "target-control-port.istio-ingress-alb-public.http2", "3000", "", ""},
			{"", "annotations", ofIngress + "frontend-nlb-healthcheck-path", "/ready", frontend, ""},
			{"", "annotations", ofIngress + "frontend-nlb-healthcheck-interval-seconds", "10", frontend, ""},
			{"", "annotations", ofIngress + "frontend-nlb-healthcheck-timeout-seconds", "5", frontend, ""},
			{"", "annotations", ofIngress + "frontend-nlb-healthcheck-healthy-threshold-count", "3", frontend, ""},
			{"", "annotations", ofIngress + "frontend-nlb-healthcheck-unhealthy-threshold-count", "3", frontend, ""},
		}},
		"nlb": {"Service", "istio-ingress-nlb-internal", nlb, []written{
			{"", "annotations", ofNLB + "ipv6-addresses", "2001:db8::1, 2001:db8:1::1", dualstack, ""},
			{"", "annotations", ofNLB + "enable-prefix-for-ipv6-source-nat", "on", dualstack, ""},
			{"", "annotations", ofNLB + "source-nat-ipv6-prefixes", "auto_assigned, 2001:db8::/80", dualstack, ""},
			{"", "annotations", ofNLB + "minimum-load-balancer-capacity", "CapacityUnits=5500", "", ""},
			{"", "annotations", ofNLB + "disable-nlb-sg", "true", quicPort, ""},
			{"", "annotations", ofNLB + "quic-enabled-ports", "quic", quicPort, ""},
			{"", "annotations", ofNLB + "inbound-sg-rules-on-private-link-traffic", "off", "", ""},
			{"", "annotations", ofNLB + "enable-icmp-for-path-mtu-discovery", "on", "", ""},
			{"", "annotations", ofService + "actions.TCP-80", forward, "", ""},
			{"", "annotations", ofNLB + "target-group-attributes.80", "deregistration_delay.connection_termination.enabled=true", "", ""},
			{"", "annotations", ofNLB + "multi-cluster-target-group", "true", "", ""},
			{"", "annotations", ofNLB + "healthcheck-success-codes", "200,301-399", "", ""},
		}},
	} {
		entries := annotationsOf(t, kind)
		var through, written []string
		for key, entry := range entries {
			if entry.through() {
				through = append(through, key)
			}
		}
		for _, b := range batches(c.rows) {
			release, err := b.render(t, c.values)
			require.NoError(t, err)
			made, found := release.Find(c.object, c.name)
			require.True(t, found)
			for _, row := range b {
				assert.Equal(t, row.value, made.GetAnnotations()[row.name], row.name)
				_, short := controllers(row.name)
				key, _ := lookUp(entries, short)
				written = append(written, key)
			}
		}
		assert.ElementsMatch(t, through, written, "an example for every annotation that no value sets")
	}
}
