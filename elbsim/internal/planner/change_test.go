// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/plandiff"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// change plans the step from one set of manifests to another.
func change(t *testing.T, old, now string) (before, after, fresh elb.Plan) {
	t.Helper()
	read := func(text string) []manifest.Object {
		objects, err := manifest.ReadPaths([]string{"-"}, strings.NewReader(text))
		require.NoError(t, err)
		return objects
	}
	before, after, fresh, err := planner.Change(t.Context(), read(old), read(now), planner.Options{})
	require.NoError(t, err)
	return before, after, fresh
}

// TestWhatTheControllerReplaces has the controller itself decide, on an account that has the old load balancer.
func TestWhatTheControllerReplaces(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, now string
		want     []plandiff.Action
		reason   string
	}{
		{"nothing", web(), web(), nil, ""},
		{"an attribute changes in place", web(), web("load-balancer-attributes", "idle_timeout.timeout_seconds=30"), []plandiff.Action{plandiff.Update}, ""},
		{"the scheme replaces an ALB", web(), web("scheme", "internet-facing"), []plandiff.Action{plandiff.Replace}, "scheme: internal → internet-facing"},
		{"the scheme replaces an NLB", nlb(), nlb("aws-load-balancer-scheme", "internet-facing"), []plandiff.Action{plandiff.Replace}, "scheme: internal → internet-facing"},
		{"joining a group replaces", web(), web("group.name", "edge"), []plandiff.Action{plandiff.Replace}, "group: none (default/web) → edge"},
		{"leaving a group replaces", web("group.name", "edge"), web(), []plandiff.Action{plandiff.Replace}, "group: edge → none (default/web)"},
		{"joining a group with the same name replaces", web("load-balancer-name", "shop"), web("load-balancer-name", "shop", "group.name", "edge"), []plandiff.Action{plandiff.Replace}, "group"},
		{"another class deletes", web(), strings.Replace(web(), "ingressClassName: alb", "ingressClassName: nginx", 1) + nginx, []plandiff.Action{plandiff.Delete}, `its class "nginx" is another controller's`},
		{"taking the Ingress away deletes", web(), services, []plandiff.Action{plandiff.Delete}, "no longer asked for: Ingress default/web"},
		{"deletion protection does not help", web("load-balancer-attributes", "deletion_protection.enabled=true"), services, []plandiff.Action{plandiff.Delete}, "deletion protection does not stop this"},
		{"own security groups take the managed one away", web(), web("security-groups", "nodes"), []plandiff.Action{plandiff.Update}, ""},
		{"what admission refuses stays", web(), web("load-balancer-attributes", "idle_timeout.timeout_seconds=30", "conditions.web", "{"), []plandiff.Action{plandiff.Keep}, "Ingress default/web is rejected (admission)"},
		{"what AWS refuses stays", web(), web("healthcheck-interval-seconds", "1"), []plandiff.Action{plandiff.Keep}, "Ingress default/web is rejected (AWS)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after, _ := change(t, c.old, c.now)
			d := plandiff.Compare(before, after)
			var actions []plandiff.Action
			reasons := ""
			for _, change := range d.Changes {
				actions = append(actions, change.Action)
				reasons += strings.Join(change.Reasons, "\n")
			}
			assert.Equal(t, c.want, actions, "%+v", d)
			assert.Contains(t, reasons, c.reason)
		})
	}
}

const nginx = `
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
`

func TestANodePortThatKubernetesChoseIsKept(t *testing.T) {
	more := strings.Replace(services, "ports: [", "ports: [{name: extra, port: 9999}, ", 1)
	require.NotEqual(t, services, more)
	before, after, _ := change(t, web(), strings.Replace(web(), services, more, 1))
	assert.Empty(t, plandiff.Compare(before, after).Changes, "another port of the Service gives no other node port to the first")
}

func TestTheNameOfALoadBalancerThatExistsStays(t *testing.T) {
	_, after, fresh := change(t, web("load-balancer-name", "shop"), web("load-balancer-name", "store"))
	assert.Equal(t, "shop", after.LoadBalancers[0].Name)
	warnings := plandiff.Ignored(after, fresh)
	require.Len(t, warnings, 1)
	assert.Equal(t, "Ingress default/web", warnings[0].Object)
	assert.Contains(t, warnings[0].Message, `name stays "shop" instead of "store": the controller does not change it`)
}
