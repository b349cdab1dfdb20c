// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/render"
)

// quiet is values about which there is nothing to warn: what a row of TestNotesWarn adds is what is said.
const quiet = `{loadBalancers: {albPublic: {enabled: true, hosts: [shop.example.com], tls: {certificateArns: [` + certificate + `]}}},
  routes: [{name: shop, loadBalancers: [albPublic], hosts: [shop.example.com], http: [{to: [{host: shop.shop.svc.cluster.local, port: 80}]}]}]}`

const warning = "Worth a look:"

func TestNotesAreSilentWhenThereIsNothingToSay(t *testing.T) {
	assert.NotContains(t, rendered(t, quiet).Notes, warning)
	for name, values := range map[string]string{
		"60 rules of a security group":  `{loadBalancers: {albPublic: {inboundCIDRs: [` + many(30, "10.0.%d.0/24") + `]}}}`,
		"60 rules of each family":       `{loadBalancers: {albPublic: {ipAddressType: dualstack, inboundCIDRs: [` + many(30, "10.0.%d.0/24") + `, ` + many(30, `"2001:db8:%d::/48"`) + `]}}}`,
		"a security group of one's own": `{loadBalancers: {albPublic: {securityGroups: [sg-0123456789abcdef0]}}}`,
		"an ALB made elsewhere, which has an idle time-out of its own": `{loadBalancers: {albPublic: {managedBy: none, tls: {certificateArns: []}}},
		  routes: [{name: shop, loadBalancers: [albPublic], hosts: [shop.example.com], http: [{timeoutSeconds: 90, to: [{host: shop.shop.svc.cluster.local, port: 80}]}]}]}`,
	} {
		assert.NotContains(t, rendered(t, `{base: {enabled: false}}`, quiet, values).Notes, warning, name)
	}
}

func TestNotesWarn(t *testing.T) {
	for name, row := range map[string]struct{ values, want string }{
		"of a chart without load balancers": {`{loadBalancers: {albPublic: {enabled: false}}, routes: []}`, "- loadBalancers: none is enabled"},
		"of gateways without routes":        {`{routes: []}`, "- routes: there are none"},
		"of plain HTTP on the internet":     {`{loadBalancers: {albPublic: {tls: {certificateArns: []}}}}`, "- loadBalancers.albPublic.tls: has no certificate"},
		"of a host that external-dns cannot see": {`{loadBalancers: {albPublic: {hosts: []}}}`,
			"- loadBalancers.albPublic.hosts: is empty, so every host is let in, and external-dns, if you have it, can make no record"},
		"of an internal load balancer that is open": {`{loadBalancers: {nlbInternal: {enabled: true, hosts: [a.example.com]}}}`,
			"- loadBalancers.nlbInternal.sourceRanges: is empty"},
		"of deletion protection": {`{loadBalancers: {albPublic: {deletionProtection: true}}}`,
			"- loadBalancers.albPublic.deletionProtection: is on, so helm uninstall leaves the load balancer and its Ingress behind"},
		"of a canary": {`{loadBalancers: {albPublic: {canary: {service: canary, weight: 10}}}}`,
			"- loadBalancers.albPublic.canary: Service canary gets 10 percent"},
		"of rules that AWS takes when asked": {`{loadBalancers: {albPublic: {inboundCIDRs: [` + many(31, "10.0.%d.0/24") + `]}}}`,
			"- loadBalancers.albPublic.inboundCIDRs: 31 networks on 2 listeners are 62 rules of one security group, and AWS's default quota is 60; join networks, have the quota raised, or use securityGroups of your own"},
		"of an NLB's rules that AWS takes when asked": {`{loadBalancers: {nlbPublic: {enabled: true, hosts: [a.example.com], sourceRanges: [` + many(40, "10.0.%d.0/24") + `]}}}`,
			"- loadBalancers.nlbPublic.sourceRanges: 40 networks on 2 listeners are 80 rules"},
		"of a maintenance page": {`{loadBalancers: {albPublic: {actions: [{name: a, fixedResponse: {statusCode: 503}}, {name: b, paths: [/x], fixedResponse: {statusCode: 404}}]}}}`,
			"- loadBalancers.albPublic.actions[1]: gets no request as long as loadBalancers.albPublic.actions[0] takes those for every path; take that out when it has served"},
		"of PERMISSIVE": {`{mtls: {mode: PERMISSIVE}}`, "- mtls.mode: is PERMISSIVE, so workloads take plaintext"},
		"of DISABLE":    {`{mtls: {mode: DISABLE}}`, "- mtls.mode: is DISABLE, so workloads speak plaintext"},
		"of a second release": {`{base: {enabled: false}, istiod: {enabled: false}}`,
			"- istiod.enabled: is false, so the gateways wait for the istiod of another release"},
		"of pods that end too soon": {`{albPublicGateway: {lifecycle: {preStop: {sleep: {seconds: 0}}}}, loadBalancers: {albPublic: {deregistrationDelaySeconds: 30}}}`,
			"- albPublicGateway.lifecycle.preStop.sleep.seconds: is 0, and albPublic may send new connections to a pod for 15 s after it began to end; set it to 15, except in a lab"},
		"of an NLB's pods that end too soon": {`{loadBalancers: {nlbPublic: {enabled: true, hosts: [b.example.com], deregistrationDelaySeconds: 30}}, nlbPublicGateway: {lifecycle: {preStop: {sleep: {seconds: 179}}}}}`,
			"- nlbPublicGateway.lifecycle.preStop.sleep.seconds: is 179, and nlbPublic may send new connections to a pod for 180 s"},
		"of autoscaling by nothing": {`{albPublicGateway: {resources: {requests: null, limits: {cpu: null}}}}`,
			"- albPublicGateway.resources: has no CPU request, of which autoscaling takes its percentage, so the number of pods stays as it is; set requests.cpu"},
		"of one pod without a word": {`{egressGateway: {enabled: true, autoscaling: {enabled: false}}}`,
			"- egressGateway.replicaCount: is unset and autoscaling is off, so there is one pod, and no gateway while it moves; set it to 2 or more"},
		"of gateways that this istiod does not inject": {`{istiod: {revision: 1-32}}`,
			"- albPublicGateway.revision: is not istiod.revision, \"1-32\", so its pods wait for the istiod of another release; set it to that if this one is meant"},
		"of a misspelt key of istiod": {`{istiod: {meshconfig: {accessLogFile: /dev/stdout}}}`,
			"- istiod.meshconfig: is not known to Istio's chart and does nothing; it has meshConfig"},
		"of a host on two load balancers": {`{loadBalancers: {albInternal: {enabled: true, hosts: [shop.example.com], inboundCIDRs: [10.0.0.0/8]}}}`,
			"- loadBalancers.albPublic.hosts: \"shop.example.com\" is also one of loadBalancers.albInternal.hosts, and external-dns, if you have it, finds both; set externalDNS.enabled of one to false, unless each zone has an external-dns of its own"},
		"of a route that is slower than its ALB": {`{routes: [{name: shop, loadBalancers: [albPublic], hosts: [shop.example.com], http: [{timeoutSeconds: 90, to: [{host: shop.shop.svc.cluster.local, port: 80}]}]}]}`,
			"- routes[0].http[0].timeoutSeconds: is 90, but albPublic answers 504 after 60 s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			notes := rendered(t, `{base: {enabled: false}}`, quiet, row.values).Notes // base reads all CRDs, and that takes time
			_, warnings, found := strings.Cut(notes, warning)
			require.True(t, found, notes)
			warnings, _, _ = strings.Cut(strings.TrimSpace(warnings), "\n\n")
			assert.Contains(t, warnings, row.want)
			assert.Len(t, strings.Split(warnings, "\n"), 1, "one thing to say:\n%s", warnings)
		})
	}
}

