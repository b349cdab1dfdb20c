// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/check"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// TestALBPublic is values/alb-public.yaml, installed with Helm 3.
func TestALBPublic(t *testing.T) {
	mesh := suite.install(t, preset("alb-public", suite.Helm3))
	t.Run("no pod kept the image that injection replaces", noPodWithImageAuto)
	t.Run("every Gateway selects a gateway", gatewaysSelectPods)
	keepEvidence(t)
	alb := suite.loadBalancers(t, 1)[0]
	client := suite.client(alb)
	// Load balancer, gateway and sidecars each learn of the app in their own time: the first answer ends that.
	probe.Eventually(t, client.Get("https://shop.example.com/"), check.Echo(), wait.Converge(3))

	t.Run("what was planned is what was built", func(t *testing.T) { plannedIsBuilt(t, mesh) })

	for _, test := range []struct {
		name, url string
		headers   []probe.Header
		want      check.Check
	}{
		{name: "http is 301 to https", url: "http://shop.example.com/a?b=c",
			want: check.Redirect(301, "https://shop.example.com:443/a?b=c")},
		{name: "a host of the wildcard is 200 from the app", url: "https://shop.example.com/", want: check.Backend("v1")},
		{name: "the apex is 200 from the app", url: "https://example.com/", want: check.Backend("v1")},
		{name: "a prefix goes to its own backend", url: "https://shop.example.com/v2", want: check.Backend("v2")},
		{name: "a host of the wildcard without a route is the gateway's 404", url: "https://other.example.com/",
			want: check.All(check.Status(404), check.Header("Server", "istio-envoy"))},
		{name: "a host that the ALB has no rule for is the ALB's 404", url: "https://example.com/", headers: []probe.Header{{Name: "Host", Value: "elsewhere.test"}},
			want: check.All(check.Status(404), check.Header("Server", "awselb/2.0"))},
		{name: "the app sees the client's address", url: "https://shop.example.com/", want: check.ClientAddress()},
		{name: "a forged X-Forwarded-For is not believed", url: "https://shop.example.com/",
			headers: []probe.Header{{Name: "X-Forwarded-For", Value: "198.51.100.7"}}, want: check.ClientAddress()},
		{name: "the app sees that the client used https", url: "https://shop.example.com/", want: check.Seen("X-Forwarded-Proto", "https")},
		{name: "a forged X-Forwarded-Proto is not believed", url: "https://shop.example.com/",
			headers: []probe.Header{{Name: "X-Forwarded-Proto", Value: "http"}}, want: check.Seen("X-Forwarded-Proto", "https")},
		{name: "the app sees the gateway's identity", url: "https://shop.example.com/", want: check.ClientIdentity(identity(albPublicAccount))},
	} {
		t.Run(test.name, func(t *testing.T) {
			probe.Eventually(t, client.Get(test.url, test.headers...), test.want, wait.Within(10*time.Second))
		})
	}

	t.Run("the address in each zone answers", func(t *testing.T) { eachAddressAnswers(t, alb, "https://shop.example.com/") })

	t.Run("a WebSocket passes", func(t *testing.T) {
		probe.Eventually(t, client.WebSocket("wss://shop.example.com/ws", "hello"), check.All(check.Status(101), check.Body("hello")),
			wait.Within(10*time.Second))
	})

	keepEvidence(t)
	t.Run("mutual TLS", func(t *testing.T) { mutualTLS(t, mesh, client) })

	keepEvidence(t)
	t.Run("helm uninstall leaves no load balancer and no finalizer", func(t *testing.T) {
		require.NoError(t, mesh.helm.Uninstall(t.Context(), mesh.Release))
		nothingLeft(t)
	})
}
