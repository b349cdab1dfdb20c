// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/internal/render"
)

// kindOfLoadBalancer is an ALB or an NLB, with what the two call differently.
type kindOfLoadBalancer struct {
	key, gateway string
	networks     string // the key for clients' networks
	values       func(keys string) string
	targetPort   func(port int) (keys, path string)
}

var kindsOfLoadBalancer = []kindOfLoadBalancer{
	{"albPublic", "istio-ingress-alb-public", "inboundCIDRs", alb, func(port int) (string, string) {
		return fmt.Sprintf(`backend: {targetPort: %d}`, port), "backend.targetPort"
	}},
	{"nlbInternal", "istio-ingress-nlb-internal", "sourceRanges", nlb, func(port int) (string, string) {
		return fmt.Sprintf(`ports: [{name: a, port: 80, targetPort: %d}]`, port), "ports[0].targetPort"
	}},
}

// What AWS or the controller would refuse, or take and not do, of both kinds alike.
func TestLoadBalancerRefusals(t *testing.T) {
	for _, kind := range kindsOfLoadBalancer {
		one := "loadBalancers." + kind.key
		t.Run(kind.key, func(t *testing.T) {
			rows := []refusal{}
			for _, row := range []refusal{
				{"client networks that LBC would not look at", kind.networks + `: [10.0.0.0/8], securityGroups: [sg-0123]`, kind.networks + `: has no effect beside ` + one + `.securityGroups; put these networks into the security group, or leave securityGroups empty`},
				{"prefix lists that LBC would not look at", `prefixLists: [pl-12345678], securityGroups: [sg-0123]`, `prefixLists: has no effect beside ` + one + `.securityGroups`},
				{"closed nodes without security groups of one's own", `manageBackendRules: false`, `manageBackendRules: false has no effect without ` + one + `.securityGroups; leave it out, or name security groups of your own`},
				{"IPv6 clients without IPv6", kind.networks + `: [10.0.0.0/8, "2001:db8::/32"]`, kind.networks + `[1]: "2001:db8::/32" is IPv6, and ` + one + `.ipAddressType is ipv4; set that to dualstack, or take the network out`},
				{"a prefix of logs without bucket", `accessLogs: {prefix: edge}`, `accessLogs.prefix: "edge" has no effect without ` + one + `.accessLogs.bucket; set the bucket, or take it out`},
				{"a prefix of logs with AWS's part", `accessLogs: {bucket: logs, prefix: a/AWSLogs}`, `accessLogs.prefix: "a/AWSLogs" contains AWSLogs, which AWS itself puts behind the prefix; take it out`},
				{"node labels for pods", `targetNodeLabels: {edge: "true"}`, `targetNodeLabels: {"edge":"true"} has no effect, since targets are pods (targetType ip); leave it out, or use instance targets`},
				{"a security group by its name, and nobody to look it up", `managedBy: none, securityGroups: [edge]`, `securityGroups: "edge" is no ID (sg-…), and of a load balancer made elsewhere nothing looks up names; write the ID`},
				{"a share for nobody", `canary: {weight: 20}`, `canary.weight: 20 has no effect, since canary.service is empty; name the Service of the second release's gateway`},
				{"a canary's port without a canary", `canary: {port: 8080}`, `canary.port: 8080 has no effect, since canary.service is empty`},
				{"a gateway that is its own canary", `canary: {service: ` + kind.gateway + `, weight: 20}`, `canary.service: "` + kind.gateway + `" is this load balancer's own gateway; name the Service of a second release's`},
				{"a name of a load balancer made elsewhere", `managedBy: none, name: edge`, `name: "edge" has no effect, since the load balancer is made elsewhere (managedBy none); leave it out, and set it there`},
			} {
				rows = append(rows, refusal{row.name, kind.values(row.values), "- " + one + "." + row.want})
			}
			refuse(t, rows)
		})
	}
}

// Ports that Envoy, its agent or the mesh's own protocol have in every gateway pod.
func TestNoRequestsToPortsOfTheProxy(t *testing.T) {
	for _, kind := range kindsOfLoadBalancer {
		t.Run(kind.key, func(t *testing.T) {
			rows := []refusal{}
			for _, port := range []int{15000, 15001, 15004, 15006, 15008, 15009, 15020, 15021, 15053, 15090} {
				keys, path := kind.targetPort(port)
				rows = append(rows, refusal{fmt.Sprint(port), kind.values(keys),
					fmt.Sprintf("- loadBalancers.%s.%s: %d is a port of the proxy itself in every gateway pod; use another one", kind.key, path, port)})
			}
			refuse(t, rows)
			keys, _ := kind.targetPort(15012) // istiod's, not the proxy's
			_, err := chart(t).Render(render.Options{Values: []string{"base: {enabled: false}", kind.values(keys)}})
			assert.NoError(t, err)
		})
	}
}
