// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package check

import (
	"errors"
	"fmt"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// Count wants this many load balancers.
func Count(want int) func([]loadbalancer.LoadBalancer) error {
	return func(lbs []loadbalancer.LoadBalancer) error {
		if len(lbs) == want {
			return nil
		}
		stacks := make([]string, len(lbs))
		for i, lb := range lbs {
			stacks[i] = lb.Stack
		}
		return fmt.Errorf("want %d load balancers, the controller has built %d: %q", want, len(lbs), stacks)
	}
}

// Serving wants every load balancer active and with an address.
func Serving() func([]loadbalancer.LoadBalancer) error {
	return each(func(lb loadbalancer.LoadBalancer) error {
		if lb.State == "active" && len(lb.Addresses) > 0 {
			return nil
		}
		return fmt.Errorf("load balancer %s: want it active with an address, it is %s with %d", lb.Stack, lb.State, len(lb.Addresses))
	})
}

// Healthy wants every target group to have targets and all of them healthy. Traffic does not show it: a
// target group without a healthy target sends requests to all of them (fail-open). Targets that are
// draining are on their way out and do not count.
func Healthy() func([]loadbalancer.LoadBalancer) error {
	return each(func(lb loadbalancer.LoadBalancer) error {
		var wrong []error
		for _, group := range lb.TargetGroups {
			wrong = append(wrong, healthy(lb, group))
		}
		return errors.Join(wrong...)
	})
}

func healthy(lb loadbalancer.LoadBalancer, group loadbalancer.TargetGroup) error {
	var wrong []error
	targets := 0
	for _, target := range group.Targets {
		if target.Health.State == loadbalancer.Draining {
			continue
		}
		targets++
		if target.Health.State != loadbalancer.Healthy {
			wrong = append(wrong, fmt.Errorf("load balancer %s, target group %s: target %s:%d is %s: %s %q; health check %s",
				lb.Stack, group.Name, target.ID, target.Port, target.Health.State, target.Health.Reason, target.Health.Description, describe(group.HealthCheck)))
		}
	}
	if targets == 0 {
		wrong = append(wrong, fmt.Errorf("load balancer %s, target group %s: no targets are registered", lb.Stack, group.Name))
	}
	return errors.Join(wrong...)
}

func describe(c loadbalancer.HealthCheck) string {
	return fmt.Sprintf("%s port %s path %q, wants %q", c.Protocol, c.Port, c.Path, c.Matcher)
}

func each(check func(loadbalancer.LoadBalancer) error) func([]loadbalancer.LoadBalancer) error {
	return func(lbs []loadbalancer.LoadBalancer) error {
		var wrong []error
		for _, lb := range lbs {
			wrong = append(wrong, check(lb))
		}
		return errors.Join(wrong...)
	}
}
