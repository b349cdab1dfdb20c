// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package plandiff says what changes between two plans of the same account: what is made, changed in place,
// replaced and deleted, why, and what that does to traffic. It compares descriptions (package elb) whose ARNs
// say what AWS still has: a load balancer or target group that keeps its ARN was changed in place. It builds
// nothing and knows no manifests.
package plandiff

import (
	"cmp"
	"slices"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Action is what happens to a load balancer or to a part of one.
type Action string

// The actions. Keep is a load balancer that stays as it was because what it is made from is rejected.
const (
	Create  Action = "create"
	Update  Action = "update"
	Replace Action = "replace"
	Delete  Action = "delete"
	Keep    Action = "keep"
)

// Diff is the answer of `elbsim plan --diff -o json`.
type Diff struct {
	Changes []Change `json:"changes"` // by stack; load balancers that do not change are left out
	// Rejections and Warnings are those of the new manifests.
	Rejections []elb.Rejection `json:"rejections"`
	Warnings   []elb.Warning   `json:"warnings"`
}

// Change is what happens to one load balancer.
type Change struct {
	Action Action   `json:"action"`
	Type   elb.Type `json:"type"`
	Stack  string   `json:"stack"` // after the change; before it, for delete and keep
	// From is the stack that the load balancer replaces, where it is another one.
	From string `json:"from,omitempty"`
	// Reasons say why it is replaced, deleted or kept, one thing each.
	Reasons []string `json:"reasons,omitempty"`
	// Traffic says what clients notice; empty when they notice nothing.
	Traffic []string `json:"traffic,omitempty"`
	Details []Detail `json:"details,omitempty"` // in the order in which a plan prints them
}

// Detail is one thing that is different. Old is empty for create, New for delete.
type Detail struct {
	Action Action `json:"action"`
	// What names the part: "scheme", "attribute idle_timeout.timeout_seconds", "listener HTTPS 443: certificate" …
	What string `json:"what"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
	// Traffic says what clients notice; empty when they notice nothing.
	Traffic string `json:"traffic,omitempty"`
}

// identity is a load balancer as its owner knows it. One stack may have an ALB and an NLB before it.
type identity struct {
	stack string
	kind  elb.Type
}

func of(lb elb.LoadBalancer) identity { return identity{lb.Stack, lb.Type} }

// Compare returns what differs between the account before and after. What after rejects keeps the load balancer
// that it has.
func Compare(before, after elb.Plan) Diff {
	d := Diff{Changes: []Change{}, Rejections: after.Rejections, Warnings: after.Warnings}
	old, gone := match(before.LoadBalancers, after.LoadBalancers, of)
	for _, lb := range after.LoadBalancers {
		was, known := old[of(lb)]
		successor := false
		if !known {
			if i := predecessor(gone, lb); i >= 0 {
				was, successor = gone[i], true
				gone = slices.Delete(gone, i, i+1)
			}
		}
		switch {
		case successor:
			d.add(replaced(was, lb))
		case !known:
			d.add(created(lb))
		case was.ARN != lb.ARN:
			d.add(replaced(was, lb))
		case len(rejections(owned(lb, was), after)) > 0:
			d.add(kept(was, lb, after))
		default:
			d.add(updated(was, lb))
		}
	}
	for _, lb := range gone {
		d.add(removed(lb, after))
	}
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Stack, b.Stack), cmp.Compare(a.Type, b.Type))
	})
	return d
}

// match indexes what was, and returns what of it is gone: without a part of the same key in what is now.
func match[T any, K comparable](was, now []T, key func(T) K) (old map[K]T, gone []T) {
	old, stays := make(map[K]T, len(was)), make(map[K]bool, len(now))
	for _, part := range now {
		stays[key(part)] = true
	}
	for _, part := range was {
		k := key(part)
		old[k] = part
		if !stays[k] {
			gone = append(gone, part)
		}
	}
	return old, gone
}

// add keeps a change that is one.
func (d *Diff) add(c Change) {
	if c.Action != Update || len(c.Details) > 0 {
		d.Changes = append(d.Changes, c)
	}
}

// Any tells whether anything at AWS changes.
func (d Diff) Any() bool {
	return slices.ContainsFunc(d.Changes, func(c Change) bool { return c.Action != Keep })
}

// predecessor finds the load balancer, of those that go, in whose place a new one comes: made from the same object, or of
// the same name but of the other type. -1 is none.
func predecessor(gone []elb.LoadBalancer, lb elb.LoadBalancer) int {
	i := slices.IndexFunc(gone, func(g elb.LoadBalancer) bool { return g.Type == lb.Type && shares(g, lb) })
	if i < 0 {
		i = slices.IndexFunc(gone, func(g elb.LoadBalancer) bool { return g.Type != lb.Type && g.Stack == lb.Stack })
	}
	return i
}

// owned is a load balancer with the objects that it is made from; those that it was made from, if all of them are gone
// and it is not.
func owned(lb, was elb.LoadBalancer) elb.LoadBalancer {
	if len(lb.Objects) == 0 {
		lb.Objects = was.Objects
	}
	return lb
}

// shares tells whether two load balancers are made from an object in common.
func shares(a, b elb.LoadBalancer) bool {
	return slices.ContainsFunc(a.Objects, func(object string) bool { return slices.Contains(b.Objects, object) })
}
