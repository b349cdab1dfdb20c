// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/model/core"
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

// keepRefused puts the old form of refused objects in their place: kubectl apply leaves it in the cluster.
func (p *plan) keepRefused() {
	old := map[string]object{}
	for _, o := range p.former.objects {
		if !p.former.refused[o.name] {
			old[o.name] = o
		}
	}
	for i, o := range p.objects {
		was, existed := old[o.name]
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
		names := p.former.members[id]
		if p.members[id] == nil && !refused(names...) {
			p.remove(names[0], func() error {
				return p.lbc.ingressStack.Deploy(ctx, core.NewDefaultStack(core.StackID(id)), p.lbc.metrics, "ingress")
			})
		}
	}
	for _, o := range p.former.taken {
		if !p.handled[o.name] && !refused(o.name) {
			p.remove(o.name, func() error {
				id := core.StackID(client.ObjectKeyFromObject(o.Object))
				return p.lbc.serviceStack.Deploy(ctx, core.NewDefaultStack(id), p.lbc.metrics, "service")
			})
		}
	}
}

// remove deploys a stack without anything in it, which is how the controller deletes.
func (p *plan) remove(name string, deploy func() error) {
	if err := p.built(nil, deploy); err != nil {
		p.rejectErr(name, at(model, err))
	}
}
