// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/check"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// TestThreeGateways is values/three-gateways.yaml, installed with Helm 4.
func TestThreeGateways(t *testing.T) {
	mesh := suite.install(t, preset("three-gateways", suite.Helm4))
	t.Run("no pod kept the image that injection replaces", noPodWithImageAuto)
	t.Run("every Gateway selects a gateway", gatewaysSelectPods)
	keepEvidence(t)
	built := suite.loadBalancers(t, 3)
	public := find(t, built, loadbalancer.Application, "internet-facing")
	internal := find(t, built, loadbalancer.Application, "internal")
	nlb := find(t, built, loadbalancer.Network, "internal")

	t.Run("what was planned is what was built", func(t *testing.T) { plannedIsBuilt(t, mesh) })

	for _, test := range []struct {
		name string
		lb   loadbalancer.LoadBalancer
		url  string
		want check.Check
	}{
		{"200 through the public ALB", public, "http://shop.example.com/", check.Echo()},
		{"200 through the internal ALB", internal, "http://shop.example.com/", check.Echo()},
		{"200 through the NLB", nlb, "http://shop.example.com/", check.Echo()},
		{"200 through the NLB with TLS", nlb, "https://shop.example.com/", check.Echo()},
		{"a route of the internal ALB is 200 there", internal, "http://internal.example.com/", check.Echo()},
		{"a route of the internal ALB is 404 on the public one", public, "http://internal.example.com/", check.Status(404)},
		{"a route of the internal ALB is 404 on the NLB", nlb, "http://internal.example.com/", check.Status(404)},
	} {
		t.Run(test.name, func(t *testing.T) {
			probe.Eventually(t, suite.client(test.lb).Get(test.url), test.want, wait.Within(20*time.Second), wait.Converge(2))
		})
	}

	t.Run("the address in each zone answers", func(t *testing.T) {
		for _, lb := range built {
			eachAddressAnswers(t, lb, "http://shop.example.com/")
		}
	})

	t.Run("gRPC passes the NLB", func(t *testing.T) {
		probe.Eventually(t, suite.client(nlb).GRPC("http://grpc.example.com:80"), check.Echo(), wait.Within(20*time.Second))
	})

	t.Run("ALB targets are the nodes on a node port, checked on the status node port", func(t *testing.T) {
		targetsAreNodes(t, internal, "30621")
		targetsAreNodes(t, public, "30622")
	})

	t.Run("NLB targets are the addresses of the gateway's pods", func(t *testing.T) { targetsArePods(t, nlb) })

	t.Run("no request is lost when Helm 4 upgrades what istiod has written to", func(t *testing.T) {
		probe.During(t, suite.client(public).Get("http://shop.example.com/"), check.Echo(), func(ctx context.Context) error {
			return mesh.helm.Upgrade(ctx, mesh.Release)
		})
	})

	keepEvidence(t)
	t.Run("helm uninstall leaves no load balancer and no finalizer", func(t *testing.T) {
		require.NoError(t, mesh.helm.Uninstall(t.Context(), mesh.Release))
		nothingLeft(t)
	})
}
