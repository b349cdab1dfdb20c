// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/render"
)

const certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"

// alb, nlb and route are values of one enabled load balancer or route with some keys set.
func alb(keys string) string { return "loadBalancers: {albPublic: {enabled: true, " + keys + "}}" }
func nlb(keys string) string { return "loadBalancers: {nlbInternal: {enabled: true, " + keys + "}}" }
func route(keys string) string {
	return "{loadBalancers: {albInternal: {enabled: true, hosts: ['*.example.com']}}, routes: [{" + keys + "}]}"
}

func TestRefusals(t *testing.T) {
	const okRoute = "name: a, loadBalancers: [albInternal], hosts: [a.example.com], http: [{to: [{host: a.ns, port: 80}]}]"
	rows := []struct {
		name, values, want string
	}{
		// The schema: one value is wrong in itself.
		{"an unknown load balancer", `loadBalancers: {alb: {enabled: true}}`, `at '/loadBalancers': additional properties 'alb' not allowed`},
		{"a misspelt key of a load balancer", alb(`target: ip`), `at '/loadBalancers/albPublic': additional properties 'target' not allowed`},
		{"a misspelt key of a gateway", `{` + alb(`hosts: []`) + `, albPublicGateway: {replicas: 1}}`, `additional properties 'replicas' not allowed`},
		{"a target type that LBC does not know", alb(`targetType: pod`), `at '/loadBalancers/albPublic/targetType': value must be one of 'ip', 'instance'`},
		{"a load balancer name of 33 characters", alb(`name: a23456789-123456789-123456789-123`), `at '/loadBalancers/albPublic/name': maxLength: got 33, want 32`},
		{"a load balancer name with an underscore", alb(`name: my_alb`), `at '/loadBalancers/albPublic/name': 'my_alb' does not match pattern`},
		{"a load balancer name that AWS keeps for itself", alb(`name: internal-a`), `at '/loadBalancers/albPublic/name': 'not' failed`},
		{"a host with a scheme", alb(`hosts: ["https://a.example.com"]`), `at '/loadBalancers/albPublic/hosts/0'`},
		{"a bare star as host", alb(`hosts: ["*"]`), `at '/loadBalancers/albPublic/hosts/0'`},
		{"a host twice", alb(`hosts: [a.example.com, a.example.com]`), `at '/loadBalancers/albPublic/hosts': items at 0 and 1 are equal`},
		{"a certificate name instead of an ARN", alb(`tls: {certificateArns: [wildcard]}`), `at '/loadBalancers/albPublic/tls/certificateArns/0': 'wildcard' does not match pattern`},
		{"an ARN that begins twice", alb(`tls: {certificateArns: ["arn:` + certificate + `"]}`), `at '/loadBalancers/albPublic/tls/certificateArns/0'`},
		{"a TLS policy that is none", alb(`tls: {policy: TLS13}`), `at '/loadBalancers/albPublic/tls/policy': 'TLS13' does not match pattern`},
		{"a check interval of one second", alb(`healthCheck: {intervalSeconds: 1}`), `at '/loadBalancers/albPublic/healthCheck/intervalSeconds': minimum: got 1, want 5`},
		{"an interval with a unit", alb(`healthCheck: {intervalSeconds: 10s}`), `at '/loadBalancers/albPublic/healthCheck/intervalSeconds': got string, want integer`},
		{"a threshold that AWS does not take", nlb(`healthCheck: {healthyThreshold: 11}`), `at '/loadBalancers/nlbInternal/healthCheck/healthyThreshold': maximum: got 11, want 10`},
		{"an idle time-out beyond AWS's", alb(`idleTimeoutSeconds: 5000`), `at '/loadBalancers/albPublic/idleTimeoutSeconds': maximum: got 5,000, want 4,000`},
		{"a CIDR without a mask", alb(`inboundCIDRs: [10.0.0.1]`), `at '/loadBalancers/albPublic/inboundCIDRs/0': '10.0.0.1' does not match pattern`},
		{"a node port outside of Kubernetes' range", alb(`statusNodePort: 15021`), `at '/loadBalancers/albPublic/statusNodePort'`},
		{"a group name in upper case", alb(`group: {name: Shared}`), `at '/loadBalancers/albPublic/group/name': 'Shared' does not match pattern`},
		{"a group order beyond LBC's", alb(`group: {name: shared, order: 5000}`), `at '/loadBalancers/albPublic/group/order': maximum: got 5,000, want 1,000`},
		{"a tag with an equals sign", alb(`tags: {"a=b": c}`), `at '/loadBalancers/albPublic/tags': additional properties 'a=b' not allowed`},
		{"an attribute with a blank", alb(`attributes: {"a b": c}`), `at '/loadBalancers/albPublic/attributes': additional properties 'a b' not allowed`},
		{"a tag that is a number", alb(`tags: {CostCentre: 12}`), `at '/loadBalancers/albPublic/tags/CostCentre': got number, want string`},
		{"an annotation that is a number", alb(`annotations: {"alb.ingress.kubernetes.io/x": 1}`), `at '/loadBalancers/albPublic/annotations/alb.ingress.kubernetes.io~1x': got number, want string`},
		{"an NLB without ports", nlb(`ports: []`), `at '/loadBalancers/nlbInternal/ports': minItems: got 0, want 1`},
		{"a listener without target port", nlb(`ports: [{name: a, port: 80}]`), `at '/loadBalancers/nlbInternal/ports/0': missing property 'targetPort'`},
		{"an mTLS mode that Istio does not know", `mtls: {mode: strict}`, `at '/mtls/mode': value must be one of 'STRICT', 'PERMISSIVE', 'DISABLE'`},
		{"a route to an unknown load balancer", route(`name: a, loadBalancers: [alb], hosts: [a.example.com], http: [{to: [{host: a.ns, port: 80}]}]`), `at '/routes/0/loadBalancers/0': value must be one of`},
		{"a route without hosts", route(`name: a, loadBalancers: [albInternal], hosts: [], http: [{to: [{host: a.ns, port: 80}]}]`), `at '/routes/0/hosts': minItems: got 0, want 1`},
		{"a prefix without leading slash", route(`name: a, loadBalancers: [albInternal], hosts: [a.example.com], http: [{match: {prefix: v1}, to: [{host: a.ns, port: 80}]}]`), `at '/routes/0/http/0/match/prefix': 'v1' does not match pattern`},
		{"a value under a wrong top-level key", `loadbalancers: {}`, `at '': additional properties 'loadbalancers' not allowed`},

		// The rules: two values contradict each other.
		{"a status node port with ip targets", alb(`statusNodePort: 30621`), `- loadBalancers.albPublic.statusNodePort: 30621 is a node port, but targetType is "ip"; set loadBalancers.albPublic.targetType to instance, or leave the node port out`},
		{"a backend node port with ip targets", alb(`backend: {nodePort: 30080}`), `- loadBalancers.albPublic.backend.nodePort: 30080 is a node port, but targetType is "ip"`},
		{"a listener's node port with ip targets", nlb(`ports: [{name: a, port: 80, targetPort: 80, nodePort: 30080}]`), `- loadBalancers.nlbInternal.ports[0].nodePort: 30080 is a node port, but targetType is "ip"`},
		{"one node port for two things", alb(`targetType: instance, statusNodePort: 30621, backend: {nodePort: 30621}`), `- loadBalancers.albPublic.statusNodePort: 30621 is also loadBalancers.albPublic.backend.nodePort; use two node ports`},
		{"a time-out as long as the ALB's interval", alb(`healthCheck: {intervalSeconds: 5, timeoutSeconds: 5}`), `- loadBalancers.albPublic.healthCheck.timeoutSeconds: 5 is allowed up to 4 with intervalSeconds 5; lower it or raise the interval`},
		{"a time-out longer than the NLB's interval", nlb(`healthCheck: {intervalSeconds: 5, timeoutSeconds: 6}`), `- loadBalancers.nlbInternal.healthCheck.timeoutSeconds: 6 is allowed up to 5 with intervalSeconds 5`},
		{"an Ingress annotation that a value sets", alb(`annotations: {alb.ingress.kubernetes.io/ssl-policy: x}`), `- loadBalancers.albPublic.annotations: "alb.ingress.kubernetes.io/ssl-policy" is what loadBalancers.albPublic.tls.policy sets; use that value`},
		{"an Ingress annotation that is fixed", alb(`annotations: {alb.ingress.kubernetes.io/healthcheck-path: /}`), `- loadBalancers.albPublic.annotations: "alb.ingress.kubernetes.io/healthcheck-path" is fixed by this chart; remove it`},
		{"the old class annotation", alb(`annotations: {kubernetes.io/ingress.class: nginx}`), `"kubernetes.io/ingress.class" is fixed by this chart; remove it`},
		{"a Service annotation that a value sets", nlb(`annotations: {service.beta.kubernetes.io/aws-load-balancer-ssl-ports: "443"}`), `- loadBalancers.nlbInternal.annotations: "service.beta.kubernetes.io/aws-load-balancer-ssl-ports" is what loadBalancers.nlbInternal.tls.ports sets; use that value`},
		{"source ranges as annotation", nlb(`annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: 10.0.0.0/8}`), `is what loadBalancers.nlbInternal.sourceRanges sets; use that value`},
		{"a load balancer attribute that a value sets", alb(`attributes: {idle_timeout.timeout_seconds: "5"}`), `- loadBalancers.albPublic.attributes: "idle_timeout.timeout_seconds" is what loadBalancers.albPublic.idleTimeoutSeconds sets; use that value`},
		{"a cross-zone attribute beside the value", nlb(`attributes: {load_balancing.cross_zone.enabled: "true"}`), `- loadBalancers.nlbInternal.attributes: "load_balancing.cross_zone.enabled" is what loadBalancers.nlbInternal.crossZone sets`},
		{"a target group attribute that a value sets", nlb(`targetGroupAttributes: {deregistration_delay.timeout_seconds: "5"}`), `- loadBalancers.nlbInternal.targetGroupAttributes: "deregistration_delay.timeout_seconds" is what loadBalancers.nlbInternal.deregistrationDelaySeconds sets`},
		{"client networks that LBC would not look at", alb(`inboundCIDRs: [10.0.0.0/8], securityGroups: [sg-0123]`), `- loadBalancers.albPublic.inboundCIDRs: has no effect beside loadBalancers.albPublic.securityGroups`},
		{"source ranges that LBC would not look at", nlb(`sourceRanges: [10.0.0.0/8], securityGroups: [sg-0123]`), `- loadBalancers.nlbInternal.sourceRanges: has no effect beside loadBalancers.nlbInternal.securityGroups`},
		{"a tag that AWS keeps for itself", alb(`tags: {"aws:a": b}`), `- loadBalancers.albPublic.tags: "aws:a" is kept by AWS or by the controller; use another prefix`},
		{"a tag of the controller", nlb(`tags: {elbv2.k8s.aws/cluster: b}`), `- loadBalancers.nlbInternal.tags: "elbv2.k8s.aws/cluster" is kept by AWS or by the controller`},
		{"a group order without a group", alb(`group: {order: 5}`), `- loadBalancers.albPublic.group.order: 5 has no effect without loadBalancers.albPublic.group.name`},
		{"an ALB in one subnet", alb(`subnets: [subnet-1]`), `- loadBalancers.albPublic.subnets: has 1 subnet, an ALB needs two or more in different availability zones`},
		{"two listeners of one name", nlb(`ports: [{name: a, port: 80, targetPort: 80}, {name: a, port: 81, targetPort: 81}]`), `- loadBalancers.nlbInternal.ports[1].name: "a" is the name of another listener; names are used once`},
		{"two listeners on one port", nlb(`ports: [{name: a, port: 80, targetPort: 80}, {name: b, port: 80, targetPort: 81}]`), `- loadBalancers.nlbInternal.ports[1].port: 80 is the port of another listener; ports are used once`},
		{"a second status-port", nlb(`ports: [{name: status-port, port: 81, targetPort: 81}]`), `- loadBalancers.nlbInternal.ports[0].name: "status-port" is the name of another listener, which is always there`},
		{"a listener on the health check's port", nlb(`ports: [{name: a, port: 15021, targetPort: 81}]`), `- loadBalancers.nlbInternal.ports[0].port: 15021 is the port of another listener, status-port, which is always there`},
		{"a certificate that would end TLS on every port", nlb(`tls: {certificateArns: [` + certificate + `]}`), `- loadBalancers.nlbInternal.tls.ports: is empty, and the controller would then end TLS on every port, the health check's too`},
		{"TLS without a certificate", nlb(`tls: {ports: [http2]}`), `- loadBalancers.nlbInternal.tls.ports: ["http2"] need a certificate; set loadBalancers.nlbInternal.tls.certificateArns`},
		{"TLS on a port that is not there", nlb(`tls: {certificateArns: [` + certificate + `], ports: [https]}`), `- loadBalancers.nlbInternal.tls.ports: "https" is not the name of one of loadBalancers.nlbInternal.ports; allowed: http2`},
		{"two gateways of one name", `{loadBalancers: {albPublic: {enabled: true}, nlbPublic: {enabled: true}}, albPublicGateway: {name: a, serviceAccount: {name: a}}, nlbPublicGateway: {name: a, serviceAccount: {name: a}}}`, `- nlbPublicGateway.name: "a" is also the name of albPublicGateway; give each gateway a name of its own`},
		{"two gateways of one label", `{loadBalancers: {albPublic: {enabled: true}, nlbPublic: {enabled: true}}, nlbPublicGateway: {labels: {istio: ingress-alb-public}}}`, `- nlbPublicGateway.labels.istio: "ingress-alb-public" is also the label of albPublicGateway`},
		{"an account that Helm would create too early", `{` + alb(`hosts: []`) + `, albPublicGateway: {serviceAccount: {create: true}}}`, `- albPublicGateway.serviceAccount.create: true would create the account before the injection webhook`},
		{"an account of another name", `{` + alb(`hosts: []`) + `, albPublicGateway: {name: edge}}`, `- albPublicGateway.serviceAccount.name: "istio-ingress-alb-public" must equal albPublicGateway.name, "edge"; set both`},
		{"an egress account of another name", `egressGateway: {enabled: true, serviceAccount: {name: other}}`, `- egressGateway.serviceAccount.name: "other" must equal egressGateway.name, "istio-egress"; set both`},
		{"a second Service for a gateway", `{` + alb(`hosts: []`) + `, albPublicGateway: {service: {type: LoadBalancer}}}`, `- albPublicGateway.service.type: "LoadBalancer" would make a second Service of the same name; leave it None and set loadBalancers.albPublic`},
		{"an ALB whose X-Forwarded-For is not believed", `{` + alb(`hosts: []`) + `, albPublicGateway: {podAnnotations: {proxy.istio.io/config: "terminationDrainDuration: 5s"}}}`, `- albPublicGateway.podAnnotations["proxy.istio.io/config"]: gatewayTopology.numTrustedProxies is 0 behind an ALB`},
		{"an NLB whose clients could forge X-Forwarded-For", `{` + nlb(`hosts: []`) + `, nlbInternalGateway: {podAnnotations: {proxy.istio.io/config: "gatewayTopology: {numTrustedProxies: 1}"}}}`, `- nlbInternalGateway.podAnnotations["proxy.istio.io/config"]: gatewayTopology.numTrustedProxies is 1 behind an NLB, so clients could forge X-Forwarded-For; leave it out`},
		{"a mesh-wide number of proxies with an NLB", `{` + nlb(`hosts: []`) + `, istiod: {meshConfig: {defaultConfig: {gatewayTopology: {numTrustedProxies: 1}}}}}`, `- istiod.meshConfig.defaultConfig.gatewayTopology.numTrustedProxies: 1 would also hold for nlbInternalGateway`},
		{"a route through a load balancer that is off", `routes: [{` + okRoute + `}]`, `- routes[0].loadBalancers: albInternal is not enabled; set loadBalancers.albInternal.enabled to true, or take it out`},
		{"a route host that the load balancer answers with 404", route(`name: a, loadBalancers: [albInternal], hosts: [a.example.org], http: [{to: [{host: a.ns, port: 80}]}]`), `- routes[0].hosts: "a.example.org" is not let in by loadBalancers.albInternal.hosts ["*.example.com"]; add it there, or take albInternal out`},
		{"the apex under a wildcard", route(`name: a, loadBalancers: [albInternal], hosts: [example.com], http: [{to: [{host: a.ns, port: 80}]}]`), `- routes[0].hosts: "example.com" is not let in by`},
		{"two routes of one name", route(okRoute + `}, {` + okRoute), `- routes[1].name: "a" is also the name of routes[0]; names are used once`},
		{"a destination without its share", route(`name: a, loadBalancers: [albInternal], hosts: [a.example.com], http: [{to: [{host: a.ns, port: 80, weight: 1}, {host: b.ns, port: 80}]}]`), `- routes[0].http[0].to: has 2 destinations and 1 with a weight; give each a weight`},
		{"two ways to connect to one host", route(okRoute + `, destination: {tls: DISABLE}}, {name: b, ` + okRoute[len("name: a, "):]), `- routes[1].destination.tls: unset for a.ns, but another route has DISABLE; use one for all routes to that host`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := chart(t).Render(render.Options{Values: []string{"base: {enabled: false}", row.values}}) // base reads all CRDs, and that takes time
			require.ErrorContains(t, err, row.want)
		})
	}
	t.Logf("%d refusals", len(rows))
}

func TestNamespaceOfIstioIsTheReleases(t *testing.T) {
	_, err := chart(t).Render(render.Options{Namespace: "mesh"})
	assert.ErrorContains(t, err, `- istiod.global.istioNamespace: "istio-system", but the release's namespace is "mesh"; install with -n istio-system, or`)
	_, err = chart(t).Render(render.Options{Namespace: "mesh", Values: []string{"global: {istioNamespace: mesh}"}})
	assert.NoError(t, err)
}

func TestProblemsAreReportedTogether(t *testing.T) {
	_, err := chart(t).Render(render.Options{Values: []string{alb(`subnets: [subnet-1], group: {order: 1}, statusNodePort: 30621`)}})
	assert.ErrorContains(t, err, "these values do not go together:\n- loadBalancers.albPublic.statusNodePort")
	assert.ErrorContains(t, err, "\n- loadBalancers.albPublic.group.order")
	assert.ErrorContains(t, err, "\n- loadBalancers.albPublic.subnets")
}
