// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// State is all that was made in an account, for a file. Its JSON is read by the version that wrote it and
// by later ones; what follows from the settings alone (attributes known to AWS, subnets) is not in it. Lists
// are in the order of creation.
type State struct {
	Region  string   `json:"region"`
	Account string   `json:"account"` // 12 digits
	VPC     string   `json:"vpc"`
	Zones   []string `json:"zones"` // names
	// Serial is the last number that an ID was made from.
	Serial         int                      `json:"serial"`
	Instances      []Instance               `json:"instances"` // null until SetInstances
	SecurityGroups []ec2types.SecurityGroup `json:"securityGroups"`
	LoadBalancers  []savedLoadBalancer      `json:"loadBalancers"`
	Listeners      []savedListener          `json:"listeners"`
	Rules          []savedRule              `json:"rules"`
	TargetGroups   []savedTargetGroup       `json:"targetGroups"`
	Tags           []savedTags              `json:"tags"`
}

type savedLoadBalancer struct {
	SDK        types.LoadBalancer `json:"sdk"`
	Attributes map[string]string  `json:"attributes"`
	Addresses  []elb.Address      `json:"addresses,omitempty"`
	WebACL     string             `json:"webACL,omitempty"`
	ClassicACL string             `json:"classicACL,omitempty"`
	Protection string             `json:"protection,omitempty"`
	Capacity   int32              `json:"capacity,omitempty"`
}

type savedListener struct {
	SDK        types.Listener    `json:"sdk"`
	Extra      []string          `json:"extraCertificates,omitempty"`
	Attributes map[string]string `json:"attributes"`
}

type savedRule struct {
	SDK      types.Rule `json:"sdk"`
	Listener string     `json:"listener"`
}

type savedTargetGroup struct {
	SDK        types.TargetGroup `json:"sdk"`
	Attributes map[string]string `json:"attributes"`
	Targets    []savedTarget     `json:"targets,omitempty"`
}

type savedTarget struct {
	ID         string    `json:"id"`
	Port       int32     `json:"port"`
	Zone       string    `json:"zone,omitempty"`
	DrainsTill time.Time `json:"drainsTill,omitzero"`
}

type savedTags struct {
	ARN  string            `json:"arn"`
	Tags map[string]string `json:"tags"`
}

// State returns all that was made in the account so far. The answer is the caller's own.
func (a *AWS) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := State{Region: a.opts.Region, Account: a.opts.Account, VPC: a.opts.VPC, Zones: slices.Clone(a.opts.Zones), Serial: a.serial}
	if a.instances != nil {
		s.Instances = []Instance{}
	}
	for _, id := range slices.Sorted(maps.Keys(a.instances)) {
		s.Instances = append(s.Instances, clone(a.instances[id]))
	}
	for _, g := range a.groups.values() {
		s.SecurityGroups = append(s.SecurityGroups, clone(*g))
	}
	for _, lb := range a.lbs.values() {
		s.LoadBalancers = append(s.LoadBalancers, savedLoadBalancer{clone(lb.sdk), maps.Clone(lb.attributes.values), clone(lb.addresses), lb.webACL, lb.classicACL, lb.protection, lb.capacity})
	}
	for _, l := range a.listeners.values() {
		s.Listeners = append(s.Listeners, savedListener{clone(l.sdk), slices.Clone(l.extra), maps.Clone(l.attributes.values)})
	}
	for _, r := range a.rules.values() {
		s.Rules = append(s.Rules, savedRule{clone(r.sdk), r.listener})
	}
	for _, tg := range a.targets.values() {
		saved := savedTargetGroup{SDK: clone(tg.sdk), Attributes: maps.Clone(tg.attributes.values)}
		for _, t := range tg.targets {
			saved.Targets = append(saved.Targets, savedTarget{t.id, t.port, t.zone, t.drainsTill})
		}
		s.TargetGroups = append(s.TargetGroups, saved)
	}
	for _, t := range a.tags.values() {
		s.Tags = append(s.Tags, savedTags{t.arn, maps.Clone(t.tags)})
	}
	return s
}

