// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	ctrlerrors "sigs.k8s.io/aws-load-balancer-controller/pkg/error"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/ingress"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/model/core"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// stageError is a refusal with the stage that says so.
type stageError struct {
	stage string
	err   error
}

func (e *stageError) Error() string { return e.err.Error() }

func at(stage string, err error) error {
	if err == nil {
		return nil
	}
	// LBC's own wrapper hides what it wraps.
	var measured *ctrlerrors.ErrorWithMetrics
	for errors.As(err, &measured) {
		err = measured.Err
		measured = nil
	}
	var called *smithy.OperationError // of any AWS operation, also one that the SDK itself refuses
	if errors.As(err, &called) {
		stage = atAWS
	}
	return &stageError{stage, err}
}

// stageOf is the stage that an error names, or else the model's: there the controller's panics are.
func stageOf(err error) string {
	var staged *stageError
	if errors.As(err, &staged) {
		return staged.stage
	}
	return model
}

func (p *plan) rejectErr(name string, err error) {
	p.reject(name, stageOf(err), "%s", strings.TrimPrefix(err.Error(), "ingress: "+strings.TrimPrefix(name, "Ingress ")+": "))
}

// built runs f, which may create load balancers of an object (nil: of a group), and remembers those it
// began when it fails.
func (p *plan) built(o client.Object, f func() error) error {
	err := guarded(o, f)
	created := p.aws.CreatedLoadBalancers(p.created)
	p.created += len(created)
	if err != nil {
		for _, arn := range created {
			p.failed[arn] = true
		}
	}
	return err
}

// groupIngresses finds the load balancers of Ingresses: one for each group; most groups have one member.
func (p *plan) groupIngresses(ctx context.Context) {
	groups := p.lbc.groups(p.lbc.cluster)
	for _, o := range p.objects {
		ing, ok := o.Object.(*networkingv1.Ingress)
		if !ok || p.refused[o.name] {
			continue
		}
		former := groups.LoadGroupIDsPendingFinalization(ctx, ing)
		for _, id := range former {
			p.concerned[id] = append(p.concerned[id], ing)
		}
		var id *ingress.GroupID
		if err := guarded(ing, func() (err error) {
			id, err = groups.LoadGroupIDIfAny(ctx, ing)
			return err
		}); err != nil {
			p.rejectErr(o.name, at(model, err))
			continue
		}
		if id == nil {
			if class := classOf(ing); class != "" {
				p.warning(o.name, "passed over: its class %q is another controller's", class)
			} else {
				p.warning(o.name, "passed over: it names no class, and no IngressClass of the manifests is the default; set spec.ingressClassName: alb")
			}
			continue
		}
		p.handled[o.name] = true
		if p.members[*id] == nil {
			p.groups = append(p.groups, *id)
		}
		p.members[*id] = append(p.members[*id], o.name)
		if !slices.Contains(former, *id) {
			p.concerned[*id] = append(p.concerned[*id], ing)
		}
	}
}

// buildIngresses builds the load balancer of each group.
func (p *plan) buildIngresses(ctx context.Context) {
	for _, id := range p.groups {
		if err := p.built(nil, func() error { return p.buildGroup(ctx, id, p.concerned[id]) }); err != nil {
			p.rejectGroup(ctx, id, p.members[id], err)
		}
	}
}

// model has the controller make the resources of a group whose members are among these Ingresses.
func (p *plan) model(ctx context.Context, id ingress.GroupID, concerned []*networkingv1.Ingress) (core.Stack, error) {
	loaded, err := p.lbc.groups(group{p.lbc.cluster, concerned}).Load(ctx, id)
	if err != nil {
		return nil, at(model, err)
	}
	stack, _, _, _, _, _, err := p.lbc.ingressModel.Build(ctx, loaded, p.lbc.metrics)
	return stack, at(model, err)
}

func (p *plan) buildGroup(ctx context.Context, id ingress.GroupID, concerned []*networkingv1.Ingress) error {
	stack, err := p.model(ctx, id, concerned)
	if err != nil {
		return err
	}
	return at(model, p.lbc.ingressStack.Deploy(ctx, stack, p.lbc.metrics, "ingress"))
}

