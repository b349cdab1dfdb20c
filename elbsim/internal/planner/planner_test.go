// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

func TestNothingIsAnEmptyPlan(t *testing.T) {
	text, err := json.Marshal(plan(t, "", planner.Options{}))
	require.NoError(t, err)
	assert.JSONEq(t, `{"loadBalancers": [], "rejections": [], "warnings": []}`, string(text), "lists are never null")
}

func TestOtherKindsArePassedOver(t *testing.T) {
	p := plan(t, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: a}
---
apiVersion: unknown.example.com/v1
kind: Service
spec: 7
---
apiVersion: v1
kind: ServiceAccountList
items: [{metadata: {name: a}}]
---
`+web(), planner.Options{})
	assert.Empty(t, p.Rejections)
	assert.Empty(t, p.Warnings)
	assert.Len(t, p.LoadBalancers, 1)
}

func TestANodePortThatKubernetesChoosesIsZero(t *testing.T) {
	lb := only(t, web("healthcheck-port", "health"))
	require.Len(t, lb.TargetGroups, 1)
	assert.Equal(t, int32(0), lb.TargetGroups[0].Port)
	assert.Equal(t, "30901", lb.TargetGroups[0].HealthCheck.Port, "one that is fixed is not")

	local := strings.Replace(nlb(), "{type: LoadBalancer,", "{type: LoadBalancer, externalTrafficPolicy: Local,", 1)
	lb = only(t, local)
	assert.Equal(t, int32(0), lb.TargetGroups[0].Port)
	assert.Equal(t, "0", lb.TargetGroups[0].HealthCheck.Port)
	assert.Equal(t, "/healthz", lb.TargetGroups[0].HealthCheck.Path)
}

func TestANumberThatAManifestMentionsIsNeverTakenForAnUnknownPort(t *testing.T) {
	lb := only(t, web("healthcheck-port", "65535"))
	assert.Equal(t, "65535", lb.TargetGroups[0].HealthCheck.Port)
}

func TestTwoIngressesOfAGroupShareALoadBalancer(t *testing.T) {
	p := plan(t, services+
		ingress("b", "web", "name: http", "group.name", "shared", "group.order", "1")+
		ingress("a", "api", "number: 8080", "group.name", "shared", "group.order", "2", "target-type", "ip"), planner.Options{})
	require.Empty(t, p.Rejections)
	require.Len(t, p.LoadBalancers, 1)
	lb := p.LoadBalancers[0]
	assert.Equal(t, "shared", lb.Stack)
	rules := lb.Listeners[0].Rules
	require.Len(t, rules, 2)
	assert.Equal(t, "default/b-web:http", rules[0].Actions[0].Forward[0].TargetGroup, "group.order decides")
	assert.Equal(t, "default/a-api:8080", rules[1].Actions[0].Forward[0].TargetGroup)
}

func TestABadMemberRejectsItsGroupAndNoOther(t *testing.T) {
	p := plan(t, services+
		ingress("good", "web", "name: http", "group.name", "shared")+
		ingress("bad", "web", "name: http", "group.name", "shared", "target-type", "pod")+
		ingress("alone", "web", "name: http"), planner.Options{})
	require.Len(t, p.Rejections, 2)
	assert.Equal(t, elb.Rejection{Object: "Ingress default/bad", Stage: "model", Message: "unknown targetType: pod (write instance or ip)"}, p.Rejections[0])
	assert.Equal(t, elb.Rejection{Object: "Ingress default/good", Stage: "model", Message: `its group "shared" is not built because of Ingress default/bad`}, p.Rejections[1])
	assert.Equal(t, []elb.Warning{{Object: "Ingress default/bad", Message: `it holds up all of its group "shared": no change of Ingress default/good reaches AWS until it is right; correct it, or take it out of the group`}}, p.Warnings)
	require.Len(t, p.LoadBalancers, 1)
	assert.Equal(t, "default/alone", p.LoadBalancers[0].Stack)
}

func TestTheMemberOfAGroupThatIsWrongIsNamedAlsoIfTheControllerDoesNot(t *testing.T) {
	p := plan(t, services+ingress("bad", "web", "name: http", "group.name", "shared", "scheme", "public")+ingress("good", "web", "name: http", "group.name", "shared"), planner.Options{})
	assert.Empty(t, p.LoadBalancers)
	assert.Equal(t, []elb.Rejection{
		{Object: "Ingress default/bad", Stage: "model", Message: "unknown scheme: public (write internal or internet-facing)"},
		{Object: "Ingress default/good", Stage: "model", Message: `its group "shared" is not built because of Ingress default/bad`},
	}, p.Rejections)
}

func TestALoadBalancerThatAWSRefusesHalfWayIsNotPlanned(t *testing.T) {
	r := rejection(t, web("listen-ports", `[{"HTTPS": 443}]`, "certificate-arn", "arn:aws:iam::111122223333:server-certificate/x"))
	assert.Equal(t, "AWS", r.Stage)
	assert.Contains(t, r.Message, "CreateListener, CertificateNotFound")
}

func TestTheSameNameTwiceIsRefusedByAWS(t *testing.T) {
	p := plan(t, services+ingress("a", "web", "name: http", "load-balancer-name", "shop")+ingress("b", "web", "name: http", "load-balancer-name", "shop"), planner.Options{})
	require.Len(t, p.LoadBalancers, 1)
	require.Len(t, p.Rejections, 1)
	assert.Equal(t, "Ingress default/b", p.Rejections[0].Object)
	assert.Contains(t, p.Rejections[0].Message, "DuplicateLoadBalancerName")
}

func TestCertificatesAreDiscoveredAmongTheAccounts(t *testing.T) {
	manifests := web("listen-ports", `[{"HTTPS": 443}]`)
	p := plan(t, manifests, planner.Options{})
	require.Len(t, p.Rejections, 1)
	assert.Contains(t, p.Rejections[0].Message, "no certificate found for host: app.example.com (set alb.ingress.kubernetes.io/certificate-arn")
	p = plan(t, manifests, planner.Options{Account: fakeaws.Options{Certificates: []fakeaws.Certificate{{ARN: certificate, Domains: []string{"*.example.com"}}}}})
	require.Empty(t, p.Rejections)
	assert.Equal(t, []string{certificate}, p.LoadBalancers[0].Listeners[0].Certificates)
}

func TestClassesAndTheirParameters(t *testing.T) {
	const class = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: public}}
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: public}
spec: {scheme: internet-facing, inboundCIDRs: [%s]}
---
`
	lb := only(t, fmt.Sprintf(class, "10.0.0.0/8")+web())
	assert.Equal(t, "internet-facing", lb.Scheme)
	p := plan(t, fmt.Sprintf(class, "10.0.0.1/8"), planner.Options{})
	require.Len(t, p.Rejections, 1)
	assert.Equal(t, "IngressClassParams public", p.Rejections[0].Object)

	other := strings.Replace(web(), "ingressClassName: alb", "ingressClassName: nginx", 1)
	r := plan(t, other, planner.Options{}).Rejections
	require.Len(t, r, 1)
	assert.Equal(t, "admission", r[0].Stage)
	assert.Contains(t, r[0].Message, `"nginx" not found`)
	p = plan(t, other+"apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}\n", planner.Options{})
	assert.Empty(t, p.Rejections)
	assert.Empty(t, p.LoadBalancers, "another controller's")
	require.Len(t, p.Warnings, 1)
	assert.Equal(t, elb.Warning{Object: "Ingress default/web", Message: `passed over: its class "nginx" is another controller's`}, p.Warnings[0])
}

