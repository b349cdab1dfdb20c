// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/check"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/release"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// TestSecondRelease: a second release of the chart is a canary behind the first one's load balancers, and
// a third brings one more load balancer, in a namespace of its own.
func TestSecondRelease(t *testing.T) {
	const small = "test/e2e/values/small-gateways.yaml"
	mesh := suite.install(t, input{helm: suite.Helm4, values: []string{"test/e2e/values/canary.yaml", small}})
	second := release.Release{Name: "next", Namespace: meshNamespace, Chart: mesh.Chart, Timeout: installLimit,
		Values: suite.files([]string{small, "test/e2e/values/next.yaml"})}
	third := release.Release{Name: "edge", Namespace: "edge", Chart: mesh.Chart, Timeout: installLimit,
		Values: suite.files([]string{small, "test/e2e/values/edge.yaml"})}
	for _, r := range []release.Release{second, third} {
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), installLimit)
			defer cancel()
			assert.NoError(t, mesh.helm.Uninstall(ctx, r))
		})
		require.NoError(t, mesh.helm.Install(t.Context(), r))
	}
	built := suite.loadBalancers(t, 3)
	alb := suite.client(find(t, built, loadbalancer.Application, "internet-facing")).Get("http://shop.example.com/")
	nlb := suite.client(find(t, built, loadbalancer.Network, "internal")).Get("http://shop.example.com/")
	edge := suite.client(find(t, built, loadbalancer.Application, "internal"))

	for _, test := range []struct {
		name          string
		send          probe.Observe
		gateway, next string
	}{
		{"the ALB's requests", alb, "istio-ingress-alb-public", "next-alb-public"},
		{"the NLB's connections", nlb, "istio-ingress-nlb-internal", "next-nlb-internal"},
	} {
		t.Run("the canary gets a share of "+test.name, func(t *testing.T) {
			for _, account := range []string{test.gateway, test.next} {
				probe.Eventually(t, test.send, check.ClientIdentity(identity(account)), wait.Within(30*time.Second))
			}
		})
	}

	t.Run("a load balancer of another namespace answers its own hosts only", func(t *testing.T) {
		probe.Eventually(t, edge.Get("http://edge.example.com/"), check.ClientIdentity("spiffe://cluster.local/ns/edge/sa/istio-ingress-alb-internal"),
			wait.Within(30*time.Second), wait.Converge(3))
		probe.Eventually(t, edge.Get("http://shop.example.com/"), check.Status(404), wait.Within(10*time.Second))
		probe.Never(t, alb, check.ClientIdentity("spiffe://cluster.local/ns/edge/sa/istio-ingress-alb-internal"), time.Second)
	})

	keepEvidence(t)
	t.Run("no request is lost when the canary takes all of it", func(t *testing.T) {
		mesh.Set = maps.Clone(mesh.Set)
		if mesh.Set == nil {
			mesh.Set = map[string]string{}
		}
		mesh.Set["loadBalancers.albPublic.canary.weight"] = "100"
		mesh.Set["loadBalancers.nlbInternal.canary.weight"] = "100"
		probe.During(t, alb, check.Echo(), func(ctx context.Context) error {
			if err := mesh.helm.Upgrade(ctx, mesh.Release); err != nil {
				return err
			}
			return wait.For(ctx, func(ctx context.Context) error {
				response, err := nlb(ctx)
				if err != nil {
					return err
				}
				return check.ClientIdentity(identity("next-nlb-internal"))(response)
			}, wait.Within(30*time.Second), wait.Converge(10))
		})
		probe.Eventually(t, alb, check.ClientIdentity(identity("next-alb-public")), wait.Within(30*time.Second), wait.Converge(10))
	})
}
