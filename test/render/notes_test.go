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
		"of PERMISSIVE": {`{mtls: {mode: PERMISSIVE}}`, "- mtls.mode: is PERMISSIVE, so workloads take plaintext"},
		"of DISABLE":    {`{mtls: {mode: DISABLE}}`, "- mtls.mode: is DISABLE, so workloads speak plaintext"},
		"of a second release": {`{base: {enabled: false}, istiod: {enabled: false}}`,
			"- istiod.enabled: is false, so the gateways wait for the istiod of another release"},
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
