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
		{"deletion protection keeps what is deleted", web(protected...), services, []plandiff.Action{plandiff.Keep}, "Ingress default/web is rejected (model)"},
		{"deletion protection keeps the NLB of a Service that is deleted", nlb(protectedNLB...), services, []plandiff.Action{plandiff.Keep}, "Service default/tcp is rejected (model)"},
		{"deletion protection keeps the NLB of a Service of another type", nlb(protectedNLB...), clusterType(nlb(protectedNLB...)), []plandiff.Action{plandiff.Keep}, "Service default/tcp is rejected (model)"},
		{"deletion protection does not keep what another group takes over", web(protected...), web(append(protected, "group.name", "edge")...), []plandiff.Action{plandiff.Replace}, "deletion protection does not stop this"},
		{"deletion protection does not keep what is replaced", web(protected...), web(append(protected, "scheme", "internet-facing")...), []plandiff.Action{plandiff.Replace}, "deletion protection does not stop this"},
		{"a protected Ingress that is deleted holds up its group", services + member("a", protected...) + member("b"), services + member("b", "healthcheck-path", "/b"), []plandiff.Action{plandiff.Keep}, "Ingress default/b is rejected (model)"},
		{"a Service of type ClusterIP gets no NLB any more", nlb(), clusterType(nlb()), []plandiff.Action{plandiff.Delete}, "passed over: its type is now ClusterIP"},
		{"a Service whose type becomes LoadBalancer gets no class and no NLB", clusterType(nlb()), nlb(), nil, ""},
		{"a Service whose type becomes LoadBalancer with a class gets an NLB", clusterType(nlb()), ofClass(nlb(), "service.k8s.aws/nlb"), []plandiff.Action{plandiff.Create}, ""},
		{"the class that the webhook gave may be written", nlb(), ofClass(nlb(), "service.k8s.aws/nlb"), nil, ""},
		{"the class of a Service cannot change", nlb(), ofClass(nlb(), "example.com/other"), []plandiff.Action{plandiff.Keep}, "Service default/tcp is rejected (admission)"},
		{"the class of a Service cannot be taken out", ofClass(nlb(), "service.k8s.aws/nlb"), nlb(), []plandiff.Action{plandiff.Keep}, "Service default/tcp is rejected (admission)"},
		{"a Service in an Ingress's place replaces", web(), ofClass(strings.Replace(nlb(), "name: tcp", "name: web", 1), "service.k8s.aws/nlb"), []plandiff.Action{plandiff.Replace}, "type: application → network (Ingress default/web → Service default/web)"},
		{"an NLB in front", web(), web("enable-frontend-nlb", "true"), []plandiff.Action{plandiff.Create}, ""},
		{"no NLB in front any more", web("enable-frontend-nlb", "true"), web(), []plandiff.Action{plandiff.Delete}, "no longer asked for beside the application load balancer of Ingress default/web"},
		{"an ALB and the NLB in front of it join a group", web("enable-frontend-nlb", "true"), web("enable-frontend-nlb", "true", "group.name", "edge"), []plandiff.Action{plandiff.Replace, plandiff.Replace}, "group: none (default/web) → edge"},
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

// protected are annotations of an Ingress, protectedNLB of a Service.
var (
	protected    = []string{"load-balancer-attributes", "deletion_protection.enabled=true"}
	protectedNLB = []string{"aws-load-balancer-attributes", "deletion_protection.enabled=true"}
)

// member is an Ingress of the group "edge".
func member(name string, annotations ...string) string {
	return ingress(name, "web", "name: http", append(annotations, "group.name", "edge")...)
}

func clusterType(service string) string {
	return strings.Replace(service, "type: LoadBalancer", "type: ClusterIP", 1)
}

func ofClass(service, class string) string {
	return strings.Replace(service, "type: LoadBalancer", "type: LoadBalancer, loadBalancerClass: "+class, 1)
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

func TestADeletedMemberThatIsProtectedIsNamed(t *testing.T) {
	_, after, _ := change(t, services+member("a", protected...)+member("b"), services+member("b", "healthcheck-path", "/b"))
	require.Len(t, after.Rejections, 2)
	assert.Equal(t, "Ingress default/a", after.Rejections[0].Object)
	assert.Contains(t, after.Rejections[0].Message, "(write deletion_protection.enabled=false into its annotation and apply that first;")
	assert.Equal(t, `its group "edge" is not built because of Ingress default/a`, after.Rejections[1].Message)
}

func TestAServiceThatBecomesALoadBalancerIsToldItsClass(t *testing.T) {
	_, after, _ := change(t, clusterType(nlb()), nlb())
	require.Len(t, after.Warnings, 1)
	assert.Contains(t, after.Warnings[0].Message, "set spec.loadBalancerClass: service.k8s.aws/nlb")
}

func TestTheNLBInFrontHasNoHashedName(t *testing.T) {
	for _, c := range []struct{ name, manifests, want string }{
		{"of an Ingress", web("enable-frontend-nlb", "true"), ""},
		{"of an Ingress with long names", strings.Replace(web("enable-frontend-nlb", "true"), "  name: web\n", "  name: the-web-of-the-shop\n  namespace: a-long-namespace\n", 1), ""},
		{"of a group", web("enable-frontend-nlb", "true", "group.name", "a-group-with-a-long-name"), ""},
		{"that was asked for", web("enable-frontend-nlb", "true", "load-balancer-name", "shop"), "shop-nlb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, c.manifests, planner.Options{})
			require.Len(t, p.LoadBalancers, 2)
			assert.Equal(t, elb.Network, p.LoadBalancers[1].Type)
			assert.Equal(t, c.want, p.LoadBalancers[1].Name)
		})
	}
}

func TestAddressesOfANetworkLoadBalancerThatExistsStay(t *testing.T) {
	elastic := func(last string) string {
		return nlb("aws-load-balancer-scheme", "internet-facing", "aws-load-balancer-eip-allocations", "eipalloc-0123456789abcdef0,eipalloc-0123456789abcdef1,"+last)
	}
	_, after, fresh := change(t, elastic("eipalloc-0123456789abcdef2"), elastic("eipalloc-0123456789abcdef3"))
	assert.Equal(t, elb.Address{Zone: "eu-west-1c", AllocationID: "eipalloc-0123456789abcdef2"}, after.LoadBalancers[0].Addresses[2])
	warnings := plandiff.Ignored(after, fresh)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0].Message, `address in eu-west-1c stays "eipalloc-0123456789abcdef2" instead of "eipalloc-0123456789abcdef3"`)
}

func TestThePortOfATargetGroupMeansNothing(t *testing.T) {
	now := strings.Replace(nlb("aws-load-balancer-nlb-target-type", "ip"), "targetPort: 8080", "targetPort: 9090", 1)
	_, after, fresh := change(t, nlb("aws-load-balancer-nlb-target-type", "ip"), now)
	warnings := plandiff.Ignored(after, fresh)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0].Message, "targets are registered anew with port 9090, and those with the old port are drained")
}