var culprit = regexp.MustCompile(`(?i)\bingress: ([a-z0-9.-]+/[a-z0-9.-]+)`)

// rejectGroup rejects every member: one bad member stops the whole group.
func (p *plan) rejectGroup(ctx context.Context, id ingress.GroupID, members []string, err error) {
	bad := p.culprits(ctx, id, slices.Concat(members, p.leaving[id]), err)
	if who := whoSays(p.concerned[id], err); who != "" {
		err = fmt.Errorf("%w %s", err, who)
	}
	for _, name := range members {
		if len(bad) == 0 || slices.Contains(bad, name) {
			p.rejectErr(name, err)
			continue
		}
		p.reject(name, stageOf(err), "its group %q is not built because of %s", id.Name, strings.Join(bad, ", "))
	}
	for _, name := range bad {
		if slices.Contains(p.leaving[id], name) {
			p.rejectErr(name, err)
		}
	}
	others := slices.DeleteFunc(slices.Clone(members), func(name string) bool { return len(bad) == 0 || slices.Contains(bad, name) })
	for _, name := range bad {
		if len(others) > 0 {
			p.warning(name, "it holds up all of its group %q: no change of %s reaches AWS until it is right; correct it, or take it out of the group", id.Name, strings.Join(others, ", "))
		}
	}
}

// culprits names the members of a group that an error is about: the one that it names, or those whose
// model fails with the same words when they are alone. None means that it is about the group.
func (p *plan) culprits(ctx context.Context, id ingress.GroupID, members []string, err error) []string {
	if m := culprit.FindStringSubmatch(err.Error()); m != nil {
		return []string{"Ingress " + m[1]}
	}
	var out []string
	for _, ing := range p.concerned[id] {
		name := "Ingress " + ing.Namespace + "/" + ing.Name
		alone := guarded(ing, func() error {
			_, err := p.model(ctx, id, []*networkingv1.Ingress{ing})
			return err
		})
		if slices.Contains(members, name) && alone != nil && alone.Error() == err.Error() {
			out = append(out, name)
		}
	}
	return out
}

// takeServices finds the Services that the controller takes.
func (p *plan) takeServices() {
	for _, o := range p.objects {
		svc, ok := o.Object.(*corev1.Service)
		if !ok || p.refused[o.name] {
			continue
		}
		if p.lbc.services.IsServiceSupported(svc) {
			p.handled[o.name] = true
			p.taken = append(p.taken, o)
			continue
		}
		switch class := svc.Spec.LoadBalancerClass; {
		case svc.Spec.Type != corev1.ServiceTypeLoadBalancer:
			if p.former != nil && p.former.handled[o.name] {
				p.warning(o.name, "passed over: its type is now %s, of which no load balancer is made", svc.Spec.Type)
			}
		case class != nil:
			p.warning(o.name, "passed over: its class %q is another controller's", *class)
		default: // its type has become LoadBalancer: see admitService
			p.warning(o.name, "passed over: it has no class, because the controller's webhook gives one to a Service that is made and to none whose type changes; set spec.loadBalancerClass: service.k8s.aws/nlb")
		}
	}
}

// buildServices builds a Network Load Balancer for each of them.
func (p *plan) buildServices(ctx context.Context) {
	for _, o := range p.taken {
		if err := p.built(o.Object, func() error { return p.buildService(ctx, client.ObjectKeyFromObject(o)) }); err != nil {
			p.rejectErr(o.name, err)
		}
	}
}

func (p *plan) buildService(ctx context.Context, key client.ObjectKey) error {
	current := &corev1.Service{}
	if err := p.lbc.cluster.Get(ctx, key, current); err != nil {
		return fmt.Errorf("read Service: %w", err)
	}
	stack, _, _, err := p.lbc.serviceModel.Build(ctx, current, p.lbc.metrics)
	if err != nil {
		return at(model, err)
	}
	return at(model, p.lbc.serviceStack.Deploy(ctx, stack, p.lbc.metrics, "service"))
}
