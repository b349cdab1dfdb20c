// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWhatOnlyAWSRefuses goes on where the measured cases end: the controller passes these on as they are.
func TestWhatOnlyAWSRefuses(t *testing.T) {
	for _, c := range []struct{ name, manifests, message string }{
		{"a TLS policy that is none", web("certificate-arn", certificate, "ssl-policy", "TLS13"), "SSLPolicyNotFound"},
		{"success codes above 499", web("success-codes", "500"), "'500'"},
		{"an attribute of no ALB", web("load-balancer-attributes", "idle=1"), "'idle' is not recognized"},
		{"six values in the conditions of a rule", web("conditions.web", `[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"a","values":["1","2","3","4"]}}]`), "condition values, got 6"},
		{"a web ACL of another region", web("wafv2-acl-arn", "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/x/y"), "WAFNonexistentItemException"},
		{"a name with an underscore", web("load-balancer-name", "my_alb"), "alphanumeric characters and hyphens"},
		{"a name that is reserved", web("load-balancer-name", "internal-x"), "cannot begin with 'internal-'"},
		{"a certificate of an NLB that is none", nlb("aws-load-balancer-ssl-cert", "arn:bogus"), "CertificateNotFound"},
		{"a health check of an NLB every second", nlb("aws-load-balancer-healthcheck-interval", "1"), "Health check interval '1'"},
		{"an attribute of an ALB at an NLB", nlb("aws-load-balancer-attributes", "idle_timeout.timeout_seconds=60"), "is not recognized"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rejection(t, c.manifests)
			assert.Equal(t, "AWS", r.Stage)
			assert.Contains(t, r.Message, c.message)
		})
	}
}

func TestWhatIsAccepted(t *testing.T) {
	for name, manifests := range map[string]string{
		"HTTP and HTTPS with a certificate":                     web("listen-ports", `[{"HTTP": 80}, {"HTTPS": 443}]`, "certificate-arn", certificate),
		"gRPC behind HTTPS":                                     web("backend-protocol-version", "GRPC", "certificate-arn", certificate),
		"a redirect to itself, which the controller leaves out": services + ingress("web", "x", "name: use-annotation", "actions.x", `{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"}}`),
		"a fixed response":                                      services + ingress("web", "x", "name: use-annotation", "actions.x", `{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503"}}`),
	} {
		t.Run(name, func(t *testing.T) { only(t, manifests) })
	}
}
