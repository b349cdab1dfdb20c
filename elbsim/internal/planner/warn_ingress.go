// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/ingress"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// authSuffixes are settings of a sign-in, which needs auth-type too.
var authSuffixes = []string{
	annotations.IngressSuffixAuthIDPCognito, annotations.IngressSuffixAuthIDPOIDC, annotations.IngressSuffixAuthOnUnauthenticatedRequest,
	annotations.IngressSuffixAuthScope, annotations.IngressSuffixAuthSessionCookie, annotations.IngressSuffixAuthSessionTimeout,
}

// warnIngress names settings of an Ingress without effect. group are the Ingresses that share its load balancer, itself included; lb is that
// load balancer, nil if it is not built.
func (p *plan) warnIngress(name string, ing *networkingv1.Ingress, group []*networkingv1.Ingress, lb *elb.LoadBalancer) {
	s := ingressSettings(ing.Annotations)
	p.warnJSON(name, s)
	p.warnNamesInNames(name, s, ing)
	p.warnBeaten(name, ing)
	p.warnClassParams(name, ing)
	p.warnTags(name, s, annotations.IngressSuffixTags)
	p.warnCapacity(name, s, annotations.IngressSuffixLoadBalancerCapacityReservation)
	p.warnStickiness(name, s, annotations.IngressSuffixTargetGroupAttributes)
	p.warnGroup(name, s, group)
	p.warnAlone(name, s, ing, group)
	if lb != nil {
		p.warnListeners(name, s, ing, lb)
		p.warnLogs(name, s, annotations.IngressSuffixLoadBalancerAttributes, lb.Attributes)
		if of := groupsOf(lb, ing); len(of) > 0 && !slices.ContainsFunc(of, func(g elb.TargetGroup) bool { return g.TargetType != "ip" }) {
			p.idle(name, s, "it selects nodes, and the targets are Pods (target-type ip); take it out", annotations.IngressSuffixTargetNodeLabels)
		}
	}
}

// groupsOf are the target groups of an Ingress.
func groupsOf(lb *elb.LoadBalancer, ing *networkingv1.Ingress) []elb.TargetGroup {
	if lb.Stack == ing.Namespace+"/"+ing.Name {
		return lb.TargetGroups // it is alone
	}
	var out []elb.TargetGroup
	for _, g := range lb.TargetGroups {
		if strings.HasPrefix(g.Name, ing.Namespace+"/"+ing.Name+"-") {
			out = append(out, g)
		}
	}
	return out
}

// warnAlone names settings that need another.
func (p *plan) warnAlone(name string, s settings, ing *networkingv1.Ingress, group []*networkingv1.Ingress) {
	if s.has(annotations.IngressSuffixGroupOrder) && !s.has(annotations.IngressSuffixGroupName) && len(group) == 1 && p.paramsOf(ing) == nil {
		p.idle(name, s, "it orders the Ingresses of a group, and this one is in none; set group.name", annotations.IngressSuffixGroupOrder)
	}
	p.idle(name, s, "the controller's feature EnableCertificateManagement is off unless it is told otherwise; set certificate-arn", annotations.IngressSuffixCreateCertificate, annotations.IngressSuffixACMCaARN)
	if s.has(annotations.IngressSuffixWebACLID) {
		if s.has(annotations.IngressSuffixWAFACLID) {
			p.idle(name, s, "waf-acl-id beats it; take it out", annotations.IngressSuffixWebACLID)
		} else {
			p.warning(name, "%s is deprecated; its name is now waf-acl-id, and its successor wafv2-acl-arn", s.named(annotations.IngressSuffixWebACLID))
		}
	}
	if s.has(annotations.IngressSuffixUseRegexPathMatch) && !slices.ContainsFunc(paths(ing), isImplementationSpecific) {
		p.idle(name, s, "it counts for paths of pathType ImplementationSpecific only; give the paths that type", annotations.IngressSuffixUseRegexPathMatch)
	}
	if !s.isTrue(annotations.IngressSuffixUseRegexPathMatch) {
		for _, path := range paths(ing) {
			if isImplementationSpecific(path) && path.Path == "/" {
				p.warning(name, `path "/" of pathType ImplementationSpecific matches the request for "/" and no other; write pathType: Prefix, or "/*"`)
			}
		}
	}
	authenticates := s.has(annotations.IngressSuffixAuthType)
	for _, service := range forwardsTo(ing) {
		if o := p.lbc.cluster.services[client.ObjectKey{Namespace: ing.Namespace, Name: service}]; o != nil {
			authenticates = authenticates || ingressSettings(o.Annotations).has(annotations.IngressSuffixAuthType)
		}
	}
	if !authenticates {
		p.idle(name, s, "nobody has to sign in without auth-type; set it to oidc or cognito", authSuffixes...)
	}
}

func isImplementationSpecific(path networkingv1.HTTPIngressPath) bool {
	return path.PathType == nil || *path.PathType == networkingv1.PathTypeImplementationSpecific
}