// Restore puts a state in place of what the account holds. It refuses the state of another account, and one
// whose parts do not belong together.
func (a *AWS) Restore(s State) error {
	for _, x := range []struct{ what, saved, own string }{
		{"account %q", s.Account, a.opts.Account},
		{"region %q (--aws-region)", s.Region, a.opts.Region},
		{"VPC %q (--aws-vpc-id)", s.VPC, a.opts.VPC},
		{"zones %q (--zones)", strings.Join(s.Zones, ","), strings.Join(a.opts.Zones, ",")},
	} {
		if x.saved != x.own {
			return fmt.Errorf("it is of "+x.what+", and this account is of "+x.what, x.saved, x.own)
		}
	}
	if err := s.whole(); err != nil {
		return err
	}
	s = clone(s)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serial = s.Serial
	if s.Instances != nil {
		a.instances = make(map[string]Instance, len(s.Instances))
		for _, i := range s.Instances {
			a.instances[i.ID] = i
		}
	}
	for i := range s.SecurityGroups {
		a.groups.put(*s.SecurityGroups[i].GroupId, &s.SecurityGroups[i])
	}
	for _, x := range s.LoadBalancers {
		a.lbs.put(*x.SDK.LoadBalancerArn, &loadBalancer{
			sdk: x.SDK, addresses: x.Addresses, webACL: x.WebACL, classicACL: x.ClassicACL, protection: x.Protection, capacity: x.Capacity,
			attributes: restored(loadBalancerAttributes(x.SDK.Type, x.SDK.Scheme), x.Attributes),
		})
	}
	for _, x := range s.Listeners {
		a.listeners.put(*x.SDK.ListenerArn, &listener{
			sdk: x.SDK, extra: x.Extra, attributes: restored(listenerAttributes(x.SDK.Protocol), x.Attributes),
		})
	}
	for _, x := range s.Rules {
		a.rules.put(*x.SDK.RuleArn, &rule{sdk: x.SDK, listener: x.Listener})
	}
	for _, x := range s.TargetGroups {
		tg := &targetGroup{sdk: x.SDK, attributes: restored(targetGroupAttributes(x.SDK), x.Attributes)}
		a.targets.put(*x.SDK.TargetGroupArn, tg)
		for _, saved := range x.Targets {
			t := &target{id: saved.ID, port: saved.Port, zone: saved.Zone}
			tg.targets = append(tg.targets, t)
			if !saved.DrainsTill.IsZero() {
				a.drainTill(tg, t, saved.DrainsTill)
			}
		}
	}
	for _, x := range s.Tags {
		a.tags.put(x.ARN, &tagged{arn: x.ARN, tags: x.Tags})
	}
	a.notify()
	return nil
}

// restored are attributes with saved values. AWS's default holds for a key that a later version knows, and
// a value of a key that it does not know any more is dropped.
func restored(known map[string]attribute, values map[string]string) attributes {
	out := newAttributes(known)
	for k, v := range values {
		if _, ok := known[k]; ok {
			out.values[k] = v
		}
	}
	return out
}

// whole says what is wrong with a state whose parts do not belong together: the account's methods rely on it.
func (s State) whole() error {
	lbs, listeners := map[string]bool{}, map[string]bool{}
	for i, g := range s.SecurityGroups {
		if g.GroupId == nil {
			return fmt.Errorf("security group %d has no ID", i)
		}
	}
	for i, x := range s.LoadBalancers {
		if x.SDK.LoadBalancerArn == nil || x.SDK.LoadBalancerName == nil || x.SDK.State == nil {
			return fmt.Errorf("load balancer %d has no ARN, name or state", i)
		}
		lbs[*x.SDK.LoadBalancerArn] = true
	}
	for i, x := range s.Listeners {
		if x.SDK.ListenerArn == nil || x.SDK.LoadBalancerArn == nil || !lbs[*x.SDK.LoadBalancerArn] {
			return fmt.Errorf("listener %d has no ARN or is of no load balancer", i)
		}
		listeners[*x.SDK.ListenerArn] = true
	}
	for i, x := range s.Rules {
		if x.SDK.RuleArn == nil || x.SDK.Priority == nil || !listeners[x.Listener] {
			return fmt.Errorf("rule %d has no ARN or priority, or is of no listener", i)
		}
	}
	for i, x := range s.TargetGroups {
		if x.SDK.TargetGroupArn == nil || x.SDK.TargetGroupName == nil {
			return fmt.Errorf("target group %d has no ARN or name", i)
		}
	}
	return nil
}

// TargetGroupARNs returns the ARNs of all target groups, oldest first.
func (a *AWS) TargetGroupARNs() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return mapped(a.targets.values(), func(tg *targetGroup) string { return *tg.sdk.TargetGroupArn })
}
