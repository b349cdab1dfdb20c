// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plantext_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/plantext"
)

func text(t *testing.T, p elb.Plan, opts plantext.Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, plantext.Write(&out, p, opts))
	return out.String()
}

// contract is the sample plan, which has a bit of everything.
func contract(t *testing.T) elb.Plan {
	t.Helper()
	content, err := os.ReadFile("../../contract/plan.json")
	require.NoError(t, err)
	var p elb.Plan
	require.NoError(t, json.Unmarshal(content, &p))
	return p
}

func TestTheTextSaysWhatThePlanSays(t *testing.T) {
	out := text(t, contract(t), plantext.Options{})
	for _, line := range []string{
		"NLB shop/tcp",
		"ALB shop/web",
		"  internet-facing, name shop, ipv4, zones eu-west-1a eu-west-1b eu-west-1c",
		"  attributes idle_timeout.timeout_seconds=120",
		"  tags Team=shop",
		"  listener HTTP 80",
		"    always → redirect 301 to HTTPS port 443",
		"  listener HTTPS 443, ELBSecurityPolicy-TLS13-1-2-2021-06, mutual TLS passthrough",
		"    certificate arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555",
		"        3 header x-canary yes, query v=2, host *.example.com, path /split or /split/* → 90× shop/web:80 + 10× shop/api:9090 (sticky for 600 s)",
		"        4 host *.example.com, path /* → url-rewrite ^/old/(.*)$ to /new/$1, then shop/web:http",
		"    otherwise → answer 404",
		"    HTTP to instances, on a node port that Kubernetes chooses",
		"    HTTP to pods, on the port that each names",
		"    health check HTTP on port 30621 /healthz/ready expects 200; every 15 s, waits 5 s, healthy after 2, unhealthy after 2",
		"    health check TCP on the traffic port; every 10 s, waits 10 s, healthy after 3, unhealthy after 3",
		"    in  tcp 443 from 10.0.0.0/8",
		"  Service shop/refused, by AWS",
		"2 load balancers, 1 rejected, 2 warnings",
	} {
		assert.Contains(t, strings.Split(out, "\n"), line)
	}
	assert.Less(t, strings.Index(out, "  1 host"), strings.Index(out, "  2 host"), "rules stand in order of evaluation")
	assert.NotContains(t, out, "\x1b")
}

func TestColorOnlyPaints(t *testing.T) {
	p := contract(t)
	colored := text(t, p, plantext.Options{Color: true})
	assert.Contains(t, colored, "\x1b[1mshop/web\x1b[0m")
	for _, code := range []string{"0", "1", "2", "31", "33", "36"} {
		colored = strings.ReplaceAll(colored, "\x1b["+code+"m", "")
	}
	assert.Equal(t, text(t, p, plantext.Options{}), colored)
}

func TestAnEmptyPlan(t *testing.T) {
	assert.Equal(t, "0 load balancers, 0 rejected, 0 warnings\n", text(t, elb.Plan{}, plantext.Options{}))
}

func TestAddressesThatAreAskedFor(t *testing.T) {
	out := text(t, elb.Plan{LoadBalancers: []elb.LoadBalancer{{Type: elb.Network, Stack: "shop/tcp", Addresses: []elb.Address{
		{Zone: "eu-west-1a", AllocationID: "eipalloc-1"}, {Zone: "eu-west-1b", PrivateIPv4: "10.0.0.10"}}}}}, plantext.Options{})
	assert.Contains(t, out, "  addresses eu-west-1a=eipalloc-1, eu-west-1b=10.0.0.10\n")
}
