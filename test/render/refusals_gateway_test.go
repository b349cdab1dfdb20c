// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/internal/render"
)

// albGateway, nlbGateway and egress are values of a gateway with some keys set, the first two behind a load balancer with its defaults.
func albGateway(keys string) string {
	return "{" + alb(`hosts: []`) + ", albPublicGateway: {" + keys + "}}"
}
func nlbGateway(keys string) string {
	return "{" + nlb(`hosts: []`) + ", nlbInternalGateway: {" + keys + "}}"
}
func egress(keys string) string { return "egressGateway: {enabled: true, " + keys + "}" }

// config is the annotation by which a gateway's pods get a ProxyConfig.
func config(proxyConfig string) string {
	return `podAnnotations: {proxy.istio.io/config: '` + proxyConfig + `'}`
}

// canaryRelease is a second release that gets a share of release main's requests.
func canaryRelease(keys string) string {
	return `{canaryOf: main, istiod: {enabled: false}, loadBalancers: {albPublic: {enabled: true, managedBy: none}}, albPublicGateway: {labels: {istio: ingress-alb-public}}, ` + keys + `}`
}

func TestGatewayRefusals(t *testing.T) {
	const proxies = `albPublicGateway.podAnnotations["proxy.istio.io/config"]: gatewayTopology.numTrustedProxies is `
	two := config(`{gatewayTopology: {numTrustedProxies: 2}, terminationDrainDuration: 30s}`)
	refuse(t, []refusal{
		// Names and accounts.
		{"two gateways of one name", `{loadBalancers: {albPublic: {enabled: true}, nlbPublic: {enabled: true}}, albPublicGateway: {name: a, serviceAccount: {name: a}}, nlbPublicGateway: {name: a, serviceAccount: {name: a}}}`, `- nlbPublicGateway.name: "a" is also the name of albPublicGateway; give each gateway a name of its own`},
		{"two gateways of one label", `{loadBalancers: {albPublic: {enabled: true}, nlbPublic: {enabled: true}}, nlbPublicGateway: {labels: {istio: ingress-alb-public}}}`, `- nlbPublicGateway.labels.istio: "ingress-alb-public" is also the label of albPublicGateway`},
		{"an account that Helm would create too early", `{` + alb(`hosts: []`) + `, albPublicGateway: {serviceAccount: {create: true}}}`, `- albPublicGateway.serviceAccount.create: true would create the account before the injection webhook`},
		{"an account of another name", `{` + alb(`hosts: []`) + `, albPublicGateway: {name: edge}}`, `- albPublicGateway.serviceAccount.name: "istio-ingress-alb-public" must equal albPublicGateway.name, "edge"; set both`},
		{"an egress account of another name", `egressGateway: {enabled: true, serviceAccount: {name: other}}`, `- egressGateway.serviceAccount.name: "other" must equal egressGateway.name, "istio-egress"; set both`},
		{"a second Service for a gateway", `{` + alb(`hosts: []`) + `, albPublicGateway: {service: {type: LoadBalancer}}}`, `- albPublicGateway.service.type: "LoadBalancer" would make a second Service of the same name; leave it None and set loadBalancers.albPublic`},
		{"an ALB whose X-Forwarded-For is not believed", `{` + alb(`hosts: []`) + `, albPublicGateway: {podAnnotations: {proxy.istio.io/config: "terminationDrainDuration: 5s"}}}`, `- albPublicGateway.podAnnotations["proxy.istio.io/config"]: gatewayTopology.numTrustedProxies is 0 behind an ALB`},
		{"an NLB whose clients could forge X-Forwarded-For", `{` + nlb(`hosts: []`) + `, nlbInternalGateway: {podAnnotations: {proxy.istio.io/config: "gatewayTopology: {numTrustedProxies: 1}"}}}`, `- nlbInternalGateway.podAnnotations["proxy.istio.io/config"]: gatewayTopology.numTrustedProxies is 1 behind an NLB, so clients could forge X-Forwarded-For; leave it out`},
		{"a mesh-wide number of proxies with an NLB", `{` + nlb(`hosts: []`) + `, istiod: {meshConfig: {defaultConfig: {gatewayTopology: {numTrustedProxies: 1}}}}}`, `- istiod.meshConfig.defaultConfig.gatewayTopology.numTrustedProxies: 1 would also hold for nlbInternalGateway`},
		{"a Service of a further Ingress with the name of a gateway",
			`{loadBalancers: {albInternal: {enabled: true}, albPublic: {enabled: true, group: {name: g}, ingresses: [{name: alb-internal, paths: [/x]}]}},
				albPublicGateway: {name: istio-ingress, serviceAccount: {name: istio-ingress}}}`,
			`- loadBalancers.albPublic.ingresses[0].name: makes "istio-ingress-alb-internal" the name of a Service, which is already that of albInternalGateway.name; use another name`},
		{"a gateway with the name of istiod", `{` + alb(`hosts: []`) + `, albPublicGateway: {name: istiod, serviceAccount: {name: istiod}}}`, `- albPublicGateway.name: makes "istiod" the name of a Service, which is already that of istiod; use another name`},
		{"an egress gateway with the name of an istiod with a revision", `{istiod: {revision: 1-32}, ` + egress(`revision: 1-32, name: istiod-1-32, serviceAccount: {name: istiod-1-32}`) + `}`, `- egressGateway.name: makes "istiod-1-32" the name of a Service, which is already that of istiod; use another name`},
		{"an Ingress whose name is too long for a label",
			`{` + alb(`group: {name: g}, ingresses: [{name: `+strings.Repeat("a", 53)+`, paths: [/x]}]`) + `, albPublicGateway: {name: gw, serviceAccount: {name: gw}}}`,
			`- loadBalancers.albPublic.ingresses[0].name: "` + strings.Repeat("a", 53) + `" makes "alb-public-` + strings.Repeat("a", 53) + `" a label of the Ingress, which Kubernetes takes up to 63 characters of; shorten it`},

		// What is said of a Service that is not made.
		{"source ranges of a Service that is not made", nlbGateway(`service: {loadBalancerSourceRanges: [10.0.0.0/8]}`), `- nlbInternalGateway.service.loadBalancerSourceRanges: has no effect, since this chart makes the Service; set loadBalancers.nlbInternal.sourceRanges`},
		{"source ranges of a Service behind an ALB", albGateway(`service: {loadBalancerSourceRanges: [10.0.0.0/8]}`), `- albPublicGateway.service.loadBalancerSourceRanges: has no effect, since this chart makes the Service; set loadBalancers.albPublic.inboundCIDRs`},
		{"ports of a Service that is not made", nlbGateway(`service: {ports: [{name: https, port: 443}]}`), `- nlbInternalGateway.service.ports: has no effect, since this chart makes the Service; set loadBalancers.nlbInternal.ports`},
		{"an address of a Service that is not made", nlbGateway(`service: {loadBalancerIP: 10.0.0.1}`), `- nlbInternalGateway.service.loadBalancerIP: has no effect, since this chart makes the Service; set loadBalancers.nlbInternal.staticIPs`},
		{"a traffic policy of a Service that is not made", nlbGateway(`service: {externalTrafficPolicy: Local}`), `- nlbInternalGateway.service.externalTrafficPolicy: has no effect, since this chart makes the Service; set loadBalancers.nlbInternal.externalTrafficPolicy`},
		{"node ports of a Service that is not made", albGateway(`service: {allocateLoadBalancerNodePorts: false}`), `- albPublicGateway.service.allocateLoadBalancerNodePorts: has no effect, since this chart makes the Service; leave it out`},
		{"an annotation of a Service that is not made", albGateway(`service: {annotations: {example.com/a: b}}`), `- albPublicGateway.service.annotations: "example.com/a" does nothing there, since this chart makes the Service; write it into loadBalancers.albPublic.annotations`},
		{"a load balancer for the way out", egress(`service: {type: LoadBalancer}`), `- egressGateway.service.type: LoadBalancer would make a load balancer, which the way out of the mesh has no use for; set it to ClusterIP`},
		{"a load balancer for the way out, by annotations of its Service", egress(`service: {annotations: {service.beta.kubernetes.io/aws-load-balancer-type: external}}`), `- egressGateway.service.annotations: "service.beta.kubernetes.io/aws-load-balancer-type" is for load balancers, and the egress gateway stays inside the cluster; remove it`},
		{"a load balancer for the way out, by annotations of all its objects", egress(`annotations: {service.beta.kubernetes.io/aws-load-balancer-type: external}`), `- egressGateway.annotations: "service.beta.kubernetes.io/aws-load-balancer-type" is for load balancers`},

		// Injection.
		{"a gateway without injection", albGateway(`labels: {sidecar.istio.io/inject: "false"}`), `- albPublicGateway.labels: "sidecar.istio.io/inject" is "false", and without injection a gateway has no proxy and its pods keep the image "auto"; remove it`},
		{"an egress gateway without injection", egress(`labels: {sidecar.istio.io/inject: "false"}`), `- egressGateway.labels: "sidecar.istio.io/inject" is "false"`},

		// Annotations of every object.
		{"a class of Ingresses for every object", `commonAnnotations: {kubernetes.io/ingress.class: nginx}`, `- commonAnnotations: "kubernetes.io/ingress.class" takes every Ingress away from the AWS Load Balancer Controller, and there would be no load balancer; remove it`},
		{"every object a hook", `commonAnnotations: {helm.sh/hook: post-install}`, `- commonAnnotations: "helm.sh/hook" makes every object a hook, which Helm neither keeps up to date nor deletes with the release; remove it`},

		// One target group, one canary.
		{"one target group under two load balancers",
			`loadBalancers: {albPublic: {enabled: true, managedBy: none, backend: {targetGroupARN: ` + oneTargetGroup + `}}, albInternal: {enabled: true, managedBy: none, backend: {targetGroupARN: ` + oneTargetGroup + `}}}`,
			`- loadBalancers.albPublic.backend.targetGroupARN: is also loadBalancers.albInternal.backend.targetGroupARN, and a target group has one gateway's pods; use two`},
		{"one target group under an ALB and an NLB",
			`loadBalancers: {albPublic: {enabled: true, managedBy: none, backend: {targetGroupARN: ` + oneTargetGroup + `}}, nlbPublic: {enabled: true, managedBy: none, ports: [{name: a, port: 80, targetPort: 8080, targetGroupARN: ` + oneTargetGroup + `}]}}`,
			`- loadBalancers.nlbPublic.ports[0].targetGroupARN: is also loadBalancers.albPublic.backend.targetGroupARN`},
		{"the gateway of another load balancer as canary",
			`loadBalancers: {albInternal: {enabled: true}, albPublic: {enabled: true, canary: {service: istio-ingress-alb-internal, weight: 5}}}`,
			`- loadBalancers.albPublic.canary.service: "istio-ingress-alb-internal" is a Service of this release (albInternalGateway.name), and what that serves would be reached here too; name the Service of a second release's gateway`},
		{"the egress gateway as canary",
			`{` + alb(`canary: {service: istio-egress, weight: 5}`) + `, egressGateway: {enabled: true}}`,
			`- loadBalancers.albPublic.canary.service: "istio-egress" is a Service of this release (egressGateway.name)`},
		{"a gateway name that no Service can have", `albPublicGateway: {name: edge.public, serviceAccount: {name: edge.public}}`, `at '/albPublicGateway/name': 'edge.public' does not match pattern`},

		// Trusted proxies.
		{"a configuration of pods that is no text", albGateway(`podAnnotations: {proxy.istio.io/config: {terminationDrainDuration: 5s}}`), `at '/albPublicGateway/podAnnotations/proxy.istio.io~1config': got object, want string`},
		{"a configuration of pods that is not YAML", albGateway(config(`{gatewayTopology: `)), `- albPublicGateway.podAnnotations["proxy.istio.io/config"]: is not YAML, and istiod would inject no pod`},
		{"two proxies believed, and everybody let in", albGateway(two), `- ` + proxies + `2, and everybody reaches the ALB, so clients that go past the proxies in front of it could forge X-Forwarded-For; set it to 1, or let in only those proxies, by loadBalancers.albPublic.inboundCIDRs, prefixLists or securityGroups`},
		{"two proxies believed, and every IPv4 client let in", `{` + alb(`inboundCIDRs: [10.0.0.0/8, 0.0.0.0/0]`) + `, albPublicGateway: {` + two + `}}`, proxies + `2, and everybody reaches the ALB`},
		{"two proxies believed, and every IPv6 client let in", `{` + alb(`inboundCIDRs: ["::/0"]`) + `, albPublicGateway: {` + two + `}}`, proxies + `2, and everybody reaches the ALB`},
		{"the client's own X-Forwarded-For believed", alb(`xForwardedFor: preserve`), `- loadBalancers.albPublic.xForwardedFor: preserve, and everybody reaches the ALB, so the gateway would believe what clients write; use append, or let in only those proxies`},
		{"no proxy believed behind an ALB, from the mesh", `{` + albGateway(config(`{terminationDrainDuration: 30s}`))[1:len(albGateway(config(`{terminationDrainDuration: 30s}`)))-1] + `, istiod: {meshConfig: {defaultConfig: {gatewayTopology: {numTrustedProxies: 0}}}}}`, proxies + `0 behind an ALB`},

		// PROXY protocol.
		{"PROXY protocol behind an ALB", albGateway(config(`{gatewayTopology: {numTrustedProxies: 1, proxyProtocol: {}}, terminationDrainDuration: 30s}`)), `- albPublicGateway.podAnnotations["proxy.istio.io/config"]: gatewayTopology.proxyProtocol: an ALB sends none, and albPublicGateway would close every connection; leave it out`},
		{"PROXY protocol on every port of an NLB's gateway", nlbGateway(config(`{gatewayTopology: {proxyProtocol: {}}, terminationDrainDuration: 30s}`)), `- nlbInternalGateway.podAnnotations["proxy.istio.io/config"]: gatewayTopology.proxyProtocol: is for every port of nlbInternalGateway, and strict; leave it out, and set loadBalancers.nlbInternal.ports[].proxyProtocol`},
		{"PROXY protocol for the mesh beside a permissive port", `{` + nlb(`ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: permissive}]`) + `, istiod: {meshConfig: {defaultConfig: {gatewayTopology: {proxyProtocol: {}}}}}}`, `- istiod.meshConfig.defaultConfig.gatewayTopology.proxyProtocol: is for every port of nlbInternalGateway, and strict`},
		{"a status port that does not know PROXY protocol",
			`{` + nlb(`ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: strict}]`) + `, nlbInternalGateway: {env: {ENVOY_STATUS_PORT_ENABLE_PROXY_PROTOCOL: "false"}}}`,
			`- nlbInternalGateway.env.ENVOY_STATUS_PORT_ENABLE_PROXY_PROTOCOL: is "false", and health checks of port a begin with a PROXY header, which the status port would answer with 400; set it to "true"`},
		{"a status port whose variable was taken away", `{` + nlb(`ports: [{name: a, port: 80, targetPort: 8080, proxyProtocol: permissive}]`) + `, nlbInternalGateway: {env: {ENVOY_STATUS_PORT_ENABLE_PROXY_PROTOCOL: null}}}`, `- nlbInternalGateway.env.ENVOY_STATUS_PORT_ENABLE_PROXY_PROTOCOL: is "", and health checks of port a`},

		// Certificates at the gateway.
		{"a host with two certificates", tlsAtGateway(`[{secret: a, hosts: [a.example.com]}, {secret: b, hosts: [a.example.com]}]`), `- loadBalancers.nlbInternal.tls.credentials[1].hosts: "a.example.com" is also that of credentials[0], and the gateway finds the certificate by the host; give each credential hosts of its own`},
		{"two certificates for every host", tlsAtGateway(`[{secret: a}, {secret: b}]`), `- loadBalancers.nlbInternal.tls.credentials[1].hosts: "*.example.com" is also that of credentials[0]`},
		{"a certificate for a host that is not let in", tlsAtGateway(`[{secret: a}, {secret: b, hosts: [a.example.org]}]`), `- loadBalancers.nlbInternal.tls.credentials[1].hosts: "a.example.org" is not let in by loadBalancers.nlbInternal.hosts ["*.example.com"]; add it there, or leave it out`},
		{"a host without a certificate", tlsAtGateway(`[{secret: a, hosts: [a.example.com]}]`), `- loadBalancers.nlbInternal.hosts: "*.example.com" has no certificate among loadBalancers.nlbInternal.tls.credentials, and clients would get no TLS; add it to the hosts of one`},

		// Network policies, external-dns.
		{"a network policy that lets nobody in", alb(`networkPolicy: {enabled: true}`), `- loadBalancers.albPublic.networkPolicy.fromCIDRs: is empty, and nobody would reach the gateway, health checks neither; name the networks of the load balancer's subnets`},
		{"networks of a policy that is off", nlb(`networkPolicy: {fromCIDRs: [10.0.0.0/8]}`), `- loadBalancers.nlbInternal.networkPolicy.fromCIDRs: has no effect while networkPolicy.enabled is false; set that to true, or leave it out`},
		{"rules of a policy that is off", nlb(`networkPolicy: {extraIngress: [{ports: [{port: 15020}]}]}`), `- loadBalancers.nlbInternal.networkPolicy.extraIngress: has no effect while networkPolicy.enabled is false`},
		{"Istio's network policy beside ours",
			`{` + alb(`networkPolicy: {enabled: true, fromCIDRs: [10.0.0.0/8]}`) + `, global: {networkPolicy: {enabled: true}}}`,
			`- albPublicGateway.global.networkPolicy.enabled: true makes Istio's own NetworkPolicy, which lets everybody in, and to the ports of a Service that this chart does not use; set it for istiod alone (istiod.global), and loadBalancers.albPublic.networkPolicy for the gateway`},
		{"Istio's network policy for one gateway", nlbGateway(`global: {networkPolicy: {enabled: true}}`), `- nlbInternalGateway.global.networkPolicy.enabled: true makes Istio's own NetworkPolicy`},
		{"an address that external-dns is not told", alb(`externalDNS: {enabled: false, target: d111111abcdef8.cloudfront.net}`), `- loadBalancers.albPublic.externalDNS.target: "d111111abcdef8.cloudfront.net" has no effect while externalDNS.enabled is false; set that to true, or leave the target out`},

		// A canary.
		{"a canary of itself", canaryRelease(`commonAnnotations: {a: b}, canaryOf: istio-aws`), `- canaryOf: "istio-aws" is this release itself; install the canary as a release of another name`},
		{"a canary with Istio's base", canaryRelease(`base: {enabled: true}`), `- base.enabled: true, but release main has Istio's base (canaryOf); set it to false`},
		{"a canary with an istiod of the same name", canaryRelease(`istiod: {enabled: true}`), `- istiod.revision: is empty, and a second istiod beside that of release main (canaryOf) needs one; set it, as 1-32, and the gateways' revision too, or istiod.enabled to false`},
		{"a canary with a load balancer", `{canaryOf: main, istiod: {enabled: false}, ` + alb(`hosts: []`) + `}`, `- loadBalancers.albPublic.managedBy: controller, but a canary gets its share from the load balancer of release main (canaryOf); set it to none`},
		{"a canary that the other release does not find", `{canaryOf: main, istiod: {enabled: false}, ` + alb(`managedBy: none`) + `}`, `- albPublicGateway.labels.istio: is unset, and the Gateway of release main (canaryOf) finds its canary by this label; set it to that of the gateway there, as ingress-alb-public`},
		{"routes of a canary", canaryRelease(`routes: [{name: a, loadBalancers: [albPublic], hosts: [a.example.com], http: [{to: [{host: a.ns.svc.cluster.local, port: 80}]}]}]`), `- routes: are those of release main (canaryOf), for its canary too; leave them out here`},
		{"destinations of a canary", canaryRelease(`destinations: {a.ns.svc.cluster.local: {loadBalancing: RANDOM}}`), `- destinations: are those of release main (canaryOf), for its canary too`},
		{"workloads of a canary", canaryRelease(`mtls: {workloads: [{name: a, namespace: ns, selector: {app: a}, mode: STRICT}]}`), `- mtls.workloads: are those of release main (canaryOf), for its canary too`},
		{"mTLS of a canary", canaryRelease(`mtls: {namespaces: {legacy: PERMISSIVE}}`), `- mtls.namespaces: are those of release main (canaryOf), for its canary too`},
	})
}

