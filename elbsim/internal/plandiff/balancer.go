// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plandiff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/elbtext"
)

func created(lb elb.LoadBalancer) Change {
	return Change{Action: Create, Type: lb.Type, Stack: lb.Stack, Details: parts(elb.LoadBalancer{}, lb)}
}

func updated(old, lb elb.LoadBalancer) Change {
	c := Change{Action: Update, Type: lb.Type, Stack: lb.Stack, Details: parts(old, lb)}
	for _, d := range c.Details {
		if d.Traffic != "" && !slices.Contains(c.Traffic, d.Traffic) {
			c.Traffic = append(c.Traffic, d.Traffic)
		}
	}
	return c
}

// replacement is what clients notice of one: the controller deletes before it creates (LBC
// pkg/deploy/elbv2/load_balancer_synthesizer.go).
const replacement = "the old load balancer is deleted before the new one is made: its DNS name and addresses stop answering at once; " +
	"clients get through again when the new one is active, its targets are healthy and DNS records point to its new name (minutes)"

// regrouping is what clients notice when an Ingress moves to another group, or a Service takes its place: the two are
// reconciled apart.
const regrouping = "the controller deletes the old load balancer and makes the new one in no fixed order: the old DNS name and addresses stop answering; " +
	"clients get through again when the new one is active, its targets are healthy and DNS records point to its new name (minutes)"

func replaced(old, lb elb.LoadBalancer) Change {
	c := Change{Action: Replace, Type: lb.Type, Stack: lb.Stack, Traffic: []string{replacement}, Details: parts(old, lb)}
	if old.Type != lb.Type {
		c.Traffic = []string{regrouping}
		c.Reasons = append(c.Reasons, fmt.Sprintf("type: %s → %s (%s → %s)", old.Type, lb.Type, strings.Join(old.Objects, ", "), strings.Join(lb.Objects, ", ")))
	}
	if old.Stack != lb.Stack {
		c.From, c.Traffic = old.Stack, []string{regrouping}
		if old.Type == lb.Type {
			c.Reasons = append(c.Reasons, fmt.Sprintf("group: %s → %s; a load balancer belongs to one group", group(old), group(lb)))
		}
	}
	if old.Scheme != lb.Scheme {
		c.Reasons = append(c.Reasons, fmt.Sprintf("scheme: %s → %s; AWS cannot change it", old.Scheme, lb.Scheme))
	}
	if len(c.Reasons) == 0 {
		c.Reasons = append(c.Reasons, "the controller deletes the old one and makes another")
	}
	return c.withProtection(old)
}

// group names the Ingress group of a load balancer; a stack with a namespace is an object of its own.
func group(lb elb.LoadBalancer) string {
	if strings.Contains(lb.Stack, "/") {
		return "none (" + lb.Stack + ")"
	}
	return lb.Stack
}

// passedOver begins the warnings of package planner that say why the controller makes nothing of an object.
const passedOver = "passed over: "

// removed is a load balancer that the new manifests do not have: because nothing asks for it any more, or because
// what asks for it is rejected, and then it stays.
func removed(lb elb.LoadBalancer, after elb.Plan) Change {
	c := Change{Action: Delete, Type: lb.Type, Stack: lb.Stack}
	if len(rejections(lb, after)) > 0 {
		return kept(lb, lb, after)
	}
	c.Traffic = []string{"its DNS name and addresses stop answering at once"}
	for _, other := range after.LoadBalancers {
		switch {
		case !shares(lb, other):
		case other.Stack == lb.Stack:
			c.Reasons = append(c.Reasons, fmt.Sprintf("no longer asked for beside the %s load balancer of %s", other.Type, strings.Join(other.Objects, ", ")))
		default:
			c.Reasons = append(c.Reasons, fmt.Sprintf("group: %s → %s, whose load balancer takes over", group(lb), group(other)))
		}
	}
	for _, w := range after.Warnings {
		if slices.Contains(lb.Objects, w.Object) && strings.HasPrefix(w.Message, passedOver) {
			c.Reasons = append(c.Reasons, w.Object+": "+w.Message)
		}
	}
	if len(c.Reasons) == 0 {
		c.Reasons = []string{"no longer asked for: " + strings.Join(lb.Objects, ", ")}
	}
	return c.withProtection(lb)
}

// rejections says which of the objects that a load balancer is made from are rejected.
func rejections(lb elb.LoadBalancer, after elb.Plan) (out []string) {
	for _, r := range after.Rejections {
		if slices.Contains(lb.Objects, r.Object) {
			out = append(out, fmt.Sprintf("%s is rejected (%s); until that is mended the load balancer follows no change", r.Object, r.Stage))
		}
	}
	return out
}

// kept is a load balancer that a rejection freezes: as it was, or half way where AWS refused a step.
func kept(old, lb elb.LoadBalancer, after elb.Plan) Change {
	return Change{Action: Keep, Type: lb.Type, Stack: lb.Stack, Reasons: rejections(owned(lb, old), after), Details: parts(old, lb)}
}

// withProtection says that deletion protection protects from the controller as little as from kubectl delete.
func (c Change) withProtection(old elb.LoadBalancer) Change {
	if old.Attributes["deletion_protection.enabled"] == "true" {
		c.Reasons = append(c.Reasons, "deletion protection does not stop this: the controller switches it off and deletes")
	}
	return c
}

// parts compares everything in the order of a printed plan.
func parts(old, lb elb.LoadBalancer) []Detail {
	var d details
	d.text("type", string(old.Type), string(lb.Type), "")
	d.text("scheme", old.Scheme, lb.Scheme, "")
	d.text("name", old.Name, lb.Name, "")
	d.text("IP address type", old.IPAddressType, lb.IPAddressType, "")
	d.set("zone", old.Zones, lb.Zones, "clients that still use the address in that zone get no answer")
	d.addresses(old.Addresses, lb.Addresses)
	d.attributes("", old.Attributes, lb.Attributes)
	d.pairs("tag ", old.Tags, lb.Tags, "")
	d.text("web ACL", old.WebACL, lb.WebACL, "")
	d.listeners(old, lb)
	d.targetGroups(old, lb)
	d.securityGroups(old.SecurityGroups, lb.SecurityGroups)
	return d
}

// addresses compares what was asked for in each zone.
func (d *details) addresses(old, now []elb.Address) {
	was, is := map[string]string{}, map[string]string{}
	for _, a := range old {
		was[a.Zone] = elbtext.Asked(a)
	}
	for _, a := range now {
		is[a.Zone] = elbtext.Asked(a)
	}
	d.pairs("address in ", was, is, "")
}

// securityGroups compares which groups are attached and whom they let in.
func (d *details) securityGroups(old, now []elb.SecurityGroup) {
	ids := func(groups []elb.SecurityGroup) (out []string) {
		for _, g := range groups {
			if g.Managed {
				out = append(out, "(managed by the controller)")
			} else {
				out = append(out, g.ID)
			}
		}
		return out
	}
	rules := func(groups []elb.SecurityGroup) (out []string) {
		for _, g := range groups {
			for _, r := range g.Inbound {
				if text := elbtext.Inbound(r); !slices.Contains(out, text) {
					out = append(out, text)
				}
			}
		}
		return out
	}
	d.set("security group", ids(old), ids(now), "")
	d.set("inbound", rules(old), rules(now), "clients that only this rule let in get no answer")
}
