// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/shared_constants"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
)

// Change plans the old objects, and then the new ones on the account that results, as the controller would do it
// when they are applied over the old ones: what keeps its ARN was changed in place, what has another was replaced.
// Both answers have ARNs. An object that the API server refuses stays in its old form. fresh is the plan of the new
// objects on an empty account, without ARNs: where after differs from it, the controller leaves something as it was.
func Change(ctx context.Context, old, now []manifest.Object, opts Options) (before, after, fresh elb.Plan, err error) {
	p, err := run(ctx, old, opts, nil)
	if err != nil {
		return before, after, fresh, err
	}
	defer p.aws.Close()
	q, err := run(ctx, now, opts, p)
	if err != nil {
		return before, after, fresh, err
	}
	fresh, err = Make(ctx, now, opts)
	return p.result, q.result, fresh, err
}

// existing is an object as the plan before left it in the cluster, and whether it did.
func (p *plan) existing(name string) (object, bool) {
	if p.former == nil || p.former.refused[name] {
		return object{}, false
	}
	return p.former.object(name)
}

// admitService gives a Service its class. The controller's webhook is asked for Services that are made, not for those
// that change (its chart, serviceMutatorWebhookConfig), and the API server lets no class be changed (Kubernetes,
// pkg/apis/core/validation, validateLoadBalancerClassField).
func (p *plan) admitService(ctx context.Context, name string, s *corev1.Service) error {
	p.unclassed[name] = s.Spec.LoadBalancerClass == nil
	existing, existed := p.existing(name)
	if !existed {
		_, err := p.lbc.serviceMutator.MutateCreate(ctx, s)
		return err
	}
	was := existing.Object.(*corev1.Service)
	if s.Spec.Type != corev1.ServiceTypeLoadBalancer || was.Spec.Type != corev1.ServiceTypeLoadBalancer {
		return nil
	}
	if p.unclassed[name] && p.former.unclassed[name] {
		s.Spec.LoadBalancerClass = was.Spec.LoadBalancerClass // manifests that never named it leave it alone
		return nil
	}
	if before, now := aws.ToString(was.Spec.LoadBalancerClass), aws.ToString(s.Spec.LoadBalancerClass); before != now {
		return fmt.Errorf("spec.loadBalancerClass: Invalid value: %q: may not change once set; it is %q: write that, or delete the Service and make it again", now, before)
	}
	return nil
}

// deletion is any time: that it is set is what counts.
var deletion = metav1.Unix(1, 0)

// deleteIngresses gives to each group those that were in it and are gone, as the controller finds them: marked as deleted
// and held by its finalizer until it is done. It refuses to be done with one whose annotation asks for deletion protection.
func (p *plan) deleteIngresses() {
	for _, id := range p.former.groups {
		finalizer := shared_constants.ImplicitGroupFinalizer
		if id.IsExplicit() {
			finalizer = shared_constants.ExplicitGroupFinalizerPrefix + id.Name
		}
		for _, name := range p.former.members[id] {
			if _, here := p.object(name); here {
				continue
			}
			was, _ := p.former.object(name) // a member of a group was not refused
			gone := was.DeepCopyObject().(*networkingv1.Ingress)
			gone.DeletionTimestamp, gone.Finalizers = &deletion, append(gone.Finalizers, finalizer)
			p.concerned[id] = append(p.concerned[id], gone)
			p.leaving[id] = append(p.leaving[id], name)
		}
	}
}

// keepRefused puts the old form of refused objects in their place: kubectl apply leaves it in the cluster.
func (p *plan) keepRefused() {
	for i, o := range p.objects {
		was, existed := p.existing(o.name)
		if !p.refused[o.name] || !existed {
			continue
		}
		p.objects[i] = was
		delete(p.refused, o.name)
		p.lbc.cluster.add(was.Object)
		if service, ok := was.Object.(*corev1.Service); ok {
			p.services[client.ObjectKeyFromObject(service)] = true
		}
	}
}

// removeStacks has the controller delete what nothing asks for any more. It does so before anything new is built: on
// a cluster the two race, and what is new waits where a name is still in use.
func (p *plan) removeStacks(ctx context.Context) {
	refused := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return p.refused[name] })
	}
	for _, id := range p.former.groups {
		if p.members[id] != nil || refused(p.former.members[id]...) {
			continue
		}
		if err := p.built(nil, func() error { return p.buildGroup(ctx, id, p.concerned[id]) }); err != nil {
			p.rejectGroup(ctx, id, nil, err)
		}
	}
	for _, o := range p.former.taken {
		if p.handled[o.name] || refused(o.name) {
			continue
		}
		if err := p.built(o.Object, func() error { return p.finalizeService(ctx, o) }); err != nil {
			p.rejectErr(o.name, err)
		}
	}
}

// finalizeService has the controller part with a Service that is deleted, or that asks for no load balancer any more.
func (p *plan) finalizeService(ctx context.Context, was object) error {
	service := was.DeepCopyObject().(*corev1.Service)
	service.DeletionTimestamp = &deletion
	if now, here := p.object(was.name); here {
		service = now.DeepCopyObject().(*corev1.Service)
	}
	service.Finalizers = append(service.Finalizers, shared_constants.ServiceFinalizer)
	stack, _, _, err := p.lbc.serviceModel.Build(ctx, service, p.lbc.metrics)
	if err != nil {
		return at(model, err)
	}
	return at(model, p.lbc.serviceStack.Deploy(ctx, stack, p.lbc.metrics, "service"))
}
