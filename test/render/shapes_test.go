// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/internal/render"
)

// What stands beside the refusals of shapes and must go through.
func TestUnusualShapesAreTaken(t *testing.T) {
	for name, values := range map[string]string{
		"IPv6 networks in each way to write them": alb(`ipAddressType: dualstack, inboundCIDRs: ["::/0", "::1/128", "2001:db8::/32", "2001:DB8:0:1::/64", "1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7::/112", "::2:3:4:5:6:7:8/128", "1::8/128", "fe80::1:2:3/64"]`),
		"names of security groups and subnets":    alb(`securityGroups: [sg-0123456789abcdef0, "edge group", subnet-of-it, asg-x], subnets: [subnet-0123456789abcdef0, private a, sg-x]`),
		"tags with all that AWS takes":            nlb(`tags: {"Größe x_.:/+@-1": "a=b /:.+@_-", awsome: "", "shop:aws:a": a}`),
		"paths with all that AWS takes":           alb(`hosts: [a.example.com], actions: [{name: a, paths: ["/a_-.$~\"'@:+&/...", /.well-known/x, /a./b], fixedResponse: {statusCode: 503}}]`),
		"wildcards and regular expressions":       alb(`hosts: [a.example.com], actions: [{name: a, paths: ["/a//*"], pathType: ImplementationSpecific, fixedResponse: {statusCode: 503}}]`),
		"pod annotations":                         `{loadBalancers: {albPublic: {enabled: true}}, albPublicGateway: {podAnnotations: {example.com/a: "1"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := chart(t).Render(render.Options{Values: []string{values}})
			assert.NoError(t, err)
		})
	}
}
