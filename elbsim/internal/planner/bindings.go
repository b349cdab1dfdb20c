// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"cmp"
	"errors"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// checkBinding is what the API server and the controller's webhook refuse of a TargetGroupBinding
// without asking AWS about the target group, which is not part of a plan.
func checkBinding(b *elbv2api.TargetGroupBinding) error {
	switch {
	case b.Spec.ServiceRef.Name == "":
		return errors.New("spec.serviceRef.name: Required value")
	case b.Spec.ServiceRef.Port == (intstr.IntOrString{}):
		return errors.New("spec.serviceRef.port: Required value")
	case b.Spec.TargetGroupARN == "" && b.Spec.TargetGroupName == "": // webhooks/elbv2/targetgroupbinding_mutator.go
		return errors.New("must provide either TargetGroupARN or TargetGroupName: write spec.targetGroupARN")
	}
	return nil
}

// warnBinding says what becomes of a TargetGroupBinding: no load balancer, and targets only if its
// Service and port exist; that they do not is an event of the controller, not a refusal.
func (p *plan) warnBinding(name string, b *elbv2api.TargetGroupBinding) {
	ref, group := b.Spec.ServiceRef, cmp.Or(b.Spec.TargetGroupARN, b.Spec.TargetGroupName)
	service := p.lbc.cluster.services[client.ObjectKey{Namespace: b.Namespace, Name: ref.Name}]
	switch {
	case service == nil:
		p.warning(name, "Service %s/%s is not among the manifests: unless the cluster has it, no targets are registered in target group %s", b.Namespace, ref.Name, group)
	case !offers(service, ref.Port):
		p.warning(name, "Service %s/%s has no port %s: no targets are registered in target group %s", b.Namespace, ref.Name, ref.Port.String(), group)
	default:
		p.warning(name, "targets of Service %s/%s, port %s, are registered in target group %s, which was made elsewhere and is not planned", b.Namespace, ref.Name, ref.Port.String(), group)
	}
}

// offers says whether a Service has a port, by number or by name.
func offers(s *corev1.Service, port intstr.IntOrString) bool {
	for _, x := range s.Spec.Ports {
		if port.Type == intstr.Int && x.Port == port.IntVal || port.Type == intstr.String && x.Name == port.StrVal {
			return true
		}
	}
	return false
}