func TestAnObjectTwiceIsNoAnswer(t *testing.T) {
	objects, err := manifest.Read("a.yaml", strings.NewReader(nlb()+"---\n"+nlb()))
	require.NoError(t, err)
	_, err = planner.Make(t.Context(), objects, planner.Options{})
	assert.ErrorContains(t, err, "Service default/tcp is given twice, in a.yaml, document 1 (line 1) and in a.yaml, document 2")
}

func TestTheAPIServersRefusals(t *testing.T) {
	for _, c := range []struct{ name, manifests, object, message string }{
		{"an annotation that is a number, of an object without a name", strings.NewReplacer("annotations: {}", "annotations: {a: 7}", "name: tcp", "generateName: tcp").Replace(nlb()), "Service without a name", "quote the value"},
		{"no name", strings.Replace(nlb(), "name: tcp", "generateName: tcp", 1), "Service without a name", "metadata.name is missing (test.yaml, document 1 (line 1))"},
		{"an annotation that is a number", strings.Replace(nlb(), "annotations: {}", "annotations: {a: 7}", 1), "Service default/tcp", "annotations and labels must be text, so quote the value"},
		{"a path without type", strings.Replace(web(), "pathType: Prefix, ", "", 1), "Ingress default/web", "pathType: Required value"},
		{"a path without slash", strings.Replace(web(), "path: /,", "path: shop,", 1), "Ingress default/web", "must be an absolute path"},
		{"a node port out of range", strings.Replace(web(), "30901", "8080", 1), "Service default/web", "The range of valid ports is 30000-32767"},
		{"a node port twice", strings.Replace(web(), "targetPort: http}", "targetPort: http, nodePort: 30901}", 1), "Service default/web", "already allocated, by Service default/web"},
		{"a path to a resource, on which the webhook panics", strings.Replace(web(), "service: {name: web, port: {name: http}}", "resource: {kind: Bucket, name: b}", 1), "Ingress default/web", "crashes on it and builds nothing: spec.rules[0].http.paths[0].backend names a resource; name a Service"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, c.manifests, planner.Options{})
			require.NotEmpty(t, p.Rejections)
			assert.Equal(t, c.object, p.Rejections[0].Object)
			assert.Equal(t, "admission", p.Rejections[0].Stage)
			assert.Contains(t, p.Rejections[0].Message, c.message)
		})
	}
}

