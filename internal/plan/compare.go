// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plan

import (
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// Diff returns what differs between the expected and the planned load balancers, strictly: missing
// (-) and unexpected (+) listeners, rules, attributes and so on. It is empty when nothing does. What a load balancer is
// made from is not compared: it is nothing at AWS.
func Diff(want, got []loadbalancer.LoadBalancer) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(loadbalancer.LoadBalancer{}, "Objects"))
}

// Built returns nil when what is built is what was planned. What only a running load balancer has
// (ARN, addresses, targets …) does not count, and a port 0 in the plan, a node port that Kubernetes
// was to choose, agrees with any.
func Built(planned, built []loadbalancer.LoadBalancer) error {
	got := make([]loadbalancer.LoadBalancer, len(built))
	for i, lb := range built {
		got[i] = asPlanned(lb, planned)
	}
	if d := Diff(planned, got); d != "" {
		return fmt.Errorf("what is built (+) is not what was planned (-):\n%s", d)
	}
	return nil
}

func asPlanned(lb loadbalancer.LoadBalancer, planned []loadbalancer.LoadBalancer) loadbalancer.LoadBalancer {
	lb.ARN, lb.DNSName, lb.State, lb.Addresses = "", "", "", asked(lb.Addresses)
	unknown := unknownPorts(lb, planned)
	groups := make([]loadbalancer.TargetGroup, len(lb.TargetGroups))
	for i, tg := range lb.TargetGroups {
		tg.ARN, tg.Targets = "", nil
		if p, ok := unknown[tg.Name]; ok {
			if p.Port == 0 {
				tg.Port = 0
			}
			if p.HealthCheck.Port == "0" {
				tg.HealthCheck.Port = "0"
			}
		}
		groups[i] = tg
	}
	lb.TargetGroups = groups
	return lb
}

// asked returns the addresses that manifests ask for, as a plan has them.
func asked(addresses []loadbalancer.Address) []loadbalancer.Address {
	var out []loadbalancer.Address
	for _, a := range addresses {
		if a.AllocationID != "" || a.PrivateIPv4 != "" {
			out = append(out, loadbalancer.Address{Zone: a.Zone, AllocationID: a.AllocationID, PrivateIPv4: a.PrivateIPv4})
		}
	}
	return out
}

// unknownPorts returns the planned target groups of the same load balancer, by name.
func unknownPorts(lb loadbalancer.LoadBalancer, planned []loadbalancer.LoadBalancer) map[string]loadbalancer.TargetGroup {
	out := map[string]loadbalancer.TargetGroup{}
	for _, p := range planned {
		if p.Stack == lb.Stack && p.Type == lb.Type {
			for _, tg := range p.TargetGroups {
				out[tg.Name] = tg
			}
		}
	}
	return out
}
