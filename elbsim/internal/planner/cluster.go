// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/apis/elbv2/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// cluster is what the controller sees of a cluster that holds the objects of the plan. It is as much of
// a client as the controller's model builders and deployers call; any other call panics, which rejects
// the object. All it returns are copies.
type cluster struct {
	client.Client // nil

	namespaces map[client.ObjectKey]*corev1.Namespace
	secrets    map[client.ObjectKey]*corev1.Secret
	services   map[client.ObjectKey]*corev1.Service
	classes    map[client.ObjectKey]*networkingv1.IngressClass
	params     map[client.ObjectKey]*elbv2api.IngressClassParams
	bindings   map[client.ObjectKey]*elbv2api.TargetGroupBinding
	byLabel    map[string][]*elbv2api.TargetGroupBinding // "key=value"
}

func newCluster() *cluster {
	return &cluster{
		namespaces: map[client.ObjectKey]*corev1.Namespace{},
		secrets:    map[client.ObjectKey]*corev1.Secret{},
		services:   map[client.ObjectKey]*corev1.Service{},
		classes:    map[client.ObjectKey]*networkingv1.IngressClass{},
		params:     map[client.ObjectKey]*elbv2api.IngressClassParams{},
		bindings:   map[client.ObjectKey]*elbv2api.TargetGroupBinding{},
		byLabel:    map[string][]*elbv2api.TargetGroupBinding{},
	}
}

// add takes in an object of the plan; what is read by no one is left out.
func (c *cluster) add(o client.Object) {
	key := client.ObjectKeyFromObject(o)
	switch x := o.(type) {
	case *corev1.Namespace:
		c.namespaces[key] = x.DeepCopy()
	case *corev1.Secret:
		c.secrets[key] = x.DeepCopy()
	case *corev1.Service:
		c.services[key] = x.DeepCopy()
	case *networkingv1.IngressClass:
		c.classes[key] = x.DeepCopy()
	case *elbv2api.IngressClassParams:
		c.params[key] = x.DeepCopy()
	}
}

// Get reads an object, or returns the API server's NotFound.
func (c *cluster) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	switch x := into.(type) {
	case *corev1.Namespace:
		return read(c.namespaces, key, x, "namespaces")
	case *corev1.Secret:
		return read(c.secrets, key, x, "secrets")
	case *corev1.Service:
		return read(c.services, key, x, "services")
	case *networkingv1.IngressClass:
		return read(c.classes, key, x, "ingressclasses.networking.k8s.io")
	case *elbv2api.IngressClassParams:
		return read(c.params, key, x, "ingressclassparams.elbv2.k8s.aws")
	case *elbv2api.TargetGroupBinding:
		return read(c.bindings, key, x, "targetgroupbindings.elbv2.k8s.aws")
	}
	return fmt.Errorf("a plan has no objects of type %T", into)
}

func read[T any, P interface {
	*T
	DeepCopyInto(*T)
}](from map[client.ObjectKey]P, key client.ObjectKey, into P, resource string) error {
	found, ok := from[key]
	if !ok {
		return apierrors.NewNotFound(schema.ParseGroupResource(resource), key.Name)
	}
	found.DeepCopyInto(into)
	return nil
}

// List lists classes and, by their labels, TargetGroupBindings.
func (c *cluster) List(_ context.Context, into client.ObjectList, opts ...client.ListOption) error {
	var asked client.ListOptions
	asked.ApplyOptions(opts)
	switch x := into.(type) {
	case *networkingv1.IngressClassList:
		for class := range maps.Values(c.classes) {
			x.Items = append(x.Items, *class.DeepCopy())
		}
		return nil
	case *elbv2api.TargetGroupBindingList:
		for _, b := range c.labelled(asked.LabelSelector) {
			if asked.LabelSelector.Matches(labels.Set(b.Labels)) {
				x.Items = append(x.Items, *b.DeepCopy())
			}
		}
		return nil
	}
	return fmt.Errorf("a plan has no list of type %T", into)
}

// labelled returns the bindings that a selector of equalities can match: those of its rarest label.
func (c *cluster) labelled(s labels.Selector) []*elbv2api.TargetGroupBinding {
	requirements, _ := s.Requirements()
	var rarest []*elbv2api.TargetGroupBinding
	for i, r := range requirements {
		for value := range r.Values() { // an equality has one
			if found := c.byLabel[r.Key()+"="+value]; i == 0 || len(found) < len(rarest) {
				rarest = found
			}
		}
	}
	return rarest
}

// Create takes in a TargetGroupBinding, the only object that the deployers make.
func (c *cluster) Create(_ context.Context, o client.Object, _ ...client.CreateOption) error {
	b, ok := o.(*elbv2api.TargetGroupBinding)
	if !ok {
		return fmt.Errorf("a plan creates no objects of type %T", o)
	}
	key := client.ObjectKeyFromObject(b)
	if c.bindings[key] != nil {
		return apierrors.NewAlreadyExists(schema.ParseGroupResource("targetgroupbindings.elbv2.k8s.aws"), b.Name)
	}
	b = b.DeepCopy()
	c.bindings[key] = b
	for k, v := range b.Labels {
		c.byLabel[k+"="+v] = append(c.byLabel[k+"="+v], b)
	}
	return nil
}

// group is the cluster as the controller's group loader is to see it: with no Ingresses but those that
// can concern one group. Else each group would look at all Ingresses.
type group struct {
	*cluster
	members []*networkingv1.Ingress
}

// List lists Ingresses, and else what the cluster lists.
func (g group) List(ctx context.Context, into client.ObjectList, opts ...client.ListOption) error {
	x, ok := into.(*networkingv1.IngressList)
	if !ok {
		return g.cluster.List(ctx, into, opts...)
	}
	for _, ing := range g.members {
		x.Items = append(x.Items, *ing.DeepCopy())
	}
	return nil
}
