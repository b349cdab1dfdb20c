// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// useAnnotation is the port name that stands for the annotation actions.<name>.
const useAnnotation = "use-annotation"

// warn names what the controller accepts and ignores, or does otherwise than one would think. It speaks of what it is sure of: a warning
// that is wrong is worse than none.
func (p *plan) warn() {
	built := p.balancers()
	groups := p.groupMembers()
	routed := p.routedServices()
	rejected := map[string]bool{} // what is wrong with them comes first
	for _, r := range p.result.Rejections {
		rejected[r.Object] = true
	}
	for _, o := range p.objects {
		p.warnAutoMode(o)
		switch x := o.Object.(type) {
		case *corev1.Service:
			p.warnNames(o, true)
			if !rejected[o.name] {
				p.warnService(o.name, x, built[part{o.name, elb.Network}], routed[client.ObjectKeyFromObject(x)])
				p.warnExpired(o.name, built[part{o.name, elb.Network}])
			}
		case *elbv2api.TargetGroupBinding:
			if !p.refused[o.name] {
				p.warnBinding(o.name, x)
			}
		case *networkingv1.Ingress:
			p.warnNames(o, false)
			if p.handled[o.name] {
				p.warnMissing(o.name, x)
			}
			if p.handled[o.name] && !rejected[o.name] {
				p.warnIngress(o.name, x, groups[o.name], built[part{o.name, elb.Application}])
				p.warnExpired(o.name, built[part{o.name, elb.Application}])
				p.warnHosts(o.name, x, built[part{o.name, elb.Application}])
			}
		}
	}
	for _, lb := range p.result.LoadBalancers {
		if lb.Type == elb.Application && len(lb.Objects) > 0 { // one that is asked for no more may stay
			p.warnShadowed(lb)
		}
	}
}

// part finds the load balancer of an object; an Ingress may have two.
type part struct {
	object string
	kind   elb.Type
}

// balancers are those that are planned, by what they are made from.
func (p *plan) balancers() map[part]*elb.LoadBalancer {
	out := map[part]*elb.LoadBalancer{}
	for i := range p.result.LoadBalancers {
		lb := &p.result.LoadBalancers[i]
		for _, name := range lb.Objects {
			out[part{name, lb.Type}] = lb
		}
	}
	return out
}

// groupMembers are the Ingresses of the group of each.
func (p *plan) groupMembers() map[string][]*networkingv1.Ingress {
	byName := map[string]*networkingv1.Ingress{}
	for _, o := range p.objects {
		if ing, ok := o.Object.(*networkingv1.Ingress); ok {
			byName[o.name] = ing
		}
	}
	out := map[string][]*networkingv1.Ingress{}
	for _, names := range p.members {
		var group []*networkingv1.Ingress
		for _, name := range names {
			group = append(group, byName[name])
		}
		for _, name := range names {
			out[name] = group
		}
	}
	return out
}

// routedServices are those that an Ingress of the manifests names.
func (p *plan) routedServices() map[client.ObjectKey]bool {
	out := map[client.ObjectKey]bool{}
	for _, o := range p.objects {
		if ing, ok := o.Object.(*networkingv1.Ingress); ok {
			for _, name := range forwardsTo(ing) {
				out[client.ObjectKey{Namespace: ing.Namespace, Name: name}] = true
			}
		}
	}
	return out
}

// warnMissing names backends that do not exist: the controller answers for them with a 503.
func (p *plan) warnMissing(name string, ing *networkingv1.Ingress) {
	var seen []string
	for _, b := range backends(ing) {
		if slices.Contains(seen, b.Name) {
			continue
		}
		seen = append(seen, b.Name)
		if b.Port.Name == useAnnotation {
			action := annotations.AnnotationPrefixIngress + "/actions." + b.Name
			if _, ok := ing.Annotations[action]; !ok {
				p.warning(name, "annotation %s is missing: requests for backend %q are answered with a 503", action, b.Name)
			}
			continue
		}
		if !p.services[client.ObjectKey{Namespace: ing.Namespace, Name: b.Name}] {
			p.warning(name, "Service %s/%s is not among the manifests: unless the cluster has it, requests for it are answered with a 503", ing.Namespace, b.Name)
		}
	}
}

// backends are those of an Ingress that name Services, or actions in their place, in order.
func backends(ing *networkingv1.Ingress) []networkingv1.IngressServiceBackend {
	var out []networkingv1.IngressServiceBackend
	if b := ing.Spec.DefaultBackend; b != nil && b.Service != nil {
		out = append(out, *b.Service)
	}
	for _, path := range paths(ing) {
		if path.Backend.Service != nil {
			out = append(out, *path.Backend.Service)
		}
	}
	return out
}

func paths(ing *networkingv1.Ingress) []networkingv1.HTTPIngressPath {
	var out []networkingv1.HTTPIngressPath
	for _, r := range ing.Spec.Rules {
		if r.HTTP != nil {
			out = append(out, r.HTTP.Paths...)
		}
	}
	return out
}
