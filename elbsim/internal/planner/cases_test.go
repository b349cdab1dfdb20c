// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// measured is one of the cases that were measured with LBC v3.3.0, and what becomes of it here: what LBC made of it, unless want names
// the stage AWS, because LBC leaves that to AWS.
type measured struct {
	name      string
	manifests string
	want      string   // what is planned, as outcome writes it, or the stage of the rejection and how its message begins
	warnings  []string // parts of the warnings, in their order: what LBC accepts and ignores
}

// TestMeasuredCases is LBC's whole matrix: every mistake or choice of an Ingress or a Service, and what it leads to.
func TestMeasuredCases(t *testing.T) {
	cases := slices.Concat(ingressCases, actionCases, serviceCases)
	assert.Len(t, cases, 143)
	seen := map[string]bool{}
	account := fakeaws.Options{Certificates: []fakeaws.Certificate{{ARN: certificate, Domains: []string{"*.example.com"}}}}
	for _, c := range cases {
		assert.False(t, seen[c.name], c.name)
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, c.manifests, planner.Options{Account: account})
			got := outcome(p)
			if len(p.Rejections) > 0 {
				got = got[:min(len(got), len(c.want))] // a cure may follow
			}
			assert.Equal(t, c.want, got)
			require.Len(t, p.Warnings, len(c.warnings), "%v", p.Warnings)
			for i, w := range p.Warnings {
				assert.Contains(t, w.Message, c.warnings[i])
			}
		})
	}
}

// outcome writes a plan in one line: scheme and listeners, target groups with their health checks, rules; or the rejections.
func outcome(p elb.Plan) string {
	if len(p.Rejections) > 0 {
		var out []string
		for _, r := range p.Rejections {
			out = append(out, r.Stage+": "+r.Message)
		}
		return strings.Join(out, "; ")
	}
	if len(p.LoadBalancers) == 0 {
		return "nothing"
	}
	scheme := p.LoadBalancers[0].Scheme
	var listeners, groups, rules []string
	for _, lb := range p.LoadBalancers {
		for _, l := range lb.Listeners {
			text := fmt.Sprintf("%s:%d", l.Protocol, l.Port)
			if len(l.Certificates) > 0 {
				text += fmt.Sprintf("+%dcert", len(l.Certificates))
			}
			listeners = append(listeners, text)
			for _, r := range l.Rules {
				rules = append(rules, ruleOutcome(r))
			}
		}
		for _, g := range lb.TargetGroups {
			hc := g.HealthCheck
			groups = append(groups, strings.TrimSpace(fmt.Sprintf("%s:%d/%s %s:%s%s %d/%d %d/%d %s", g.TargetType, g.Port, g.Protocol,
				hc.Protocol, hc.Port, hc.Path, hc.IntervalSeconds, hc.TimeoutSeconds, hc.HealthyThreshold, hc.UnhealthyThreshold, hc.Matcher)))
		}
	}
	slices.SortFunc(listeners, cmp.Compare[string])
	slices.SortFunc(groups, cmp.Compare[string])
	return fmt.Sprintf("%s %s | %s | %s", scheme, strings.Join(listeners, " "), strings.Join(groups, ", "), strings.Join(rules, ", "))
}

func ruleOutcome(r elb.Rule) string {
	out := r.Actions[len(r.Actions)-1].Type
	for _, c := range r.Conditions {
		out += " " + strings.Join(c.Values, " ")
	}
	return out
}

// The outcomes that most cases have.
const (
	plain    = "internal HTTP:80 | instance:30000/HTTP HTTP:traffic-port/ 15/5 2/2 200 | forward app.example.com /*"
	plainIP  = "internal HTTP:80 | ip:1/HTTP HTTP:traffic-port/ 15/5 2/2 200 | forward app.example.com /*"
	plainTLS = "internal HTTPS:443+1cert | instance:30000/HTTP HTTP:traffic-port/ 15/5 2/2 200 | forward app.example.com /*"
	plainTCP = "internal TCP:80 | ip:8080/TCP TCP:traffic-port 10/10 3/3 | "
	nodeTCP  = "internal TCP:80 | instance:30000/TCP TCP:traffic-port 10/10 3/3 | "
)

// nodePorts is a Service default/web with a named target port and with a numbered one.
const nodePorts = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  ports:
  - {name: http, port: 80, targetPort: http, nodePort: 30000}
  - {name: health, port: 9000, targetPort: 9000, nodePort: 30001}
---
`

// site is the Ingress default/web to it, with annotations.
func site(annotations ...string) string {
	return nodePorts + ingress("web", "web", "name: http", annotations...)
}

// clusterIP is the same to a Service without node ports.
func clusterIP(annotations ...string) string {
	out := with(site(annotations...), "type: NodePort", "type: ClusterIP")
	return with(with(out, ", nodePort: 30000", ""), ", nodePort: 30001", "")
}

// action is an Ingress whose only path leads to the action of its annotation.
func action(json string) string {
	return nodePorts + ingress("web", "x", "name: use-annotation", "actions.x", json)
}

// tcp is a Service default/tcp of type LoadBalancer with targets by IP address, instance one with targets by node port.
func tcp(annotations ...string) string {
	return nlb(append([]string{"aws-load-balancer-nlb-target-type", "ip"}, annotations...)...)
}

func instance(annotations ...string) string {
	return with(nlb(annotations...), "targetPort: 8080", "targetPort: 8080, nodePort: 30000")
}

// dns is one with the same port for TCP and UDP.
func dns(annotations ...string) string {
	return with(tcp(annotations...), "{name: http, port: 80, targetPort: 8080}", "{name: tcp, port: 53}, {name: udp, port: 53, protocol: UDP}")
}

// with replaces what must be there once.
func with(manifests, old, replacement string) string {
	if strings.Count(manifests, old) != 1 {
		panic(fmt.Sprintf("%q is not there once: %s", old, manifests))
	}
	return strings.Replace(manifests, old, replacement, 1)
}