func TestNotesSayHowToReachEachLoadBalancer(t *testing.T) {
	for values, want := range map[string][]string{
		quiet: {
			"albPublic is an internet-facing ALB for shop.example.com on HTTP 80, HTTPS 443, open to everybody; it sends to istio-ingress-alb-public.",
			"kubectl -n istio-system get ingress alb-public -o jsonpath='{.status.loadBalancer.ingress[0].hostname}'",
		},
		`{loadBalancers: {nlbInternal: {enabled: true, sourceRanges: [10.0.0.0/8], ports: [{name: dns, port: 53, targetPort: 5353, protocol: UDP}, {name: db, port: 3306, targetPort: 3306, protocol: TCP}]}}}`: {
			"nlbInternal is an internal NLB for every host on UDP 53, TCP 3306, open to 10.0.0.0/8; it sends to istio-ingress-nlb-internal.",
			"kubectl -n istio-system get service istio-ingress-nlb-internal -o jsonpath=",
		},
		`{loadBalancers: {albPublic: {enabled: true, managedBy: none, targetType: instance}}}`: {
			"albPublic is made elsewhere", "get service istio-ingress-alb-public -o jsonpath='{range .spec.ports[*]}{.name}={.nodePort}",
		},
		`{loadBalancers: {albPublic: {enabled: true, managedBy: none, backend: {targetGroupARN: "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/0123456789abcdef"}}}}`: {"get targetgroupbindings"},
		`{loadBalancers: {nlbPublic: {enabled: true, managedBy: none}}}`: {"get service istio-ingress-nlb-public\n"},
	} {
		notes := rendered(t, `{base: {enabled: false}}`, values).Notes
		for _, line := range want {
			assert.Contains(t, notes, line)
		}
	}
}

func TestNotesSayWhatToDoOnceAndWhen(t *testing.T) {
	const gates = "pod-readiness-gate-inject=enabled"
	install := rendered(t, quiet).Notes
	assert.Contains(t, install, "kubectl label namespace istio-system elbv2.k8s.aws/"+gates+"\n  kubectl -n istio-system rollout restart deployment/istio-ingress-alb-public\n")
	assert.Contains(t, install, "Before you remove the AWS Load Balancer Controller, uninstall this release")
	assert.Contains(t, rendered(t, quiet, `controller: eks-auto-mode`).Notes, "eks.amazonaws.com/"+gates)
	assert.NotContains(t, rendered(t, quiet, `loadBalancers: {albPublic: {targetType: instance}}`).Notes, gates, "node ports need none")

	upgrade, err := chart(t).Render(render.Options{Values: []string{quiet}, IsUpgrade: true})
	require.NoError(t, err)
	assert.NotContains(t, upgrade.Notes, gates, "once")
	assert.Contains(t, upgrade.Notes, "Helm neither upgrades nor deletes CRDs")

	second, err := chart(t).Render(render.Options{Release: "istio-aws-1-32", ValuesFiles: []string{"../../examples/canary/second-release.yaml"}})
	require.NoError(t, err)
	assert.Contains(t, second.Notes, "albPublic is made by release istio-aws; istio-ingress-alb-public-canary gets what its loadBalancers.albPublic.canary says.")
	for _, absent := range []string{warning, gates, "CRDs", "Before you remove"} {
		assert.NotContains(t, second.Notes, absent)
	}
}
