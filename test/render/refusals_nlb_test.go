// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"fmt"
	"testing"
)

// publicNLB is values of an enabled internet-facing NLB with some keys set.
func publicNLB(keys string) string {
	return "loadBalancers: {nlbPublic: {enabled: true, " + keys + "}}"
}

// What several rows begin with: a port without and one with TLS, one of UDP, and where TLS ends.
const (
	nlbWeb        = `ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}]`
	nlbUDP        = `ports: [{name: dns, port: 53, targetPort: 5353, protocol: UDP}]`
	nlbTLS        = `tls: {ports: [https], certificateArns: [` + certificate + `]}`
	nlbTLSWith    = `tls: {ports: [https], certificateArns: [` + certificate + `], `
	nlbTLSOnward  = nlbTLSWith + `reencrypt: true, `
	nlbAtGateway  = `tls: {ports: [https], terminateAt: gateway, credentials: [{secret: a}]`
	nlbCanary     = `canary: {service: gateway-canary, weight: 20}`
	nlbElsewhere  = `managedBy: none, `
	nlbBoundPort  = `ports: [{name: a, port: 80, targetPort: 8080, targetGroupARN: "` + nlbGroupARN + `"}]`
	nlbGroupARN   = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
	nlbAutoMode   = `controller: eks-auto-mode, `
	nlbSourceNAT  = `annotations: {service.beta.kubernetes.io/aws-load-balancer-enable-prefix-for-ipv6-source-nat: "on"}`
	nlbAnnotation = "service.beta.kubernetes.io/aws-load-balancer-"
)

