// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// warnGroup names settings of a load balancer without effect because of others, which any Ingress of the group may set.
func (p *plan) warnGroup(name string, s settings, group []*networkingv1.Ingress) {
	some := func(is func(settings) bool) bool {
		return slices.ContainsFunc(group, func(ing *networkingv1.Ingress) bool { return is(ingressSettings(ing.Annotations)) })
	}
	if some(func(s settings) bool { return len(s.list(annotations.IngressSuffixSecurityGroups)) > 0 }) {
		p.idle(name, s, "it is for the security group that the controller makes, and security-groups takes its place; let these sources into those groups, or take security-groups out",
			annotations.IngressSuffixInboundCIDRs, annotations.IngressSuffixSecurityGroupPrefixLists)
	} else {
		p.idle(name, s, "the controller always manages these rules for a security group of its own, and reads this beside security-groups only; take it out", annotations.IngressSuffixManageSecurityGroupRules)
	}
	if !some(func(s settings) bool { return s.isTrue(annotations.IngressSuffixEnableFrontendNlb) }) {
		p.idle(name, s, `there is no Network Load Balancer in front; set enable-frontend-nlb: "true"`, s.suffixes("frontend-nlb-")...)
	}
	if some(func(s settings) bool { return s.value(annotations.IngressSuffixWAFv2ACLName) != "" }) {
		p.idle(name, s, "wafv2-acl-name beats it; take one of the two out", annotations.IngressSuffixWAFv2ACLARN)
	}
}

// warnBeaten names annotations of an Ingress that those of a backend's Service beat.
func (p *plan) warnBeaten(name string, ing *networkingv1.Ingress) {
	s := ingressSettings(ing.Annotations)
	services := forwardsTo(ing)
	for _, service := range services {
		o := p.lbc.cluster.services[client.ObjectKey{Namespace: ing.Namespace, Name: service}]
		if o == nil {
			continue
		}
		own := ingressSettings(o.Annotations)
		for _, suffix := range backendSuffixes {
			if strings.HasPrefix(suffix, "auth-") && len(services) > 1 {
				continue // it counts for a Service that is forwarded to alone
			}
			if s.has(suffix) && own.has(suffix) && s.value(suffix) != own.value(suffix) {
				p.warning(name, "%s has no effect on Service %s/%s, whose own annotation says %q; take one of the two out", s.named(suffix), ing.Namespace, service, own.value(suffix))
			}
		}
	}
}

// paramsOf are the IngressClassParams of the class of an Ingress; nil if it has none.
func (p *plan) paramsOf(ing *networkingv1.Ingress) *elbv2api.IngressClassParams {
	class := p.lbc.cluster.classes[client.ObjectKey{Name: classOf(ing)}]
	if class == nil || class.Spec.Parameters == nil {
		return nil
	}
	return p.lbc.cluster.params[client.ObjectKey{Name: class.Spec.Parameters.Name}]
}

// warnClassParams names annotations that the parameters of the class beat.
func (p *plan) warnClassParams(name string, ing *networkingv1.Ingress) {
	params := p.paramsOf(ing)
	if params == nil {
		return
	}
	s := ingressSettings(ing.Annotations)
	text := func(v *string) string {
		if v == nil {
			return ""
		}
		return *v
	}
	for _, c := range []struct {
		field, suffix string
		value         string // "" says that the class leaves it to the Ingress
	}{
		{"scheme", annotations.IngressSuffixScheme, text((*string)(params.Spec.Scheme))},
		{"ipAddressType", annotations.IngressSuffixIPAddressType, text((*string)(params.Spec.IPAddressType))},
		{"loadBalancerName", annotations.IngressSuffixLoadBalancerName, params.Spec.LoadBalancerName},
		{"targetType", annotations.IngressSuffixTargetType, string(params.Spec.TargetType)},
		{"sslPolicy", annotations.IngressSuffixSSLPolicy, params.Spec.SSLPolicy},
		{"sslRedirectPort", annotations.IngressSuffixSSLRedirect, params.Spec.SSLRedirectPort},
		{"inboundCIDRs", annotations.IngressSuffixInboundCIDRs, strings.Join(params.Spec.InboundCIDRs, ",")},
		{"certificateArn", annotations.IngressSuffixCertificateARN, strings.Join(params.Spec.CertificateArn, ",")},
		{"prefixListsIDs", annotations.IngressSuffixSecurityGroupPrefixLists, strings.Join(params.Spec.PrefixListsIDs, ",")},
		{"wafv2AclArn", annotations.IngressSuffixWAFv2ACLARN, params.Spec.WAFv2ACLArn},
		{"wafv2AclName", annotations.IngressSuffixWAFv2ACLName, params.Spec.WAFv2ACLName},
	} {
		if c.value != "" && s.has(c.suffix) && s.value(c.suffix) != c.value {
			p.warning(name, "%s has no effect: its class sets spec.%s to %q in IngressClassParams %s, which beats it; take one of the two out", s.named(c.suffix), c.field, c.value, params.Name)
		}
	}
}
