// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package planner finds out what load balancers manifests become, without a cluster. It does what
// the API server would do to them (defaults, node ports, admission by the controller's webhooks),
// has the AWS Load Balancer Controller's own model builders and its own deployer build the load
// balancers in an in-memory account, and reads the account. So the plan and what runs are described
// by one function, and AWS's limits are AWS's errors. It never talks to a cluster or to AWS.
package planner

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/ingress"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
)

// Options say in what surroundings the plan is made.
type Options struct {
	Namespace string          // of objects that name none; "default" when empty
	Account   fakeaws.Options // the AWS account; UnknownPort is the planner's own
}

// The stages at which an object can be rejected.
const (
	admission = "admission"
	model     = "model"
	atAWS     = "AWS"
)

// plan is one run of the planner.
type plan struct {
	opts     Options
	former   *plan // the run before on the same account; nil for the first
	objects  []object
	places   map[string]int // in objects, by name
	aws      *fakeaws.AWS
	lbc      *controller
	created  int             // load balancers that were ever created in the account
	failed   map[string]bool // ARNs of load balancers that were begun and not finished
	result   elb.Plan
	refused  map[string]bool // objects that are not in the cluster
	services map[client.ObjectKey]bool
	unknown  *nodePorts // numbers that stand for node ports yet to be chosen

	badServices map[string]error
	handled     map[string]bool // objects that the controller makes load balancers of
	unclassed   map[string]bool // Services of type LoadBalancer without a class of their own

	groups    []ingress.GroupID
	members   map[ingress.GroupID][]string                // names of the Ingresses that a group has
	concerned map[ingress.GroupID][]*networkingv1.Ingress // with those that once were in it
	taken     []object                                    // Services with a load balancer
	leaving   map[ingress.GroupID][]string                // names of the Ingresses that a group had and that are deleted

	autoModeClasses, autoModeServices map[string]bool // those of EKS Auto Mode, by their names
}

// Make plans the load balancers of the objects. An error means that there is no answer; what the
// API server, the controller or AWS would refuse is part of the answer.
func Make(ctx context.Context, input []manifest.Object, opts Options) (elb.Plan, error) {
	p, err := run(ctx, input, opts, nil)
	if err != nil {
		return elb.Plan{}, err
	}
	defer p.aws.Close()
	for i := range p.result.LoadBalancers {
		withoutARNs(&p.result.LoadBalancers[i])
	}
	return p.result, nil
}

// run plans the objects on an account of their own, or on that of a run before.
func run(ctx context.Context, input []manifest.Object, opts Options, former *plan) (*plan, error) {
	if opts.Namespace == "" {
		opts.Namespace = "default"
	}
	p := &plan{
		opts: opts, former: former, places: map[string]int{}, failed: map[string]bool{}, refused: map[string]bool{}, services: map[client.ObjectKey]bool{},
		handled: map[string]bool{}, unclassed: map[string]bool{}, autoModeClasses: map[string]bool{}, autoModeServices: map[string]bool{},
		members: map[ingress.GroupID][]string{}, concerned: map[ingress.GroupID][]*networkingv1.Ingress{}, leaving: map[ingress.GroupID][]string{},
		result: elb.Plan{LoadBalancers: []elb.LoadBalancer{}, Rejections: []elb.Rejection{}, Warnings: []elb.Warning{}},
	}
	if err := p.decode(input); err != nil {
		return nil, err
	}
	p.badServices = p.checkServices()
	p.completeServices()
	if former != nil {
		p.aws, p.created = former.aws, former.created
	} else {
		opts.Account.UnknownPort = p.unknown.isGiven
		p.aws = fakeaws.New(opts.Account)
	}
	var err error
	if p.lbc, err = newController(p.aws, p.surroundings()); err != nil {
		return nil, fmt.Errorf("set up the load balancer controller: %w", err)
	}
	p.admit(ctx)
	if former != nil {
		p.keepRefused()
	}
	p.groupIngresses(ctx)
	p.takeServices()
	if former != nil {
		p.deleteIngresses()
		p.removeStacks(ctx)
	}
	p.buildIngresses(ctx)
	p.buildServices(ctx)
	p.result.LoadBalancers = append(p.result.LoadBalancers, p.describe()...)
	p.warn()
	p.sort()
	return p, nil
}

// describe reads the account, leaving out load balancers that were not finished and what only a
// running simulator knows, but for ARNs.
func (p *plan) describe() []elb.LoadBalancer {
	ingresses, services := p.stacks()
	out := slices.DeleteFunc(p.aws.LoadBalancers(), func(lb elb.LoadBalancer) bool { return p.failed[lb.ARN] })
	for i := range out {
		lb := &out[i]
		// A Network Load Balancer is a Service's, or stands before the Application Load Balancer of Ingresses.
		if service, ok := services[lb.Stack]; ok && lb.Type == elb.Network {
			lb.Objects = []string{service}
		} else {
			lb.Objects = slices.Sorted(slices.Values(ingresses[lb.Stack]))
		}
		lb.DNSName, lb.State, lb.Addresses = "", "", p.aws.AskedAddresses(lb.ARN)
		for j := range lb.TargetGroups {
			lb.TargetGroups[j].Targets = nil
		}
	}
	return out
}

// stacks returns the names of Ingresses and Services by the stack that they are built as.
func (p *plan) stacks() (ingresses map[string][]string, services map[string]string) {
	ingresses, services = map[string][]string{}, map[string]string{}
	for id, names := range p.members {
		ingresses[id.String()] = names
	}
	for _, o := range p.taken {
		services[client.ObjectKeyFromObject(o.Object).String()] = o.name
	}
	return ingresses, services
}

func withoutARNs(lb *elb.LoadBalancer) {
	lb.ARN = ""
	for i := range lb.TargetGroups {
		lb.TargetGroups[i].ARN = ""
	}
}

func (p *plan) sort() {
	slices.SortStableFunc(p.result.Rejections, func(x, y elb.Rejection) int { return cmp.Compare(x.Object, y.Object) })
	slices.SortStableFunc(p.result.Warnings, func(x, y elb.Warning) int {
		return cmp.Or(cmp.Compare(x.Object, y.Object), cmp.Compare(x.Message, y.Message))
	})
}

func (p *plan) reject(name, stage, format string, args ...any) {
	p.result.Rejections = append(p.result.Rejections, elb.Rejection{Object: name, Stage: stage, Message: cured(fmt.Sprintf(format, args...))})
}

func (p *plan) warning(name, format string, args ...any) {
	p.result.Warnings = append(p.result.Warnings, elb.Warning{Object: name, Message: fmt.Sprintf(format, args...)})
}
