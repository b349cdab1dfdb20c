// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plan_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/plan"
)

func TestTheContractDecodesAndEncodesToTheSame(t *testing.T) {
	want, err := os.ReadFile("../../elbsim/contract/plan.json")
	require.NoError(t, err)
	p, err := plan.Decode(bytes.NewReader(want))
	require.NoError(t, err)
	require.NotEmpty(t, p.LoadBalancers)
	require.NotEmpty(t, p.Rejections)
	require.NotEmpty(t, p.Warnings)
	got, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(got))
}

func TestAnUnknownFieldIsAnError(t *testing.T) {
	_, err := plan.Decode(strings.NewReader(`{"loadBalancers": [], "colour": 1}`))
	assert.ErrorContains(t, err, `unknown field "colour"`)
}

func TestAMissingElbsimNamesTheCure(t *testing.T) {
	_, err := plan.Binary("", t.TempDir())
	assert.ErrorContains(t, err, "run: make elbsim")
	_, err = plan.Binary("/nowhere/elbsim", "")
	assert.ErrorContains(t, err, "/nowhere/elbsim")
}

// program is an executable that stands in for elbsim.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "elbsim")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755))
	return path
}

func TestMakeReadsTheAnswer(t *testing.T) {
	const answer = `cat > /dev/null; echo '{"loadBalancers": [], "rejections": [{"object": "Ingress a/b", "stage": "AWS", "message": "no"}], "warnings": []}'; exit `
	for _, status := range []string{"0", "3"} {
		p, err := plan.Make(t.Context(), program(t, answer+status), "x: y")
		require.NoError(t, err, "exit status %s is an answer", status)
		assert.Equal(t, []plan.Rejection{{Object: "Ingress a/b", Stage: "AWS", Message: "no"}}, p.Rejections)
	}
	_, err := plan.Make(t.Context(), program(t, "echo 'elbsim: standard input: not valid YAML' >&2; exit 1"), "x: y")
	assert.ErrorContains(t, err, "plan -o json -: exit status 1\nelbsim: standard input: not valid YAML")
}

func balancer(change func(*loadbalancer.LoadBalancer)) []loadbalancer.LoadBalancer {
	lb := loadbalancer.LoadBalancer{
		Stack: "a/b", Type: loadbalancer.Application, Scheme: "internal", Attributes: map[string]string{"x": "1"},
		Listeners: []loadbalancer.Listener{{Port: 80, Rules: []loadbalancer.Rule{{Priority: 1}}}},
		TargetGroups: []loadbalancer.TargetGroup{{Name: "a/s:80", TargetType: "instance", Port: 31000,
			HealthCheck: loadbalancer.HealthCheck{Port: "31001", Path: "/ready"}}},
	}
	change(&lb)
	return []loadbalancer.LoadBalancer{lb}
}

func same(*loadbalancer.LoadBalancer) {}

func TestDiffIsStrictBothWays(t *testing.T) {
	assert.Empty(t, plan.Diff(balancer(same), balancer(same)))
	assert.Empty(t, plan.Diff(balancer(same), balancer(func(lb *loadbalancer.LoadBalancer) { lb.Tags = map[string]string{} })), "none is none")
	for name, change := range map[string]func(*loadbalancer.LoadBalancer){
		"a scheme":     func(lb *loadbalancer.LoadBalancer) { lb.Scheme = "internet-facing" },
		"an attribute": func(lb *loadbalancer.LoadBalancer) { lb.Attributes = map[string]string{"x": "1", "y": "2"} },
		"a listener": func(lb *loadbalancer.LoadBalancer) {
			lb.Listeners = append(lb.Listeners, loadbalancer.Listener{Port: 81})
		},
		"a rule":         func(lb *loadbalancer.LoadBalancer) { lb.Listeners[0].Rules = nil },
		"a health check": func(lb *loadbalancer.LoadBalancer) { lb.TargetGroups[0].HealthCheck.Path = "/" },
	} {
		t.Run(name, func(t *testing.T) {
			assert.NotEmpty(t, plan.Diff(balancer(same), balancer(change)))
			assert.NotEmpty(t, plan.Diff(balancer(change), balancer(same)))
		})
	}
}

func TestBuilt(t *testing.T) {
	unknown := func(lb *loadbalancer.LoadBalancer) {
		lb.TargetGroups[0].Port, lb.TargetGroups[0].HealthCheck.Port = 0, "0"
	}
	running := func(lb *loadbalancer.LoadBalancer) {
		lb.ARN, lb.DNSName, lb.State = "arn:x", "x.elb", "active"
		lb.Addresses = []loadbalancer.Address{{Zone: "a", IP: "10.0.0.1"}}
		lb.TargetGroups[0].ARN = "arn:y"
		lb.TargetGroups[0].Targets = []loadbalancer.Target{{ID: "i-1"}}
	}
	assert.NoError(t, plan.Built(balancer(same), balancer(running)), "what only runs does not count")
	assert.NoError(t, plan.Built(balancer(unknown), balancer(running)), "an unknown port agrees with any")

	at := func(id, ip string) []loadbalancer.LoadBalancer {
		return balancer(func(lb *loadbalancer.LoadBalancer) {
			lb.Addresses = []loadbalancer.Address{{Zone: "a", IP: ip, InDNS: ip != "", AllocationID: id}}
		})
	}
	assert.NoError(t, plan.Built(at("eipalloc-1", ""), at("eipalloc-1", "10.0.0.1")), "an address that was asked for")
	assert.ErrorContains(t, plan.Built(at("eipalloc-1", ""), at("eipalloc-2", "10.0.0.1")), "eipalloc-2", "another than was asked for")

	err := plan.Built(balancer(same), balancer(func(lb *loadbalancer.LoadBalancer) { lb.TargetGroups[0].Port = 31002 }))
	assert.ErrorContains(t, err, "31002", "a known port agrees with itself only")
	assert.Error(t, plan.Built(balancer(same), nil), "one is missing")
	assert.Error(t, plan.Built(nil, balancer(running)), "one is too many")
	assert.Error(t, plan.Built(balancer(unknown), balancer(unknown)[:0]))
}

func TestBuiltLeavesItsArgumentsAlone(t *testing.T) {
	built := balancer(func(lb *loadbalancer.LoadBalancer) { lb.TargetGroups[0].ARN = "arn:y" })
	require.NoError(t, plan.Built(balancer(same), built))
	assert.Equal(t, "arn:y", built[0].TargetGroups[0].ARN)
}