func TestAPanicOfTheModelBuilderIsARejection(t *testing.T) {
	r := rejection(t, nlb("actions.TCP-80", `{"type":"forward"}`))
	assert.Equal(t, "Service default/tcp", r.Object)
	assert.Equal(t, "model", r.Stage)
	assert.Contains(t, r.Message, "crashes on it and builds nothing: annotation service.beta.kubernetes.io/actions.TCP-80 forwards without forwardConfig; write ")
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct{ name, manifests, object, message string }{
		{"a misspelt Ingress annotation", web("healthcheck-interval", "10"), "Ingress default/web", "did you mean alb.ingress.kubernetes.io/healthcheck-interval-seconds?"},
		{"a misspelt Service annotation", nlb("aws-load-balancer-schema", "internal"), "Service default/tcp", "did you mean service.beta.kubernetes.io/aws-load-balancer-scheme?"},
		{"nothing like it", web("colour", "blue"), "Ingress default/web", "alb.ingress.kubernetes.io/colour is unknown to the load balancer controller, which ignores it"},
		{"a Service that is missing", services + ingress("web", "gone", "number: 80"), "Ingress default/web", "Service default/gone is not among the manifests"},
		{"an action that is missing", services + ingress("web", "split", "name: use-annotation"), "Ingress default/web", "annotation alb.ingress.kubernetes.io/actions.split is missing"},
		{"another controller's class", strings.Replace(nlb(), "type: LoadBalancer,", "type: LoadBalancer, loadBalancerClass: io.cilium/node,", 1), "Service default/tcp", `passed over: its class "io.cilium/node" is another controller's`},
		{"an unknown field", strings.Replace(nlb(), "type: LoadBalancer,", "type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb, loadBalancerSourceRange: [],", 1), "Service default/tcp", `unknown field "spec.loadBalancerSourceRange": the API server drops the field`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, c.manifests, planner.Options{})
			assert.Empty(t, p.Rejections)
			require.Len(t, p.Warnings, 1)
			assert.Equal(t, c.object, p.Warnings[0].Object)
			assert.Contains(t, p.Warnings[0].Message, c.message)
		})
	}
	assert.Empty(t, plan(t, web("conditions.web", "[]", "listener-attributes.HTTP-80", "routing.http.response.server.enabled=false"), planner.Options{}).Warnings, "names that go on")
}

func TestTheNamespaceIsThatOfTheOption(t *testing.T) {
	p := plan(t, nlb(), planner.Options{Namespace: "shop"})
	require.Len(t, p.LoadBalancers, 1)
	assert.Equal(t, "shop/tcp", p.LoadBalancers[0].Stack)
}

func TestThePlanIsTheSameEveryTime(t *testing.T) {
	manifests := web("listen-ports", `[{"HTTP": 80}, {"HTTP": 81}, {"HTTP": 82}]`, "tags", "a=1,b=2", "load-balancer-attributes", "idle_timeout.timeout_seconds=1,routing.http2.enabled=false") +
		"\n---\n" + nlb()
	first, err := json.Marshal(plan(t, manifests, planner.Options{}))
	require.NoError(t, err)
	for range 5 {
		again, err := json.Marshal(plan(t, manifests, planner.Options{}))
		require.NoError(t, err)
		require.Equal(t, string(first), string(again))
	}
}
