// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
)

// cure is what to write where a message says something.
type cure struct {
	says *regexp.Regexp
	cure string
}

// cures say what to write where the controller's own message does not. The first that fits is added to the message, in brackets.
var cures = []cure{
	{regexp.MustCompile(`^unknown scheme: `), "write internal or internet-facing"},
	{regexp.MustCompile(`^unknown targetType: `), "write instance or ip"},
	{regexp.MustCompile(`^unknown IPAddressType: `), "write ipv4, dualstack or dualstack-without-public-ipv4"},
	{regexp.MustCompile(`^unknown authType: `), "write none, oidc or cognito"},
	{regexp.MustCompile(`^missing IDPConfigOIDC`), "set alb.ingress.kubernetes.io/auth-idp-oidc"},
	{regexp.MustCompile(`^missing IDPConfigCognito`), "set alb.ingress.kubernetes.io/auth-idp-cognito"},
	{regexp.MustCompile(`^unknown transform type: `), "write url-rewrite or host-header-rewrite"},
	{regexp.MustCompile(`^unsupported health check protocol `), "write tcp, http or https"},
	{regexp.MustCompile(`TargetGroup port is empty. When using Instance targets`), "set alb.ingress.kubernetes.io/target-type: ip, or make the Service one of type NodePort"},
	{regexp.MustCompile(`^unsupported service type .* for load balancer target type "instance"`), "set service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip, or write type: LoadBalancer"},
	{regexp.MustCompile(`instance target type with an unallocated NodePort`), "set service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip, or take allocateLoadBalancerNodePorts: false out"},
	{regexp.MustCompile(`^no certificate found for host: `), "set alb.ingress.kubernetes.io/certificate-arn, or list the certificate in the file of --account"},
	{regexp.MustCompile(`^failed to parse listen-ports configuration: `), `write '[{"HTTP": 80}, {"HTTPS": 443}]'`},
	{regexp.MustCompile(`^listener does not exist for SSLRedirect port: `), "give that port an HTTPS listener in alb.ingress.kubernetes.io/listen-ports"},
	{regexp.MustCompile(`^listener protocol non-SSL for SSLRedirect port: `), "name the port of an HTTPS listener"},
	{regexp.MustCompile(`failed to parse int(32|64) annotation, `), "write a whole number without a unit, in quotes"},
	{regexp.MustCompile(`failed to parse bool annotation, `), `write "true" or "false"`},
	{regexp.MustCompile(`failed to parse stringMap annotation, `), `write key=value,key=value; a comma within a value is \,`},
	{regexp.MustCompile(`failed to parse json annotation, .*cannot unmarshal number into`), "put the number in quotes"},
	{regexp.MustCompile(`failed to parse json annotation, .*cannot unmarshal object into Go value of type \[\]`), "write a list: put it in square brackets"},
	{regexp.MustCompile(`failed to parse json annotation, `), "write JSON"},
	{regexp.MustCompile(`^failed to resolve healthCheckPort: `), "write traffic-port, a number, or the name of a port of the Service"},
	{regexp.MustCompile(`cannot use named healthCheckPort for IP TargetType`), "write the number of the container's port"},
	{regexp.MustCompile(`^unable to find port `), "write the name or the number of a port of the Service; its target ports and node ports do not count"},
	{regexp.MustCompile(`^services ".*" not found`), "of several weighted Services every one must be there"},
	{regexp.MustCompile(`condition must specify exactly one of Values and RegexValues`), "a rule of an Ingress has plain values; move all of them into the condition, or take the regular expressions out"},
	{regexp.MustCompile(`^(prefix|exact) path shouldn't contain wildcards: `), "write pathType: ImplementationSpecific"},
	{regexp.MustCompile(`subnets count less than minimal required count: `), "name subnets of two availability zones, or tag one in a second zone with kubernetes.io/role/elb=1, for internal load balancers kubernetes.io/role/internal-elb=1"},
	{regexp.MustCompile(`^multiple subnets in same Availability Zone `), "name one subnet for each availability zone"},
	{regexp.MustCompile(`^EIP allocations can only be set for internet facing`), "set service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing"},
	{regexp.MustCompile(`^count of EIP allocations `), "name one for each subnet; service.beta.kubernetes.io/aws-load-balancer-subnets says which subnets"},
	{regexp.MustCompile(`^Unused port in ssl-ports annotation `), "name ports of the Service, by name or by number"},
	{regexp.MustCompile(`^unsupported v6 cidr `), "set service.beta.kubernetes.io/aws-load-balancer-ip-address-type: dualstack"},
	{regexp.MustCompile(`^Unsupported QUIC upgrade for protocol `), "give the port protocol: UDP"},
	{regexp.MustCompile(`^couldn't find WAFv2 WebACL with name: `), "set alb.ingress.kubernetes.io/wafv2-acl-arn and no wafv2-acl-name, which beats it, or list the web ACL in the file of --account"},
	{regexp.MustCompile(`^deletion_protection is enabled, cannot delete the `), "write deletion_protection.enabled=false into its annotation and apply that first; until then the object and its load balancer stay"},
	{regexp.MustCompile(`^conflicting security groups configuration$`), "a Network Load Balancer that was made with security groups keeps some; delete the Service and make it again to have none"},
	{regexp.MustCompile(`is not supported with a target group with the protocol-version 'GRPC'`), "give it an HTTPS listener alone: alb.ingress.kubernetes.io/listen-ports: '[{\"HTTPS\": 443}]'"},
	{regexp.MustCompile(`^invalid ingress class: ingressclasses.networking.k8s.io ".*" not found`), "add that IngressClass to the manifests"},
}

