// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// warnExpired names certificates of a load balancer that are expired: AWS goes on serving them.
func (p *plan) warnExpired(name string, lb *elb.LoadBalancer) {
	if lb == nil {
		return
	}
	for _, l := range lb.Listeners {
		for _, arn := range l.Certificates {
			if c, ok := p.aws.Certificate(arn); ok && c.Status == fakeaws.Expired {
				p.warning(name, "listener %s %d: the certificate %s is expired, so clients will refuse it; renew it at ACM", l.Protocol, l.Port, arn)
			}
		}
	}
}

// warnHosts names hosts of an Ingress for which a listener has no certificate: AWS takes any, and answers with the
// default one.
func (p *plan) warnHosts(name string, ing *networkingv1.Ingress, lb *elb.LoadBalancer) {
	if lb == nil {
		return
	}
	for _, l := range lb.Listeners {
		domains, known := p.domains(l)
		if !known {
			continue
		}
		for _, host := range servedHosts(ing, l) {
			if !slices.ContainsFunc(domains, func(domain string) bool { return certifies(domain, host) }) {
				p.warning(name, "listener %s %d: the certificates cover %s, so clients of host %s will refuse the connection; name one that covers it by alb.ingress.kubernetes.io/certificate-arn, or take the host out",
					l.Protocol, l.Port, strings.Join(domains, ", "), host)
			}
		}
	}
}

// domains are those that a listener's certificates cover. known is false for a listener without TLS, and if any
// certificate is not declared.
func (p *plan) domains(l elb.Listener) (domains []string, known bool) {
	for _, arn := range l.Certificates {
		c, declared := p.aws.Certificate(arn)
		if !declared {
			return nil, false
		}
		domains = append(domains, c.Domains...)
	}
	return domains, len(l.Certificates) > 0
}

// servedHosts are the hosts of an Ingress for which a listener has a rule, each once.
func servedHosts(ing *networkingv1.Ingress, l elb.Listener) []string {
	served := map[string]bool{}
	for _, r := range l.Rules {
		for _, c := range r.Conditions {
			if c.Field == "host-header" {
				for _, v := range c.Values {
					served[strings.ToLower(v)] = true
				}
			}
		}
	}
	var out []string
	for _, r := range ing.Spec.Rules {
		if host := strings.ToLower(r.Host); served[host] && !slices.Contains(out, host) {
			out = append(out, host)
		}
	}
	return out
}

// certifies tells whether a certificate's domain is good for a host: a wildcard stands for one label (RFC 6125, section
// 6.4.3), and a host with a wildcard needs the same one.
func certifies(domain, host string) bool {
	domain = strings.ToLower(domain)
	if domain == host {
		return true
	}
	parent, wildcard := strings.CutPrefix(domain, "*.")
	label, rest, _ := strings.Cut(host, ".")
	return wildcard && label != "*" && label != "" && rest == parent
}
