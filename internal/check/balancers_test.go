// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package check

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

func balancer(targets ...loadbalancer.Target) loadbalancer.LoadBalancer {
	return loadbalancer.LoadBalancer{
		Stack: "istio-system/alb-public", State: "active", Addresses: []loadbalancer.Address{{IP: "172.18.0.9"}},
		TargetGroups: []loadbalancer.TargetGroup{{
			Name:        "istio-system/alb-public:80",
			HealthCheck: loadbalancer.HealthCheck{Protocol: "HTTP", Port: "15021", Path: "/healthz", Matcher: "200"},
			Targets:     targets,
		}},
	}
}

func target(state loadbalancer.HealthState) loadbalancer.Target {
	return loadbalancer.Target{ID: "10.0.0.7", Port: 80, Health: loadbalancer.Health{
		State: state, Reason: "Target.ResponseCodeMismatch", Description: "codes: [404]"}}
}

func TestBalancers(t *testing.T) {
	whole := balancer(target(loadbalancer.Healthy), target(loadbalancer.Draining))
	starting := balancer(target(loadbalancer.Healthy))
	starting.State, starting.Addresses = "provisioning", nil
	all := All(Count(1), Serving(), Healthy())

	for _, test := range []struct {
		name, want string
		lbs        []loadbalancer.LoadBalancer
	}{
		{"a whole one is good", "", []loadbalancer.LoadBalancer{whole}},
		{"one too many", `want 1 load balancers, the controller has built 2: ["istio-system/alb-public" "istio-system/alb-public"]`,
			[]loadbalancer.LoadBalancer{whole, whole}},
		{"none at all", `want 1 load balancers, the controller has built 0: []`, nil},
		{"without address", "load balancer istio-system/alb-public: want it active with an address, it is provisioning with 0",
			[]loadbalancer.LoadBalancer{starting}},
		{"an unhealthy target tells reason and check", `load balancer istio-system/alb-public, target group istio-system/alb-public:80: target 10.0.0.7:80 is unhealthy: ` +
			`Target.ResponseCodeMismatch "codes: [404]"; health check HTTP port 15021 path "/healthz", wants "200"`,
			[]loadbalancer.LoadBalancer{balancer(target(loadbalancer.Healthy), target(loadbalancer.Unhealthy))}},
		{"a target that is not checked yet", "is initial", []loadbalancer.LoadBalancer{balancer(target(loadbalancer.Initial))}},
		{"nothing but draining targets", "target group istio-system/alb-public:80: no targets are registered",
			[]loadbalancer.LoadBalancer{balancer(target(loadbalancer.Draining))}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := all(test.lbs)
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}