// warnListeners names settings of listeners that the load balancer does not have.
func (p *plan) warnListeners(name string, s settings, ing *networkingv1.Ingress, lb *elb.LoadBalancer) {
	p.warnListenPorts(name, s)
	secure, open := p.listens(s, ing, lb)
	if len(secure) == 0 {
		const why = `the Ingress has no HTTPS listener; add {"HTTPS": 443} to listen-ports`
		p.idle(name, s, why, annotations.IngressSuffixSSLPolicy, annotations.IngressSuffixMutualAuthentication, annotations.IngressSuffixJwtValidation)
		if len(s.list(annotations.IngressSuffixCertificateARN)) > 0 {
			p.idle(name, s, why, annotations.IngressSuffixCertificateARN)
		}
		if s.value(annotations.IngressSuffixAuthType) != string(ingress.AuthTypeNone) {
			p.idle(name, s, "requests over HTTP go on without it, and "+why, annotations.IngressSuffixAuthType)
		}
		if len(ing.Spec.TLS) > 0 {
			p.warning(name, `spec.tls has no effect: it makes no HTTPS listener; set certificate-arn, or add {"HTTPS": 443} to listen-ports`)
		}
	} else {
		p.warnUnprotected(name, s, open)
		p.warnMutualTLS(name, s, secure)
	}
	if s.has(annotations.IngressSuffixSSLRedirect) && !slices.ContainsFunc(lb.Listeners, func(l elb.Listener) bool { return l.Protocol == "HTTP" }) {
		p.idle(name, s, `the load balancer has no HTTP listener to redirect from; add {"HTTP": 80} to listen-ports`, annotations.IngressSuffixSSLRedirect)
	}
	p.warnListenerAttributes(name, s, annotations.IngressSuffixlsAttsAnnotationPrefix, lb)
}

// listens are the listeners of a load balancer that serve an Ingress.
func (p *plan) listens(s settings, ing *networkingv1.Ingress, lb *elb.LoadBalancer) (secure, open []elb.Listener) {
	wants := map[int32]bool{}
	if ports := listenPorts(s); ports != nil {
		for _, entry := range ports {
			for _, port := range entry {
				wants[port] = true
			}
		}
	} else if params := p.paramsOf(ing); len(s.list(annotations.IngressSuffixCertificateARN)) > 0 || params != nil && len(params.Spec.CertificateArn) > 0 {
		wants[443] = true
	} else {
		wants[80] = true
	}
	for _, l := range lb.Listeners {
		switch {
		case !wants[l.Port]:
		case l.Protocol == "HTTPS":
			secure = append(secure, l)
		default:
			open = append(open, l)
		}
	}
	return secure, open
}

// listenPorts are those that are asked for; nil without the annotation.
func listenPorts(s settings) []map[string]int32 {
	var out []map[string]int32
	if err := json.Unmarshal([]byte(s.value(annotations.IngressSuffixListenPorts)), &out); err != nil {
		return nil // a rejection, if it is there
	}
	return out
}

func (p *plan) warnListenPorts(name string, s settings) {
	seen := map[int32]bool{}
	for _, entry := range listenPorts(s) {
		for _, port := range entry {
			if seen[port] {
				p.warning(name, "%s has port %d twice: only the last counts; give each listener a port of its own", s.named(annotations.IngressSuffixListenPorts), port)
			}
			seen[port] = true
		}
	}
	if len(seen) == 0 && s.has(annotations.IngressSuffixListenPorts) {
		p.warning(name, `%s names no port: the load balancer has no listener for this Ingress; write [{"HTTP": 80}]`, s.named(annotations.IngressSuffixListenPorts))
	}
}

// warnUnprotected names HTTP listeners that let in what has to sign in at the HTTPS ones.
func (p *plan) warnUnprotected(name string, s settings, open []elb.Listener) {
	how := ""
	switch auth := s.value(annotations.IngressSuffixAuthType); {
	case auth == string(ingress.AuthTypeOIDC) || auth == string(ingress.AuthTypeCognito):
		how = annotations.IngressSuffixAuthType
	case s.has(annotations.IngressSuffixJwtValidation):
		how = annotations.IngressSuffixJwtValidation
	default:
		return
	}
	for _, l := range open {
		forwards := func(r elb.Rule) bool {
			return slices.ContainsFunc(r.Actions, func(a elb.Action) bool { return a.Type == "forward" })
		}
		if slices.ContainsFunc(l.Rules, forwards) {
			p.warning(name, "annotation %s%s does not count at HTTP:%d, where requests are forwarded without it; set ssl-redirect, or take the port out of listen-ports", s.prefix, how, l.Port)
		}
	}
}

func (p *plan) warnMutualTLS(name string, s settings, secure []elb.Listener) {
	var entries []ingress.MutualAuthenticationConfig
	if !s.has(annotations.IngressSuffixMutualAuthentication) || json.Unmarshal([]byte(s.value(annotations.IngressSuffixMutualAuthentication)), &entries) != nil {
		return
	}
	for _, e := range entries {
		if !slices.ContainsFunc(secure, func(l elb.Listener) bool { return l.Port == e.Port }) {
			p.warning(name, "annotation %s%s has no effect on port %d: the Ingress has no HTTPS listener there; name a port of listen-ports", s.prefix, annotations.IngressSuffixMutualAuthentication, e.Port)
		}
	}
}

// warnListenerAttributes names attributes of listeners that are not there.
func (p *plan) warnListenerAttributes(name string, s settings, start string, lb *elb.LoadBalancer) {
	var have []string
	for _, l := range lb.Listeners {
		have = append(have, fmt.Sprintf("%s-%d", l.Protocol, l.Port))
	}
	for _, suffix := range s.suffixes(start + ".") {
		if listener := strings.TrimPrefix(suffix, start+"."); !slices.Contains(have, listener) {
			p.warning(name, "annotation %s%s has no effect: the load balancer has no listener %s; name one of %s", s.prefix, suffix, listener, strings.Join(have, ", "))
		}
	}
}
