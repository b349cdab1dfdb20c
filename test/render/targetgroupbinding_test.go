// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestALoadBalancerMadeElsewhere(t *testing.T) {
	release := rendered(t, alb(`managedBy: none, hosts: [a.example.com], healthCheck: {intervalSeconds: 20}, ingresses: [{name: api, paths: [/api]}]`))
	assert.Empty(t, release.Kind("Ingress"))
	assert.Empty(t, release.Kind("TargetGroupBinding"))
	service := serviceOf(t, release, "istio-ingress-alb-public")
	assert.Equal(t, "20", service.Annotations[albPrefix+"healthcheck-interval-seconds"], "for the other release's load balancer")
	serviceOf(t, release, "istio-ingress-alb-public-api")

	bound := func(keys string) (name, apiVersion, spec string) {
		bindings := rendered(t, keys).Kind("TargetGroupBinding")
		require.Len(t, bindings, 1)
		assert.Equal(t, "istio-system", bindings[0].GetNamespace())
		return bindings[0].GetName(), bindings[0].GetAPIVersion(), text(t, bindings[0].Object["spec"])
	}
	name, apiVersion, spec := bound(alb(`managedBy: none, backend: {targetGroupARN: "` + group + `", targetPort: 8080}, securityGroups: [sg-1, sg-2]`))
	assert.Equal(t, "elbv2.k8s.aws/v1beta1", apiVersion)
	assert.Regexp(t, "^alb-public-[0-9a-f]{8}$", name)
	assert.JSONEq(t, `{"targetGroupARN":"`+group+`","targetType":"ip","serviceRef":{"name":"istio-ingress-alb-public","port":"http2"},"networking":{"ingress":[
		{"from":[{"securityGroup":{"groupID":"sg-1"}},{"securityGroup":{"groupID":"sg-2"}}],"ports":[{"protocol":"TCP","port":8080},{"protocol":"TCP","port":15021}]}]}}`, spec)

	other, apiVersion, spec := bound(`{controller: eks-auto-mode, ` + alb(`managedBy: none, targetType: instance, targetNodeLabels: {edge: "true"}, statusNodePort: 30001, backend: {targetGroupARN: "`+group+`"}, securityGroups: [sg-1]`) + `}`)
	assert.Equal(t, "eks.amazonaws.com/v1", apiVersion)
	assert.NotEqual(t, name, other, "a binding's target type cannot be changed, so it is another one")
	assert.JSONEq(t, `{"targetGroupARN":"`+group+`","targetType":"instance","serviceRef":{"name":"istio-ingress-alb-public","port":"http2"},"nodeSelector":{"matchLabels":{"edge":"true"}},"networking":{"ingress":[
		{"from":[{"securityGroup":{"groupID":"sg-1"}}],"ports":[{"protocol":"TCP"},{"protocol":"TCP","port":30001}]}]}}`, spec, "a node port that Kubernetes chooses is not known")

	_, _, spec = bound(alb(`managedBy: none, backend: {targetGroupARN: "` + group + `"}, securityGroups: [sg-1], manageBackendRules: false`))
	assert.NotContains(t, spec, "networking")
}

func TestTargetGroupsOfAnNLBMadeElsewhere(t *testing.T) {
	arn := func(name string) string { return strings.Replace(group, "shop", name, 1) }
	release := rendered(t, nlb(`managedBy: none, securityGroups: [sg-1], ports: [{name: web, port: 80, targetPort: 8080, targetGroupARN: "`+arn("web")+`"},
  {name: dns, port: 53, targetPort: 5353, protocol: TCP_UDP, targetGroupARN: "`+arn("dns")+`"}, {name: rest, port: 81, targetPort: 8081}]`))
	specs := map[string]string{}
	for _, binding := range release.Kind("TargetGroupBinding") {
		specs[binding.GetName()[:len(binding.GetName())-9]] = text(t, binding.Object["spec"])
	}
	assert.Equal(t, []string{"nlb-internal-dns", "nlb-internal-web"}, slices.Sorted(maps.Keys(specs)))
	from := `"from":[{"securityGroup":{"groupID":"sg-1"}}]`
	assert.JSONEq(t, `{"targetGroupARN":"`+arn("web")+`","targetType":"ip","serviceRef":{"name":"istio-ingress-nlb-internal","port":"web"},"networking":{"ingress":[
		{`+from+`,"ports":[{"protocol":"TCP","port":15021},{"protocol":"TCP","port":8080}]}]}}`, specs["nlb-internal-web"])
	assert.JSONEq(t, `{"targetGroupARN":"`+arn("dns")+`","targetType":"ip","serviceRef":{"name":"istio-ingress-nlb-internal","port":"dns"},"networking":{"ingress":[
		{`+from+`,"ports":[{"protocol":"TCP","port":15021},{"protocol":"TCP","port":5353},{"protocol":"UDP","port":5353}]}]}}`, specs["nlb-internal-dns"])
}
