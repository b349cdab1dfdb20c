// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-aws/istio-aws/internal/check"
	"github.com/istio-aws/istio-aws/internal/kube"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// mutualTLS changes the mode of an installed mesh, which is STRICT, to PERMISSIVE and asserts both.
func mutualTLS(t *testing.T, mesh installed, gateway *probe.Client) {
	service, err := kube.Get[corev1.Service](t.Context(), suite.kube, "services", appNamespace, "echo-nodeport")
	require.NoError(t, err)
	node := probe.NewClient(suite.Nodes[0].Address, nil)
	plaintext := node.Get(fmt.Sprintf("http://shop.example.com:%d/", service.Spec.Ports[0].NodePort))
	throughGateway := gateway.Get("https://shop.example.com/")

	t.Run("STRICT resets plaintext at the app's node port", func(t *testing.T) {
		probe.Eventually(t, plaintext, check.Reset(), wait.Within(20*time.Second), wait.Converge(3))
		probe.Never(t, plaintext, check.Status(200), time.Second)
	})
	t.Run("STRICT serves what comes through the gateway", func(t *testing.T) {
		probe.Eventually(t, throughGateway, check.Echo(), wait.Within(10*time.Second))
	})

	t.Run("no request through the gateway is lost when helm upgrade sets PERMISSIVE", func(t *testing.T) {
		mesh.Set = maps.Clone(mesh.Set)
		if mesh.Set == nil {
			mesh.Set = map[string]string{}
		}
		mesh.Set["mtls.mode"] = "PERMISSIVE"
		probe.During(t, throughGateway, check.Echo(), func(ctx context.Context) error { return mesh.helm.Upgrade(ctx, mesh.Release) })
	})
	t.Run("PERMISSIVE serves plaintext at the app's node port", func(t *testing.T) {
		probe.Eventually(t, plaintext, check.Echo(), wait.Within(20*time.Second), wait.Converge(3))
	})
	t.Run("PERMISSIVE serves what comes through the gateway, with its identity", func(t *testing.T) {
		probe.Eventually(t, throughGateway, check.All(check.Echo(), check.ClientIdentity(identity(albPublicAccount))), wait.Within(10*time.Second))
	})
}
