// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import "testing"

const tracker = `name: tracker, namespace: default, selector: {app: tracker}`

// workloads are values with these items of mtls.workloads.
func workloads(items string) string { return `mtls: {workloads: [` + items + `]}` }

func TestMutualTLSRefusals(t *testing.T) {
	const (
		second = `base: {enabled: false}, istiod: {enabled: false}`
		host   = `tracker.default.svc.cluster.local`
	)
	refuse(t, []refusal{
		// The schema: one value is wrong in itself.
		{"an mTLS mode that Istio does not know", `mtls: {mode: strict}`, `at '/mtls/mode': value must be one of 'STRICT', 'PERMISSIVE', 'DISABLE'`},
		{"a namespace with a mode that Istio does not know", `mtls: {namespaces: {legacy: OFF}}`, `at '/mtls/namespaces/legacy': value must be one of`},
		{"a namespace that is none", `mtls: {namespaces: {a.b: STRICT}}`, `at '/mtls/namespaces': additional properties 'a.b' not allowed`},
		{"a workload without selector", workloads(`{name: tracker, namespace: default, mode: STRICT}`), `at '/mtls/workloads/0': missing property 'selector'`},
		{"ports without selector", workloads(`{name: tracker, namespace: default, selector: {}, ports: {8081: DISABLE}}`), `at '/mtls/workloads/0/selector': minProperties: got 0, want 1`},
		{"a selector with a wildcard", workloads(`{name: tracker, namespace: default, selector: {"app*": a}, mode: STRICT}`), `at '/mtls/workloads/0/selector': additional properties 'app*' not allowed`},
		{"a workload without any mode", workloads(`{` + tracker + `}`), `at '/mtls/workloads/0': 'anyOf' failed`},
		{"a port that is none", workloads(`{` + tracker + `, ports: {70000: DISABLE}}`), `at '/mtls/workloads/0/ports': additional properties '70000' not allowed`},
		{"a port by its name", workloads(`{` + tracker + `, ports: {http: DISABLE}}`), `at '/mtls/workloads/0/ports': additional properties 'http' not allowed`},

		// Policies that Istio would not look at.
		{"the root namespace as a namespace", `mtls: {namespaces: {istio-system: PERMISSIVE}}`, `- mtls.namespaces.istio-system: is Istio's root namespace, whose policy is the whole mesh's; set mtls.mode`},
		{"another root namespace", `{mtls: {namespaces: {root: PERMISSIVE}}, istiod: {meshConfig: {rootNamespace: root}}}`, `- mtls.namespaces.root: is Istio's root namespace`},
		{"the mode of the mesh without istiod", `{` + second + `, mtls: {mode: PERMISSIVE}}`, `- mtls.mode: PERMISSIVE has no effect in a release without istiod; set it in the release that has istiod, or set mtls.namespaces here`},
		{"the root namespace without istiod", `{` + second + `, mtls: {namespaces: {istio-system: PERMISSIVE}}}`, `whose policy is the whole mesh's; set mtls.mode in the release that has istiod`},
		{"the mode of the mesh in a canary", `{canaryOf: main, mtls: {mode: PERMISSIVE}}`, `- mtls.mode: PERMISSIVE has no effect in a release that is a canary; set it in the release that canaryOf names`},
		{"a workload in the root namespace", workloads(`{name: kiali, namespace: istio-system, selector: {app: kiali}, mode: PERMISSIVE}`), `- mtls.workloads[0].namespace: "istio-system" is Istio's root namespace, where Istio does not look at policies for single workloads; move the workload to another namespace, or set mtls.mode`},
		{"a workload with the name of the namespace's policy", workloads(`{name: default, namespace: default, selector: {app: a}, mode: STRICT}`), `- mtls.workloads[0].name: "default" is the name of the namespace's own policy; use another name`},
		{"two workloads of one name", workloads(`{` + tracker + `, mode: STRICT}, {name: tracker, namespace: default, selector: {app: b}, mode: STRICT}`), `- mtls.workloads[1].name: "tracker" is also the name of mtls.workloads[0] in namespace default; names are used once`},
		{"two workloads of one selector", workloads(`{` + tracker + `, mode: STRICT}, {name: b, namespace: default, selector: {app: tracker}, mode: DISABLE}`), `- mtls.workloads[1].selector: is also that of mtls.workloads[0], and Istio looks at the older policy only; make one workload of the two`},

		// Callers that would not be answered.
		{"STRICT without automatic mutual TLS", `istiod: {meshConfig: {enableAutoMtls: false}}`, `- istiod.meshConfig.enableAutoMtls: false lets callers speak plaintext, which mtls.mode with STRICT refuses; leave it out, or use PERMISSIVE`},
		{"STRICT in one place without automatic mutual TLS", `{istiod: {meshConfig: {enableAutoMtls: false}}, mtls: {mode: PERMISSIVE, namespaces: {shop: STRICT}, workloads: [{` + tracker + `, ports: {8081: STRICT}}]}}`, `which mtls.namespaces.shop, mtls.workloads[0] with STRICT refuses`},
		{"STRICT where callers speak plaintext", `mtls: {namespaces: {default: DISABLE}, workloads: [{` + tracker + `, mode: STRICT}]}`, `- mtls.workloads[0].hosts: is empty, and callers speak plaintext to a namespace with mode DISABLE, which STRICT refuses; name its Services, so that callers are told`},
		{"a STRICT port where callers speak plaintext", `mtls: {mode: DISABLE, workloads: [{` + tracker + `, ports: {8081: STRICT}}]}`, `- mtls.workloads[0].hosts: is empty, and callers speak plaintext`},
		{"a Service of another namespace", workloads(`{` + tracker + `, mode: DISABLE, hosts: [tracker.shop.svc.cluster.local]}`), `- mtls.workloads[0].hosts: "tracker.shop.svc.cluster.local" is not a Service of namespace default; write <service>.default.svc.cluster.local`},
		{"a Service by its short name", workloads(`{` + tracker + `, mode: DISABLE, hosts: [tracker]}`), `- mtls.workloads[0].hosts: "tracker" is not a Service of namespace default`},
		{"a Service of two workloads", workloads(`{` + tracker + `, mode: DISABLE, hosts: [` + host + `]}, {name: b, namespace: default, selector: {app: b}, mode: STRICT, hosts: [` + host + `]}`), `- mtls.workloads[1].hosts: "` + host + `" is also in mtls.workloads[0]; a Service leads to one workload`},
		{"plaintext to a STRICT namespace", `{mtls: {namespaces: {default: STRICT}}, ` + destination(host, `tls: {mode: DISABLE}`) + `}`, `- destinations["` + host + `"].tls.mode: is DISABLE, but mtls.namespaces.default is STRICT and answers to mutual TLS only; leave tls out, or make that PERMISSIVE`},
		{"the application's own TLS to a STRICT workload", `{mtls: {mode: PERMISSIVE, workloads: [{` + tracker + `, mode: STRICT, hosts: [` + host + `]}]}, ` + destination(host, `tls: {mode: SIMPLE}`) + `}`, `- destinations["` + host + `"].tls.mode: is SIMPLE, but mtls.workloads[0] is STRICT`},
		{"plaintext to a workload that has the mesh's mode", `{mtls: {workloads: [{` + tracker + `, ports: {8081: STRICT}, hosts: [` + host + `]}]}, ` + destination(host, `tls: {mode: DISABLE}`) + `}`, `but mtls.workloads[0] is STRICT`},
		{"mutual TLS to a workload without", `{mtls: {workloads: [{` + tracker + `, mode: DISABLE, hosts: [` + host + `]}]}, ` + destination(host, `tls: {mode: ISTIO_MUTUAL}`) + `}`, `- destinations["` + host + `"].tls.mode: is ISTIO_MUTUAL, but mtls.workloads[0] is DISABLE and takes plaintext only; leave tls out, or make that PERMISSIVE`},
		{"mutual TLS in a mesh without", `{mtls: {mode: DISABLE}, ` + destination(host, `tls: {mode: ISTIO_MUTUAL}`) + `}`, `is ISTIO_MUTUAL, but mtls.mode is DISABLE`},
		{"an ALB that forwards to a STRICT workload",
			`{loadBalancers: {albPublic: {enabled: true, actions: [{name: a, paths: [/a], forward: {to: [{service: a, port: 80}]}}]}},
				istiod: {meshConfig: {rootNamespace: root}},
				mtls: {workloads: [{name: a, namespace: istio-system, selector: {app: a}, mode: STRICT, hosts: [a.istio-system.svc.cluster.local]}]}}`,
			`- loadBalancers.albPublic.actions[0].forward.to[0].service: "a" leads to mtls.workloads[0], which is STRICT, and an ALB speaks no mutual TLS; route to it through the gateway, or make that PERMISSIVE`},
	})
}