// tlsAtGateway is an NLB for *.example.com whose gateway ends TLS with credentials.
func tlsAtGateway(credentials string) string {
	return nlb(`hosts: ["*.example.com"], ports: [{name: https, port: 443, targetPort: 8443}], tls: {ports: [https], terminateAt: gateway, credentials: ` + credentials + `}`)
}

func TestRolloutRefusals(t *testing.T) {
	refuse(t, []refusal{
		// How a pod ends.
		{"no sleep while an ALB still sends", albGateway(`lifecycle: {preStop: {sleep: null}}`), `- albPublicGateway.lifecycle.preStop: is empty, and a pod would stop taking connections while loadBalancers.albPublic still sends them; set it to {sleep: {seconds: 15}}`},
		{"no sleep while an NLB still sends", nlbGateway(`lifecycle: {preStop: {sleep: null}}`), `- nlbInternalGateway.lifecycle.preStop: is empty, and a pod would stop taking connections while loadBalancers.nlbInternal still sends them; set it to {sleep: {seconds: 180}}`},
		{"two ways to sleep", albGateway(`lifecycle: {preStop: {exec: {command: [sleep, "15"]}}}`), `- albPublicGateway.lifecycle.preStop: has exec and sleep, and Kubernetes takes one of them; set the other to null`},
		{"no time for requests in flight", albGateway(config(`gatewayTopology: {numTrustedProxies: 1}`)), `- albPublicGateway.podAnnotations["proxy.istio.io/config"]: terminationDrainDuration is missing, and requests in flight would have Istio's 5 s; set it, as 30s, here or in istiod.meshConfig.defaultConfig`},
		{"a drain time without a unit", nlbGateway(config(`terminationDrainDuration: 30`)), `- nlbInternalGateway.podAnnotations["proxy.istio.io/config"]: terminationDrainDuration is "30", which is no duration, here or in istiod.meshConfig.defaultConfig; write it as 30s or 1m30s`},
		{"a drain time in days", nlbGateway(config(`terminationDrainDuration: 1d`)), `terminationDrainDuration is "1d", which is no duration`},
		{"a sleep of no time", `{` + alb(`deregistrationDelaySeconds: 31`) + `, albPublicGateway: {lifecycle: {preStop: {sleep: {seconds: 0}}}}}`, `- loadBalancers.albPublic.deregistrationDelaySeconds: 31 lets requests run on when the pod has ended: preStop and terminationDrainDuration of albPublicGateway are 0 + 30 s; allowed: up to 30`},
		{"a drain time in minutes that the grace period does not cover", nlbGateway(config(`terminationDrainDuration: 1m30s`)), `- nlbInternalGateway.terminationGracePeriodSeconds: 225 ends pods with requests in flight: preStop takes 180 s and terminationDrainDuration 90 s; allowed: 275 or more`},
		{"a grace period that is over too early", albGateway(`terminationGracePeriodSeconds: 49`), `- albPublicGateway.terminationGracePeriodSeconds: 49 ends pods with requests in flight: preStop takes 15 s and terminationDrainDuration 30 s; allowed: 50 or more`},
		{"Istio's own grace period behind an NLB", nlbGateway(`terminationGracePeriodSeconds: 30`), `- nlbInternalGateway.terminationGracePeriodSeconds: 30 ends pods with requests in flight: preStop takes 180 s and terminationDrainDuration 30 s; allowed: 215 or more`},
		{"a grace period too short for the mesh's drain time",
			`{` + alb(`hosts: []`) + `, istiod: {meshConfig: {defaultConfig: {terminationDrainDuration: 50s}}}, albPublicGateway: {` + config(`gatewayTopology: {numTrustedProxies: 1}`) + `}}`,
			`- albPublicGateway.terminationGracePeriodSeconds: 60 ends pods with requests in flight: preStop takes 15 s and terminationDrainDuration 50 s; allowed: 70 or more`},
		{"a grace period of the egress gateway", egress(`terminationGracePeriodSeconds: 10`), `- egressGateway.terminationGracePeriodSeconds: 10 ends pods with requests in flight: preStop takes 5 s and terminationDrainDuration 20 s; allowed: 30 or more`},
		{"a grace period shorter than a minimum drain time", albGateway(`env: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true", MINIMUM_DRAIN_DURATION: 45s}`), `- albPublicGateway.terminationGracePeriodSeconds: 60 ends pods with requests in flight: preStop takes 15 s and terminationDrainDuration 45 s; allowed: 65 or more`},
		{"a deregistration delay that outlives the pods", alb(`deregistrationDelaySeconds: 46`), `- loadBalancers.albPublic.deregistrationDelaySeconds: 46 lets requests run on when the pod has ended: preStop and terminationDrainDuration of albPublicGateway are 15 + 30 s; allowed: up to 45`},
		{"a deregistration delay that outlives an NLB's pods", nlb(`deregistrationDelaySeconds: 300`), `- loadBalancers.nlbInternal.deregistrationDelaySeconds: 300 lets requests run on when the pod has ended: preStop and terminationDrainDuration of nlbInternalGateway are 180 + 30 s; allowed: up to 210`},

		// Rollouts and disruptions.
		{"all pods away at once", albGateway(`strategy: {type: Recreate}`), `- albPublicGateway.strategy.type: Recreate takes every pod away before there is a new one; leave it out`},
		{"every pod unavailable in a rollout", albGateway(`strategy: {rollingUpdate: {maxUnavailable: 2}}`), `- albPublicGateway.strategy.rollingUpdate.maxUnavailable: 2 takes all of 2 pods (albPublicGateway.autoscaling.minReplicas) away at once; set it to 0`},
		{"the only pod unavailable in a rollout", nlbGateway(`autoscaling: {enabled: false}, replicaCount: 1, strategy: {rollingUpdate: {maxUnavailable: 100%}}`), `- nlbInternalGateway.strategy.rollingUpdate.maxUnavailable: 100% takes all of 1 pods (nlbInternalGateway.replicaCount) away at once`},
		{"a rollout that cannot move", albGateway(`strategy: {rollingUpdate: {maxSurge: 0}}`), `- albPublicGateway.strategy.rollingUpdate: maxSurge 0 and maxUnavailable 0 let no pod come and none go; set maxSurge to 25%`},
		{"a budget of all pods", albGateway(`podDisruptionBudget: {maxUnavailable: 0%}`), `- albPublicGateway.podDisruptionBudget.maxUnavailable: 0% lets no pod go, and no node could be drained; set it to 1 or more`},
		{"a budget of every pod", albGateway(`global: {podDisruptionBudget: null}, podDisruptionBudget: {minAvailable: 2}`), `- albPublicGateway.podDisruptionBudget.minAvailable: 2 of 2 pods (albPublicGateway.autoscaling.minReplicas) lets none go, and no node could be drained; lower it`},
		{"a budget that rounds up to every pod", albGateway(`global: {podDisruptionBudget: null}, podDisruptionBudget: {minAvailable: 51%}`), `- albPublicGateway.podDisruptionBudget.minAvailable: 51% of 2 pods`},
		{"a budget of no pod", egress(`podDisruptionBudget: {maxUnavailable: 0}`), `- egressGateway.podDisruptionBudget.maxUnavailable: 0 lets no pod go, and no node could be drained; set it to 1 or more`},
		{"two budgets", albGateway(`podDisruptionBudget: {minAvailable: 1}`), `- albPublicGateway.podDisruptionBudget: has minAvailable and maxUnavailable, and Kubernetes takes one of them; set albPublicGateway.global.podDisruptionBudget to null for minAvailable`},

		// Scaling.
		{"fewer pods at most than at least", albGateway(`autoscaling: {maxReplicas: 1}`), `- albPublicGateway.autoscaling.minReplicas: 2 is more than maxReplicas, 1; lower it, or raise albPublicGateway.autoscaling.maxReplicas`},
		{"no pod at least", egress(`autoscaling: {minReplicas: 0}`), `- egressGateway.autoscaling.minReplicas: 0 would leave no pod; allowed: 1 or more`},
		{"a number of pods beside autoscaling", albGateway(`replicaCount: 3`), `- albPublicGateway.replicaCount: 3 has no effect beside autoscaling; set albPublicGateway.autoscaling.minReplicas, or autoscaling.enabled to false`},
		{"a DaemonSet with a Deployment's strategy", albGateway(`kind: DaemonSet, autoscaling: {enabled: false}`), `- albPublicGateway.global.strategy: {"rollingUpdate":{"maxSurge":"25%","maxUnavailable":0}} is for Deployments, and Kubernetes refuses a DaemonSet that has it; set albPublicGateway.global.strategy to null and no strategy`},
		{"a DaemonSet with autoscaling", albGateway(`kind: DaemonSet, global: {strategy: null}`), `- albPublicGateway.autoscaling.enabled: true has no effect on a DaemonSet, which has one pod on each node; set it to false`},
		{"a DaemonSet with a number of pods", albGateway(`kind: DaemonSet, global: {strategy: null}, autoscaling: {enabled: false}, replicaCount: 2`), `- albPublicGateway.replicaCount: 2 is for Deployments, and Kubernetes refuses a DaemonSet that has it; leave it out`},

		// Spread.
		{"a spread that counts other pods after a rename",
			`{` + alb(`hosts: []`) + `, albPublicGateway: {name: edge, serviceAccount: {name: edge}, topologySpreadConstraints: [{labelSelector: {matchLabels: {istio: ingress-alb-public}}}]}}`,
			`- albPublicGateway.topologySpreadConstraints[0].labelSelector: {"istio":"ingress-alb-public"} is not among the labels of this gateway's pods, {"app":"edge","app.kubernetes.io/instance":"istio-aws","istio":"edge"}, which it would not spread; set it to these`},
		{"a spread that counts all gateways' pods", albGateway(`topologySpreadConstraints: [{labelSelector: {matchLabels: {app.kubernetes.io/part-of: istio}}}]`), `- albPublicGateway.topologySpreadConstraints[0].labelSelector: {"matchLabels":{"app.kubernetes.io/part-of":"istio"}} does not tell this gateway's pods from others; add matchLabelKeys: [app, istio]`},
		{"a spread without a selector", albGateway(`topologySpreadConstraints: [{topologyKey: topology.kubernetes.io/zone}]`), `- albPublicGateway.topologySpreadConstraints[0].labelSelector: {} does not tell this gateway's pods from others`},
	})
}

