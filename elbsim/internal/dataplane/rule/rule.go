// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package rule

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Set is the compiled rules of a listener. A is what the caller made of a rule's actions.
type Set[A any] struct {
	rules    []compiled[A]
	fallback A
}

type compiled[A any] struct {
	conditions []condition
	action     A
}

// Compile compiles rules and default actions; action turns each rule's actions and transforms into what Match returns.
// The default actions are those of a rule of priority 0.
func Compile[A any](rules []elb.Rule, fallback []elb.Action, action func(elb.Rule) (A, error)) (*Set[A], error) {
	set := &Set[A]{}
	ordered := slices.Clone(rules)
	slices.SortStableFunc(ordered, func(x, y elb.Rule) int { return cmp.Compare(x.Priority, y.Priority) })
	for _, r := range ordered {
		c, err := compileRule(r, action)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", r.Priority, err)
		}
		set.rules = append(set.rules, c)
	}
	var err error
	if set.fallback, err = action(elb.Rule{Actions: fallback}); err != nil {
		return nil, fmt.Errorf("default action: %w", err)
	}
	return set, nil
}

func compileRule[A any](r elb.Rule, action func(elb.Rule) (A, error)) (out compiled[A], err error) {
	for _, c := range r.Conditions {
		match, err := compileCondition(c)
		if err != nil {
			return out, err
		}
		out.conditions = append(out.conditions, match)
	}
	out.action, err = action(r)
	return out, err
}

// Match returns what the first rule by priority demands whose conditions all hold (rows 37, 38).
func (s *Set[A]) Match(r *Request) A {
	for i := range s.rules {
		if s.rules[i].holds(r) {
			return s.rules[i].action
		}
	}
	return s.fallback
}

func (c *compiled[A]) holds(r *Request) bool {
	for _, match := range c.conditions {
		if !match(r) {
			return false
		}
	}
	return true
}
