// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func TestRuleLimits(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	l := a.listener(a.lb("lb", alb), 80, "HTTP", answer("404"))
	tcp := a.listener(a.lb("net", nlb), 80, "TCP", forward(a.group("g", "TCP")))
	_, err := a.tryRule(l, 7, paths("/a", "/b", "/c", "/d", "/e"), answer("200"))
	require.NoError(t, err, "five values are allowed")
	_, err = a.tryRule(l, 8, append(values("host-header", "*.example.com", "*.example.*"), values("source-ip", "10.0.0.0/8")...), answer("200"))
	require.NoError(t, err, "hosts and sources of AWS's form are allowed")
	for _, c := range []struct {
		name       string
		listener   *string
		priority   int32
		conditions []types.RuleCondition
		code, what string
	}{
		{"row 38: six values", l, 1, paths("/a", "/b", "/c", "/d", "/e", "/f"), "ValidationError", "'5' condition values, got 6"},
		{"row 38: six wildcards", l, 1, paths("/a*b*c*d", "/e*f*g*"), "ValidationError", "'5' condition wildcards, got 6"},
		{"no condition", l, 1, []types.RuleCondition{}, "ValidationError", "A condition must be specified"},
		{"a condition without values", l, 1, paths(), "ValidationError", "'path-pattern'"},
		{"row 38: two path conditions", l, 1, append(paths("/a"), paths("/b")...), "ValidationError", "one 'path-pattern' condition"},
		{"row 39: a host without a dot", l, 1, values("host-header", "localhost"), "ValidationError", "'localhost'"},
		{"row 39: digits after the last dot of a host", l, 1, values("host-header", "10.0.0.1"), "ValidationError", "'10.0.0.1'"},
		{"row 42: a source that is no CIDR", l, 1, values("source-ip", "10.0.0.1"), "ValidationError", "'10.0.0.1'"},
		{"row 42: the broadcast address", l, 1, values("source-ip", "255.255.255.255/32"), "ValidationError", "255.255.255.255/32"},
		{"row 40: a long path", l, 1, paths("/" + strings.Repeat("a", 128)), "ValidationError", "128"},
		{"priority 0", l, 0, paths("/a"), "ValidationError", "'0'"},
		{"row 37: priority 50001", l, 50001, paths("/a"), "ValidationError", "50000"},
		{"row 37: a priority that is taken", l, 7, paths("/a"), "PriorityInUse", "'7'"},
		{"a rule of an NLB", tcp, 1, paths("/a"), "ValidationError", "'network'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := a.tryRule(c.listener, c.priority, c.conditions, answer("200"))
			code(t, err, c.code, c.what)
		})
	}
	for i := range int32(98) {
		_, err := a.tryRule(l, 100+i, paths("/a"), answer("200"))
		require.NoError(t, err)
	}
	_, err = a.tryRule(l, 999, paths("/a"), answer("200"))
	code(t, err, "TooManyRules", "100")
}