// What is refused for everybody is right for those who let nobody else in.
func TestTrustOfFurtherProxiesIsForLoadBalancersThatOnlyTheyReach(t *testing.T) {
	for name, values := range map[string]string{
		"inboundCIDRs":   `inboundCIDRs: [192.0.2.0/24]`,
		"prefixLists":    `prefixLists: [pl-0123456789abcdef0]`,
		"securityGroups": `securityGroups: [sg-0123]`,
		"made elsewhere": `managedBy: none`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trust := `albPublicGateway: {` + config(`{gatewayTopology: {numTrustedProxies: 2}, terminationDrainDuration: 30s}`) + `}`
			_, err := chart(t).Render(render.Options{Values: []string{"base: {enabled: false}", "{" + alb(values) + ", " + trust + "}"}})
			assert.NoError(t, err)
		})
	}
}

const oneTargetGroup = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/0123456789abcdef"

// base is on for these: refuse leaves it out, and in a release without it another release's istiod may inject.
func TestGatewaysThatNobodyInjectsAreRefused(t *testing.T) {
	for name, row := range map[string]struct{ values, want string }{
		"no revision": {`{` + alb(`hosts: []`) + `, istiod: {revision: 1-32}}`,
			`- albPublicGateway.revision: "" is not istiod.revision, "1-32", and no istiod of this release injects the gateway's pods, which keep the image "auto"; set it to that, or istiod.revisionTags to [default]`},
		"another revision": {`{` + egress(`revision: 1-31`) + `, istiod: {revision: 1-32, revisionTags: [default]}}`,
			`- egressGateway.revision: "1-31" is not istiod.revision, "1-32", and no istiod of this release injects the gateway's pods, which keep the image "auto"; set it to that`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chart(t).Render(render.Options{Values: []string{row.values}})
			assert.ErrorContains(t, err, row.want)
		})
	}
}