func TestNLBRefusals(t *testing.T) {
	const at = "- loadBalancers.nlbInternal."
	refuse(t, []refusal{
		// The schema: one value is wrong in itself.
		{"a threshold that AWS does not take", nlb(`healthCheck: {healthyThreshold: 11}`), `at '/loadBalancers/nlbInternal/healthCheck/healthyThreshold': maximum: got 11, want 10`},
		{"an NLB without ports", nlb(`ports: []`), `at '/loadBalancers/nlbInternal/ports': minItems: got 0, want 1`},
		{"a listener without target port", nlb(`ports: [{name: a, port: 80}]`), `at '/loadBalancers/nlbInternal/ports/0': missing property 'targetPort'`},
		{"a scheme as value", nlb(`scheme: public`), `at '/loadBalancers/nlbInternal': additional properties 'scheme' not allowed`},
		{"a target type that LBC takes for instance", nlb(`targetType: pod`), `at '/loadBalancers/nlbInternal/targetType': value must be one of 'ip', 'instance'`},
		{"an address type that LBC does not know", nlb(`ipAddressType: ipv6`), `at '/loadBalancers/nlbInternal/ipAddressType': value must be one of 'ipv4', 'dualstack'`},
		{"an NLB without public IPv4", publicNLB(`ipAddressType: dualstack-without-public-ipv4`), `at '/loadBalancers/nlbPublic/ipAddressType': value must be one of`},
		{"an ALPN policy by its protocol", nlb(`tls: {alpnPolicy: h2}`), `at '/loadBalancers/nlbInternal/tls/alpnPolicy': value must be one of 'None', 'HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred'`},
		{"TLS as protocol of a port", nlb(`ports: [{name: a, port: 443, targetPort: 8443, protocol: TLS}]`), `at '/loadBalancers/nlbInternal/ports/0/protocol': value must be one of 'HTTP', 'TCP', 'UDP', 'TCP_UDP'`},
		{"PROXY protocol as a boolean", nlb(`ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: true}]`), `at '/loadBalancers/nlbInternal/ports/0/proxyProtocol': value must be one of 'none', 'strict', 'permissive'`},
		{"PROXY protocol for the whole load balancer", nlb(`proxyProtocol: strict`), `additional properties 'proxyProtocol' not allowed`},
		{"client addresses in words", nlb(`preserveClientIP: "yes"`), `at '/loadBalancers/nlbInternal/preserveClientIP': value must be one of 'default', true, false`},
		{"a time-out below AWS's", nlb(`idleTimeoutSeconds: 59`), `at '/loadBalancers/nlbInternal/idleTimeoutSeconds': minimum: got 59, want 60`},
		{"a time-out above AWS's", nlb(`idleTimeoutSeconds: 6001`), `at '/loadBalancers/nlbInternal/idleTimeoutSeconds': maximum: got 6,001, want 6,000`},
		{"a delay above AWS's", nlb(`deregistrationDelaySeconds: 3601`), `at '/loadBalancers/nlbInternal/deregistrationDelaySeconds': maximum: got 3,601, want 3,600`},
		{"a share above the whole", nlb(`canary: {service: b, weight: 101}`), `at '/loadBalancers/nlbInternal/canary/weight': maximum: got 101, want 100`},
		{"a zonal affinity by AWS's name", nlb(`zonalAffinity: zone`), `at '/loadBalancers/nlbInternal/zonalAffinity': value must be one of 'any', 'partial', 'full'`},
		{"an Elastic IP by its address", publicNLB(`subnets: [a], staticIPs: {eipAllocations: [198.51.100.1]}`), `at '/loadBalancers/nlbPublic/staticIPs/eipAllocations/0': '198.51.100.1' does not match pattern`},
		{"an IPv6 address as private IPv4", nlb(`subnets: [a], staticIPs: {privateIPv4Addresses: ["::1"]}`), `at '/loadBalancers/nlbInternal/staticIPs/privateIPv4Addresses/0': '::1' does not match pattern`},
		{"a private address that is none", nlb(`subnets: [a], staticIPs: {privateIPv4Addresses: [10.0.0.256]}`), `at '/loadBalancers/nlbInternal/staticIPs/privateIPv4Addresses/0': '10.0.0.256' does not match pattern`},
		{"a network that is none", nlb(`sourceRanges: [10.0.300.0/24]`), `at '/loadBalancers/nlbInternal/sourceRanges/0': '10.0.300.0/24' does not match pattern`},
		{"a network without a mask", nlb(`sourceRanges: [10.0.0.1]`), `at '/loadBalancers/nlbInternal/sourceRanges/0': '10.0.0.1' does not match pattern`},
		{"an IPv6 network that is none", nlb(`ipAddressType: dualstack, sourceRanges: [":::::/64"]`), `at '/loadBalancers/nlbInternal/sourceRanges/0': ':::::/64' does not match pattern`},
		{"a security group's ID that is not hexadecimal", nlb(`securityGroups: [sg-xyz]`), `at '/loadBalancers/nlbInternal/securityGroups/0': 'sg-xyz' does not match pattern '^sg-[0-9a-f]+$'`},
		{"a subnet's ID that is not hexadecimal", nlb(`subnets: [subnet-xyz]`), `at '/loadBalancers/nlbInternal/subnets/0': 'subnet-xyz' does not match pattern '^subnet-[0-9a-f]+$'`},
		{"a tag with a question mark", nlb(`tags: {"Team?": a}`), `at '/loadBalancers/nlbInternal/tags': additional properties 'Team?' not allowed`},
		{"more tags than AWS takes with the controller's", nlb(`tags: {` + nlbTags(48) + `}`), `at '/loadBalancers/nlbInternal/tags': maxProperties: got 48, want 47`},
		{"a prefix list by its name", nlb(`prefixLists: [com.amazonaws.global.cloudfront.origin-facing]`), `at '/loadBalancers/nlbInternal/prefixLists/0'`},
		{"a tag without text", nlb(`tags: {Team: 12}`), `at '/loadBalancers/nlbInternal/tags/Team': got number, want string`},
		{"a name of 33 characters", nlb(`name: a23456789-123456789-123456789-123`), `at '/loadBalancers/nlbInternal/name': maxLength: got 33, want 32`},
		{"51 listeners", nlb(`ports: [` + nlbPorts(50) + `]`), `at '/loadBalancers/nlbInternal/ports': maxItems: got 50, want 49`},

		// Ports.
		{"two listeners of one name", nlb(`ports: [{name: a, port: 80, targetPort: 80}, {name: a, port: 81, targetPort: 81}]`), at + `ports[1].name: "a" is the name of another listener; names are used once`},
		{"two listeners on one port", nlb(`ports: [{name: a, port: 80, targetPort: 80}, {name: b, port: 80, targetPort: 81}]`), at + `ports[1].port: 80 is the port of another listener; ports are used once`},
		{"a second status-port", nlb(`ports: [{name: status-port, port: 81, targetPort: 81}]`), at + `ports[0].name: "status-port" is the name of another listener, which is always there`},
		{"a listener on the health check's port", nlb(`ports: [{name: a, port: 15021, targetPort: 81}]`), at + `ports[0].port: 15021 is the port of another listener, status-port, which is always there`},
		{"TCP and UDP on one number", nlb(`ports: [{name: a, port: 53, targetPort: 5353, protocol: TCP}, {name: b, port: 53, targetPort: 5353, protocol: UDP}]`), at + `ports[1].port: 53 is the port of another listener; ports are used once, and TCP and UDP on one number are one port with protocol TCP_UDP`},
		{"a name too long for its UDP half", nlb(`ports: [{name: twelveletter, port: 53, targetPort: 5353, protocol: TCP_UDP}]`), at + `ports[0].name: "twelveletter" has 12 characters, and "twelveletter-udp" is to be the name of its UDP half; allowed with TCP_UDP: 11`},
		{"the name of another port's UDP half", nlb(`ports: [{name: a, port: 53, targetPort: 5353, protocol: TCP_UDP}, {name: a-udp, port: 54, targetPort: 5354}]`), at + `ports[1].name: "a-udp" is the name of another listener`},
		{"one target port with and without TLS", nlb(`ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8080}], ` + nlbTLS), at + `ports[1].targetPort: 8080 is also that of ports[0], and the gateway treats both alike; use another one, unless both are plain HTTP`},
		{"one target port for two TCP ports", nlb(`ports: [{name: a, port: 80, targetPort: 8080, protocol: TCP}, {name: b, port: 81, targetPort: 8080, protocol: TCP}]`), at + `ports[1].targetPort: 8080 is also that of ports[0]`},
		{"one target port with and without PROXY protocol", nlb(`ports: [{name: a, port: 80, targetPort: 8080}, {name: b, port: 81, targetPort: 8080, proxyProtocol: strict}]`), at + `ports[1].targetPort: 8080 is also that of ports[0]`},
		{"a node port with ip targets", nlb(`ports: [{name: a, port: 80, targetPort: 80, nodePort: 30080}]`), at + `ports[0].nodePort: 30080 is a node port, but targetType is "ip"`},
		{"a node port for two listeners", nlb(`targetType: instance, ports: [{name: a, port: 80, targetPort: 80, nodePort: 30080}, {name: b, port: 81, targetPort: 81, nodePort: 30080}]`), at + `ports[1].nodePort: 30080 is also loadBalancers.nlbInternal.ports[0].nodePort; use two node ports`},
		{"a node port for two load balancers", `loadBalancers: {albInternal: {enabled: true, targetType: instance, statusNodePort: 30001}, nlbInternal: {enabled: true, targetType: instance, statusNodePort: 30001}}`, at + `statusNodePort: 30001 is also loadBalancers.albInternal.statusNodePort; use two node ports`},
		{"a time-out that a TLS listener does not have", nlb(nlbTLS + `, ` + nlbAttributesOf(1, `{tcp.idle_timeout.seconds: "600"}`)), `"tcp.idle_timeout.seconds" is for TCP only, and this listener is TLS`},
		{"a listener annotation that a value sets", nlb(`annotations: {` + nlbAnnotation + `listener-attributes.TCP-80: tcp.idle_timeout.seconds=60}`), `is what loadBalancers.nlbInternal.ports[].attributes sets; use that value`},

		// UDP and QUIC.
		{"PROXY protocol on UDP", nlb(`ports: [{name: dns, port: 53, targetPort: 5353, protocol: UDP, proxyProtocol: strict}]`), at + `ports[0].proxyProtocol: strict would put a header into the packets of UDP, which nothing reads; leave it out`},
		{"PROXY protocol on TCP_UDP", nlb(`ports: [{name: dns, port: 53, targetPort: 5353, protocol: TCP_UDP, proxyProtocol: permissive}]`), at + `ports[0].proxyProtocol: permissive would put a header into the packets of TCP_UDP`},
		{"hidden client addresses with UDP", nlb(nlbUDP + `, preserveClientIP: false`), at + `preserveClientIP: false is refused by AWS for UDP, as on port dns; leave it out`},
		{"UDP on dualstack", nlb(nlbUDP + `, ipAddressType: dualstack`), at + `ports[0].protocol: UDP goes with dualstack only in an IPv6 cluster, with ip targets and the annotation ` + nlbAnnotation + `enable-prefix-for-ipv6-source-nat: "on"; use ipv4`},
		{"UDP on dualstack with instance targets", nlb(nlbUDP + `, ipAddressType: dualstack, targetType: instance, ` + nlbSourceNAT), at + `ports[0].protocol: UDP goes with dualstack only in an IPv6 cluster, with ip targets`},
		{"TLS on UDP", nlb(nlbUDP + `, tls: {ports: [dns], certificateArns: [` + certificate + `]}`), at + `tls.ports: "dns" carries UDP, where an NLB can neither end TLS nor see the host; take it out`},
		{"TLS of TCP_UDP at the load balancer", nlb(`ports: [{name: quic, port: 443, targetPort: 8443, protocol: TCP_UDP}], tls: {ports: [quic], certificateArns: [` + certificate + `]}`), `"quic" carries TCP_UDP, where an NLB can neither end TLS nor see the host; take it out, or set tls.terminateAt to gateway for HTTP/3`},
		{"QUIC on TCP", nlb(`annotations: {` + nlbAnnotation + `quic-enabled-ports: http2}`), `has "http2", which is no UDP or TCP_UDP port`},
		{"QUIC on a load balancer with security groups", nlb(nlbUDP + `, annotations: {` + nlbAnnotation + `quic-enabled-ports: dns}`), `AWS takes no QUIC listener on a load balancer with security groups; add the annotation ` + nlbAnnotation + `disable-nlb-sg: "true"`},
		{"QUIC beside UDP", nlb(`ports: [{name: a, port: 53, targetPort: 5353, protocol: UDP}, {name: b, port: 443, targetPort: 8443, protocol: UDP}], annotations: {` + nlbAnnotation + `quic-enabled-ports: b}`), `AWS takes one QUIC listener and no UDP listener beside it, and there are 2 ports with UDP; leave one`},
		{"QUIC on dualstack", nlb(nlbUDP + `, ipAddressType: dualstack, annotations: {` + nlbAnnotation + `quic-enabled-ports: dns}`), `AWS takes no QUIC listener on a dualstack load balancer; use ipv4`},

		// TLS.
		{"a certificate that would end TLS on every port", nlb(`tls: {certificateArns: [` + certificate + `]}`), at + `tls.ports: is empty, and the controller would then end TLS on every port, the health check's too`},
		{"TLS without a certificate", nlb(`tls: {ports: [http2]}`), at + `tls.ports: ["http2"] need a certificate; set loadBalancers.nlbInternal.tls.certificateArns`},
		{"TLS on a port that is not there", nlb(`tls: {certificateArns: [` + certificate + `], ports: [https]}`), at + `tls.ports: "https" is not the name of one of loadBalancers.nlbInternal.ports; allowed: http2`},
		{"TLS on the health check's port", nlb(`tls: {certificateArns: [` + certificate + `], ports: [status-port]}`), at + `tls.ports: "status-port" is not the name of one of`},
		{"an ALPN policy without TLS", nlb(`tls: {alpnPolicy: HTTP2Only}`), at + `tls.alpnPolicy: "HTTP2Only" has no effect, since tls.ports is empty; name the ports that speak TLS`},
		{"a TLS policy without TLS", nlb(`tls: {policy: ELBSecurityPolicy-2016-08}`), at + `tls.policy: "ELBSecurityPolicy-2016-08" has no effect, since tls.ports is empty`},
		{"a place where TLS ends without TLS", nlb(`tls: {terminateAt: gateway}`), at + `tls.terminateAt: "gateway" has no effect, since tls.ports is empty`},
		{"a redirect without TLS", nlb(`tls: {redirectHTTP: true}`), at + `tls.redirectHTTP: true has no effect, since tls.ports is empty`},
		{"a certificate of AWS for the gateway", nlb(nlbWeb + `, ` + nlbAtGateway + `, certificateArns: [` + certificate + `]}`), at + `tls.certificateArns: ["` + certificate + `"] has no effect, since TLS does not end at the load balancer (tls.terminateAt gateway); leave it out, or set tls.terminateAt to loadBalancer`},
		{"AWS's policy for the gateway", nlb(nlbWeb + `, ` + nlbAtGateway + `, policy: ELBSecurityPolicy-2016-08}`), at + `tls.policy: "ELBSecurityPolicy-2016-08" has no effect, since TLS does not end at the load balancer`},
		{"AWS's ALPN policy for workloads", nlb(nlbWeb + `, tls: {ports: [https], terminateAt: passthrough, alpnPolicy: HTTP1Only}`), at + `tls.alpnPolicy: "HTTP1Only" has no effect, since TLS does not end at the load balancer (tls.terminateAt passthrough)`},
		{"TLS again that never ended", nlb(nlbWeb + `, ` + nlbAtGateway + `, reencrypt: true}`), at + `tls.reencrypt: true has no effect, since TLS does not end at the load balancer`},
		{"a gateway without a certificate", nlb(nlbWeb + `, tls: {ports: [https], terminateAt: gateway}`), at + `tls.credentials: is empty, and the gateway then has no certificate to show (tls.terminateAt gateway); add {secret: …}`},
		{"TLS again to a gateway without a certificate", nlb(nlbWeb + `, ` + nlbTLSWith + `reencrypt: true}`), at + `tls.credentials: is empty, and the gateway then has no certificate to show the load balancer (tls.reencrypt)`},
		{"a certificate of the gateway that nobody sees", nlb(nlbWeb + `, ` + nlbTLSWith + `credentials: [{secret: a}]}`), at + `tls.credentials: has no effect, since TLS does not end at the gateway; leave it out`},
		{"a certificate of the gateway with passthrough", nlb(nlbWeb + `, tls: {ports: [https], terminateAt: passthrough, credentials: [{secret: a}]}`), at + `tls.credentials: has no effect, since TLS does not end at the gateway`},
		{"TLS again with a choice of certificates", nlb(nlbWeb + `, ` + nlbTLSOnward + `credentials: [{secret: a}, {secret: b}]}`), at + `tls.credentials: has 2 with hosts [], and the load balancer names no host when it opens TLS again; leave one, without hosts`},
		{"TLS again with a certificate for one host", nlb(nlbWeb + `, ` + nlbTLSOnward + `credentials: [{secret: a, hosts: [a.example.com]}]}`), at + `tls.credentials: has 1 with hosts ["a.example.com"], and the load balancer names no host`},
		{"TLS again with a certificate of the load balancer", nlb(nlbWeb + `, ` + nlbTLSOnward + `credentials: [{secret: a, mode: MUTUAL}]}`), at + `tls.credentials[0].mode: MUTUAL asks for a certificate, and the load balancer has none to show`},
		{"a redirect from nowhere", nlb(`ports: [{name: https, port: 443, targetPort: 8443}], ` + nlbTLSWith + `redirectHTTP: true}`), at + `tls.redirectHTTP: true has no effect, since every HTTP port is in tls.ports`},
		{"a redirect to a port that has no TLS", nlb(`ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 8443, targetPort: 8443}], ` + nlbTLSWith + `redirectHTTP: true}`), at + `tls.redirectHTTP: true sends clients to port 443, which is in none of tls.ports`},

		// Addresses and clients.
		{"Elastic IPs of an internal NLB", nlb(`subnets: [a], staticIPs: {eipAllocations: [eipalloc-01234567]}`), at + `staticIPs.eipAllocations: are for internet-facing NLBs, and loadBalancers.nlbInternal is internal; use staticIPs.privateIPv4Addresses`},
		{"private addresses of a public NLB", publicNLB(`subnets: [a], staticIPs: {privateIPv4Addresses: [10.0.0.5]}`), `- loadBalancers.nlbPublic.staticIPs.privateIPv4Addresses: are for internal NLBs, and loadBalancers.nlbPublic is internet-facing; use staticIPs.eipAllocations`},
		{"fewer Elastic IPs than subnets", publicNLB(`subnets: [a, b, c], staticIPs: {eipAllocations: [eipalloc-01234567]}`), `- loadBalancers.nlbPublic.staticIPs.eipAllocations: has 1, and loadBalancers.nlbPublic.subnets has 3; name as many subnets, in the same order`},
		{"Elastic IPs for subnets that are not named", publicNLB(`staticIPs: {eipAllocations: [eipalloc-01234567]}`), `staticIPs.eipAllocations: has 1, and loadBalancers.nlbPublic.subnets has 0`},
		{"more private addresses than subnets", nlb(`subnets: [a], staticIPs: {privateIPv4Addresses: [10.0.0.5, 10.0.1.5]}`), at + `staticIPs.privateIPv4Addresses: has 2, and loadBalancers.nlbInternal.subnets has 1`},
		{"fewer IPv6 addresses than subnets", nlb(`subnets: [a, b], ipAddressType: dualstack, annotations: {` + nlbAnnotation + `ipv6-addresses: "2001:db8::1"}`), at + `annotations["` + nlbAnnotation + `ipv6-addresses"]: has 1, and loadBalancers.nlbInternal.subnets has 2`},
		{"a tag of the controller", nlb(`tags: {elbv2.k8s.aws/cluster: b}`), at + `tags: "elbv2.k8s.aws/cluster" is kept by AWS or by the controller`},

		// Targets and health.
		{"a time-out longer than the interval", nlb(`healthCheck: {intervalSeconds: 5, timeoutSeconds: 6}`), at + `healthCheck.timeoutSeconds: 6 is allowed up to 5 with intervalSeconds 5`},
		{"Local with pods as targets", nlb(`externalTrafficPolicy: Local`), at + `externalTrafficPolicy: "Local" has no effect, since targets are pods (targetType ip); leave it out, or use instance targets`},
		{"PROXY protocol with kube-proxy's health check", nlb(`targetType: instance, externalTrafficPolicy: Local, ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: strict}]`), at + `ports[0].proxyProtocol: strict makes health checks fail with externalTrafficPolicy Local`},
		{"a check of the data port with kube-proxy's health check", nlb(`targetType: instance, externalTrafficPolicy: Local, healthCheck: {through: data}`), at + `healthCheck.through: data has no effect with externalTrafficPolicy Local, where kube-proxy answers for the node`},
		{"a check of data without HTTP", nlb(`ports: [{name: a, port: 80, targetPort: 8080, protocol: TCP}], healthCheck: {through: data}`), at + `healthCheck.through: data needs a port with protocol HTTP whose TLS, if any, ends at the load balancer; add one, or use status`},
		{"a check of data behind TLS of the gateway", nlb(`ports: [{name: https, port: 443, targetPort: 8443}], ` + nlbAtGateway + `}, healthCheck: {through: data}`), at + `healthCheck.through: data needs a port with protocol HTTP`},
		{"a check of data that only takes PROXY protocol", nlb(`ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: strict}], healthCheck: {through: data}`), at + `healthCheck.through: data asks port a for every target group, with a PROXY header from those like a and without from status-port's; set proxyProtocol of a to permissive, or use status`},
		{"a check of data that knows no PROXY protocol", nlb(`ports: [{name: a, port: 80, targetPort: 8080}, {name: b, port: 81, targetPort: 8081, proxyProtocol: strict}], healthCheck: {through: data}`), at + `healthCheck.through: data asks port a for every target group, with a PROXY header from those like b`},
		{"an idle time-out that no listener has", nlb(`ports: [{name: https, port: 443, targetPort: 8443}], ` + nlbTLS + `, idleTimeoutSeconds: 600`), at + `idleTimeoutSeconds: 600 has no effect, since no listener is TCP, and AWS keeps TLS at 350 seconds and UDP at 120; leave it out`},
		{"logs of TLS without TLS", nlb(`accessLogs: {bucket: logs}`), at + `accessLogs.bucket: would stay empty, since AWS logs TLS listeners only`},
		{"stickiness with TLS again", nlb(nlbWeb + `, ` + nlbTLSOnward + `credentials: [{secret: a}]}, stickiness: true`), at + `stickiness: true is refused by AWS for target groups that TLS is opened to again`},

		// Canary.
		{"one port of the canary for all", nlb(nlbWeb + `, canary: {service: b, port: 80, weight: 20}`), at + `canary.port: 80 would get the connections of all 2 ports; leave it 0`},
		{"a canary with kube-proxy's health check", nlb(`targetType: instance, externalTrafficPolicy: Local, ` + nlbCanary), at + `canary.service: "gateway-canary" would be checked at the node port that kube-proxy has for this gateway`},
		{"stickiness with a canary behind TLS", nlb(nlbWeb + `, ` + nlbTLS + `, stickiness: true, ` + nlbCanary), at + `stickiness: true is refused by AWS on TLS listeners, as port https, that share connections with a canary`},
		{"a listener's action beside a canary", nlb(nlbCanary + `, annotations: {service.beta.kubernetes.io/actions.TCP-80: '{"type":"forward","forwardConfig":{"baseServiceWeight":1,"targetGroups":[{"serviceName":"b","servicePort":80,"weight":1}]}}'}`), `does not go with loadBalancers.nlbInternal.canary.service; keep one of the two`},
		{"an action that stops the controller with a panic", nlb(`annotations: {service.beta.kubernetes.io/actions.TCP-80: '{"type":"forward"}'}`), `"service.beta.kubernetes.io/actions.TCP-80" needs forwardConfig.targetGroups`},
		{"a redirect by an NLB", nlb(`annotations: {service.beta.kubernetes.io/actions.TCP-80: '{"type":"redirect"}'}`), `has type "redirect"; allowed: forward`},

		// Load balancers made elsewhere.
		{"a target group of one's own that would stay empty", nlb(nlbBoundPort), at + `ports[0].targetGroupARN: is for a load balancer made elsewhere, and this one gets its own target groups; set loadBalancers.nlbInternal.managedBy to none, or leave it out`},
		{"one target group for two ports", nlb(nlbElsewhere + `ports: [{name: a, port: 80, targetPort: 8080, targetGroupARN: "` + nlbGroupARN + `"}, {name: b, port: 81, targetPort: 8081, targetGroupARN: "` + nlbGroupARN + `"}]`), at + `ports[1].targetGroupARN: is also that of ports[0]; a target group belongs to one port`},
		{"a certificate of a load balancer made elsewhere", nlb(nlbElsewhere + nlbWeb + `, ` + nlbTLS), at + `tls.certificateArns: ["` + certificate + `"] has no effect, since the load balancer is made elsewhere`},
		{"source ranges of a load balancer made elsewhere", nlb(nlbElsewhere + `sourceRanges: [10.0.0.0/8]`), at + `sourceRanges: ["10.0.0.0/8"] has no effect, since the load balancer is made elsewhere`},
		{"a health check of a load balancer made elsewhere", nlb(nlbElsewhere + `healthCheck: {intervalSeconds: 20}`), at + `healthCheck.intervalSeconds: 20 has no effect, since the load balancer is made elsewhere`},
		{"a canary of a load balancer made elsewhere", nlb(nlbElsewhere + nlbCanary), at + `canary.service: "gateway-canary" has no effect, since the load balancer is made elsewhere`},
		{"listener attributes of a load balancer made elsewhere", nlb(nlbElsewhere + nlbAttributesOf(0, `{tcp.idle_timeout.seconds: "600"}`)), at + `ports[0].attributes: has no effect, since the load balancer is made elsewhere`},
		{"security groups of a load balancer that nothing is bound to", nlb(nlbElsewhere + `securityGroups: [sg-01234567]`), at + `securityGroups: ["sg-01234567"] has no effect, since no port has a targetGroupARN; leave it out`},
		{"tags of a load balancer made elsewhere", nlb(nlbElsewhere + `tags: {Team: edge}`), at + `tags: {"Team":"edge"} has no effect`},

		// EKS Auto Mode.
		{"an idle time-out in Auto Mode", `{` + nlbAutoMode + nlb(`idleTimeoutSeconds: 600`) + `}`, at + `idleTimeoutSeconds: 600 has no effect, since EKS Auto Mode sets no listener attributes`},
		{"listener attributes in Auto Mode", `{` + nlbAutoMode + nlb(nlbAttributesOf(0, `{tcp.idle_timeout.seconds: "600"}`)) + `}`, at + `ports[0].attributes: has no effect, since EKS Auto Mode sets no listener attributes`},
		{"a canary in Auto Mode", `{` + nlbAutoMode + nlb(nlbCanary) + `}`, at + `canary.service: "gateway-canary" has no effect, since EKS Auto Mode sets no listener attributes and shares no listener between target groups`},
		{"PROXY protocol for one of two ports in Auto Mode", `{` + nlbAutoMode + nlb(`ports: [{name: a, port: 80, targetPort: 8080}, {name: b, port: 81, targetPort: 8081, proxyProtocol: strict}]`) + `}`, at + `ports: only some have proxyProtocol, and EKS Auto Mode switches it for all target groups together; set it on every port, or on none`},
		{"an NLB without security groups in Auto Mode", `{` + nlbAutoMode + nlb(`annotations: {`+nlbAnnotation+`disable-nlb-sg: "true"}`) + `}`, `EKS Auto Mode makes every NLB with security groups; remove it`},
	})
}

// nlbPorts is a number of ports in a row.
func nlbPorts(n int) string {
	ports := ""
	for i := range n {
		ports += fmt.Sprintf("{name: p%d, port: %d, targetPort: %d},", i, 8000+i, 8000+i)
	}
	return ports
}

// nlbTags is a number of tags.
func nlbTags(n int) string {
	tags := ""
	for i := range n {
		tags += fmt.Sprintf("t%d: a,", i)
	}
	return tags
}

// nlbAttributesOf is two ports, http and https, of which one has listener attributes.
func nlbAttributesOf(port int, attributes string) string {
	of := [2]string{"{}", "{}"}
	of[port] = attributes
	return "ports: [{name: http, port: 80, targetPort: 8080, attributes: " + of[0] + "}, {name: https, port: 443, targetPort: 8443, attributes: " + of[1] + "}]"
}
