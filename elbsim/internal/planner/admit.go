// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/ingress"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// surroundings are the objects that exist before any Ingress: namespaces, classes and their
// parameters, with the class "alb" that the controller's own chart makes.
func (p *plan) surroundings() *cluster {
	out := newCluster()
	out.add(&networkingv1.IngressClass{
		ObjectMeta: metav1.ObjectMeta{Name: "alb"},
		Spec:       networkingv1.IngressClassSpec{Controller: ingress.IngressClassControllerALB},
	})
	for _, o := range p.objects {
		switch o.Object.(type) {
		case *corev1.Namespace, *corev1.Secret, *networkingv1.IngressClass, *elbv2api.IngressClassParams:
			out.add(o.Object)
		}
	}
	return out
}

// admit puts Services and Ingresses past the API server's checks and the controller's webhooks.
func (p *plan) admit(ctx context.Context) {
	for _, o := range p.objects {
		err := guarded(o.Object, func() error {
			switch x := o.Object.(type) {
			case *elbv2api.IngressClassParams:
				return p.lbc.paramsValidator.ValidateCreate(ctx, x)
			case *elbv2api.TargetGroupBinding:
				return checkBinding(x)
			case *corev1.Service:
				if err := p.badServices[o.name]; err != nil {
					return err
				}
				return p.admitService(ctx, o.name, x)
			case *networkingv1.Ingress:
				if err := checkIngress(x); err != nil {
					return err
				}
				if was, existed := p.existing(o.name); existed {
					return p.lbc.ingressValidator.ValidateUpdate(ctx, x, was.Object)
				}
				return p.lbc.ingressValidator.ValidateCreate(ctx, x)
			}
			return nil
		})
		if err != nil {
			p.refused[o.name] = true
			p.reject(o.name, admission, "%v", err)
			continue
		}
		if service, ok := o.Object.(*corev1.Service); ok {
			p.services[client.ObjectKeyFromObject(service)] = true
			p.lbc.cluster.add(service)
		}
	}
}

// checkServices knows the API server's rules on ports, which a chart with fixed node ports meets. It
// returns what is wrong by the name of the object.
func (p *plan) checkServices() map[string]error {
	wrong, allocated := map[string]error{}, map[int32]string{}
	for _, o := range p.objects {
		s, ok := o.Object.(*corev1.Service)
		if !ok || s.Spec.Type == corev1.ServiceTypeExternalName {
			continue
		}
		for i, port := range s.Spec.Ports {
			if err := checkPort(o.name, port, allocated); err != nil && wrong[o.name] == nil {
				wrong[o.name] = fmt.Errorf("spec.ports[%d].%w", i, err)
			}
		}
	}
	return wrong
}

func checkPort(name string, port corev1.ServicePort, allocated map[int32]string) error {
	if port.Port < 1 || port.Port > 65535 {
		return fmt.Errorf("port: Invalid value: %d: must be between 1 and 65535", port.Port)
	}
	if port.NodePort == 0 {
		return nil
	}
	if port.NodePort < minNodePort || port.NodePort > maxNodePort {
		return fmt.Errorf("nodePort: Invalid value: %d: provided port is not in the valid range. The range of valid ports is %d-%d",
			port.NodePort, minNodePort, maxNodePort)
	}
	key := port.NodePort
	if port.Protocol == corev1.ProtocolUDP {
		key = -key // TCP and UDP may share a number
	}
	if first, taken := allocated[key]; taken {
		return fmt.Errorf("nodePort: Invalid value: %d: provided port is already allocated, by %s", port.NodePort, first)
	}
	allocated[key] = name
	return nil
}

// checkIngress knows the API server's rules on paths.
func checkIngress(ing *networkingv1.Ingress) error {
	for i, r := range ing.Spec.Rules {
		if r.HTTP == nil {
			continue
		}
		for j, path := range r.HTTP.Paths {
			field := fmt.Sprintf("spec.rules[%d].http.paths[%d]", i, j)
			if path.PathType == nil {
				return fmt.Errorf("%s.pathType: Required value: pathType must be specified", field)
			}
			if path.Path != "" && !strings.HasPrefix(path.Path, "/") || path.Path == "" && *path.PathType != networkingv1.PathTypeImplementationSpecific {
				return fmt.Errorf("%s.path: Invalid value: %q: must be an absolute path", field, path.Path)
			}
			if path.Backend.Service == nil && path.Backend.Resource == nil {
				return fmt.Errorf("%s.backend: Required value: port name or number is required", field)
			}
		}
	}
	return nil
}