// What stands next to the rows above and is right.
func TestGatewaysThatAreNotRefused(t *testing.T) {
	for name, values := range map[string]string{
		"a Service without a word":                   nlbGateway(`service: {type: None, ports: [], loadBalancerIP: ""}`),
		"injection, said once more":                  albGateway(`labels: {sidecar.istio.io/inject: "true"}`),
		"an egress gateway inside the cluster":       egress(`service: {type: ClusterIP, annotations: {service.kubernetes.io/topology-mode: Auto}}`),
		"node ports of an egress gateway":            egress(`service: {type: NodePort}`),
		"annotations that every object may have":     `commonAnnotations: {helm.sh/resource-policy: keep, argocd.argoproj.io/sync-wave: "1"}`,
		"the gateways' revision":                     `{` + albGateway(`revision: 1-32`)[1:len(albGateway(`revision: 1-32`))-1] + `, istiod: {revision: 1-32}}`,
		"a tag as revision":                          `{` + egress(`revision: prod`) + `, istiod: {revision: 1-32, revisionTags: [prod]}}`,
		"an istiod that injects those without label": `{` + egress(`kind: Deployment`) + `, istiod: {revision: 1-32, revisionTags: [default]}}`,
		"the istiod of another release":              `{` + egress(`kind: Deployment`) + `, base: {enabled: false}, istiod: {revision: 1-32}}`,
		"an istiod that is not here":                 `{` + egress(`name: istiod, serviceAccount: {name: istiod}`) + `, base: {enabled: false}, istiod: {enabled: false}}`,
		"an Ingress whose name just fits": `{` + alb(`group: {name: g}, ingresses: [{name: `+strings.Repeat("a", 52)+`, paths: [/x]}]`) +
			`, albPublicGateway: {name: gw, serviceAccount: {name: gw}}}`,
		"two target groups": `loadBalancers: {albPublic: {enabled: true, managedBy: none, backend: {targetGroupARN: ` + oneTargetGroup + `}},
			albInternal: {enabled: true, managedBy: none, backend: {targetGroupARN: ` + strings.Replace(oneTargetGroup, "/a/", "/b/", 1) + `}}}`,
		"a target group of a load balancer that is off": `loadBalancers: {albPublic: {enabled: true, managedBy: none, backend: {targetGroupARN: ` + oneTargetGroup + `}},
			albInternal: {enabled: false, managedBy: none, backend: {targetGroupARN: ` + oneTargetGroup + `}}}`,
		"a canary of another release": `loadBalancers: {albInternal: {enabled: true}, albPublic: {enabled: true, canary: {service: istio-ingress-alb-public-canary, weight: 5}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := chart(t).Render(render.Options{Values: []string{values}})
			assert.NoError(t, err)
		})
	}
}