// cured is a message with its cure, if it needs one.
func cured(message string) string {
	for _, c := range slices.Concat(cures, accountCures) {
		if c.says.MatchString(message) {
			return message + " (" + c.cure + ")"
		}
	}
	return message
}

// conflicts are the annotations that the controller speaks of when the Ingresses of a group do not agree: one message may be about several.
var conflicts = map[string][]string{
	"conflicting scheme: ":                          {annotations.IngressSuffixScheme, annotations.IngressSuffixFrontendNlbScheme},
	"conflicting IPAddressType: ":                   {annotations.IngressSuffixIPAddressType},
	"conflicting load balancer name: ":              {annotations.IngressSuffixLoadBalancerName},
	"conflicting load balancer attributes ":         {annotations.IngressSuffixLoadBalancerAttributes},
	"conflicting tag ":                              {annotations.IngressSuffixTags},
	"conflicting subnets: ":                         {annotations.IngressSuffixSubnets, annotations.IngressSuffixFrontendNlbSubnets},
	"conflicting securityGroups: ":                  {annotations.IngressSuffixSecurityGroups, annotations.IngressSuffixFrontendNlbSecurityGroups},
	"conflicting CustomerOwnedIPv4Pool: ":           {annotations.IngressSuffixCustomerOwnedIPv4Pool},
	"conflicting ipv4 ipam pools ":                  {annotations.IngressSuffixIPAMIPv4PoolId},
	"conflicting capacity reservation ":             {annotations.IngressSuffixLoadBalancerCapacityReservation},
	"conflicting sslRedirect port: ":                {annotations.IngressSuffixSSLRedirect},
	"conflicting manage backend security group ":    {annotations.IngressSuffixManageSecurityGroupRules},
	"conflicting WAFv2 WebACL ARNs: ":               {annotations.IngressSuffixWAFv2ACLARN},
	"conflicting WAFv2 WebACL names: ":              {annotations.IngressSuffixWAFv2ACLName},
	"conflicting WAFClassic WebACL IDs: ":           {annotations.IngressSuffixWAFACLID, annotations.IngressSuffixWebACLID},
	"conflicting enable shield advanced protection": {annotations.IngressSuffixShieldAdvancedProtection},
	"conflicting enable frontend NLB values":        {annotations.IngressSuffixEnableFrontendNlb},
	"conflicting frontend NLB attributes: ":         {annotations.IngressSuffixFrontendNlbAttributes},
	"conflicting frontend NLB tags: ":               {annotations.IngressSuffixFrontendNlbTags},
}

// whoSays lists the Ingresses of a group that do not agree, each with its value; "" if the error is about something else.
func whoSays(group []*networkingv1.Ingress, err error) string {
	for says, suffixes := range conflicts {
		if !strings.Contains(err.Error(), says) {
			continue
		}
		for _, suffix := range suffixes {
			var out []string
			values := map[string]bool{}
			for _, ing := range group {
				if s := ingressSettings(ing.Annotations); s.has(suffix) {
					values[s.value(suffix)] = true
					out = append(out, fmt.Sprintf("Ingress %s/%s says %q", ing.Namespace, ing.Name, s.value(suffix)))
				}
			}
			if len(values) > 1 {
				return fmt.Sprintf("(%s; make annotation %s/%s the same on all, or set it on one)", strings.Join(out, ", "), annotations.AnnotationPrefixIngress, suffix)
			}
		}
	}
	return ""
}
