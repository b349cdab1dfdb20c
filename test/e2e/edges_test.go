// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-aws/istio-aws/internal/check"
	"github.com/istio-aws/istio-aws/internal/kube"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// TestEdges is values of this test: where TLS ends, who the client is, and what an ALB does by itself.
func TestEdges(t *testing.T) {
	authority := newAuthority(t)
	mesh := suite.install(t, input{helm: suite.Helm3, values: []string{"test/e2e/values/edges.yaml", "test/e2e/values/small-gateways.yaml"}})
	require.NoError(t, suite.kube.Apply(t.Context(), authority.secret(t, meshNamespace, "gateway-certificate", "shop.example.com")))
	require.NoError(t, suite.kube.Apply(t.Context(), pastNLB))
	t.Run("every Gateway selects a gateway", gatewaysSelectPods)
	keepEvidence(t)
	built := suite.loadBalancers(t, 4)
	albPublic := suite.client(find(t, built, loadbalancer.Application, "internet-facing"))
	albInternal := suite.client(find(t, built, loadbalancer.Application, "internal"))
	nlbInternalAt := find(t, built, loadbalancer.Network, "internal")
	nlbInternal := suite.client(nlbInternalAt)
	nlbPublic := find(t, built, loadbalancer.Network, "internet-facing")
	gatewayTLS := probe.NewClient(nlbPublic.Addresses[0].IP, authority.roots)
	node := probe.NewClient(suite.Nodes[0].Address, nil)
	nodePort := func(service, port string) int32 {
		s, err := kube.Get[corev1.Service](t.Context(), suite.kube, "services", meshNamespace, service)
		require.NoError(t, err)
		for _, p := range s.Spec.Ports {
			if p.Name == port {
				return p.NodePort
			}
		}
		require.FailNow(t, "no such port", "%s of %s", port, service)
		return 0
	}

	t.Run("what was planned is what was built", func(t *testing.T) { plannedIsBuilt(t, mesh) })

	for _, test := range []struct {
		name string
		send probe.Observe
		want check.Check
	}{
		{"PROXY protocol, strict: the app sees the client's address", nlbInternal.Get("http://shop.example.com/"), check.ClientAddress()},
		{"PROXY protocol, strict: a forged X-Forwarded-For is not believed",
			nlbInternal.Get("http://shop.example.com/", probe.Header{Name: "X-Forwarded-For", Value: "198.51.100.7"}), check.ClientAddress()},
		{"PROXY protocol, permissive: the app sees the client's address", nlbInternal.Get("http://shop.example.com:8081/"), check.ClientAddress()},
		{"PROXY protocol, permissive: who comes past the load balancer is served",
			node.Get(fmt.Sprintf("http://shop.example.com:%d/", nodePort("past-nlb", "permissive"))), check.Echo()},
		{"PROXY protocol, strict: who comes past the load balancer is reset",
			node.Get(fmt.Sprintf("http://shop.example.com:%d/", nodePort("past-nlb", "strict"))), check.Reset()},
		{"TLS ends at the NLB: the app sees that the client used https", nlbInternal.Get("https://shop.example.com/"), check.Seen("X-Forwarded-Proto", "https")},
		{"TLS ends at the NLB: the port without TLS is http", nlbInternal.Get("http://shop.example.com:8081/"), check.Seen("X-Forwarded-Proto", "http")},

		{"TLS ends at the gateway, with its own certificate", gatewayTLS.Get("https://shop.example.com/"), check.All(check.Echo(), check.Seen("X-Forwarded-Proto", "https"))},
		{"client IP preservation: the app sees the client's address", gatewayTLS.Get("https://shop.example.com/"), check.ClientAddress()},
		{"TLS ends at the gateway: http is 301 to https", gatewayTLS.Get("http://shop.example.com/a"), check.Redirect(301, "https://shop.example.com/a")},

		{"HTTPS from the ALB to the gateway", albPublic.Get("https://shop.example.com/"), check.All(check.Echo(), check.ClientAddress())},
		{"an action of the ALB answers ahead of the mesh", albPublic.Get("https://shop.example.com/closed"),
			check.All(check.Status(503), check.Body("back soon"), check.Header("Server", "awselb/2.0"))},
		{"an action of the ALB with a condition redirects", albPublic.Get("https://shop.example.com/a", probe.Header{Name: "X-Stage", Value: "blue"}),
			check.Redirect(302, "https://blue.example.com:443/a")},
		{"a health check through the listener", albInternal.Get("https://shop.example.com/"), check.Echo()},
		{"a further Ingress speaks gRPC to the same gateway", albInternal.GRPC("https://grpc.example.com:443"), check.Echo()},
		{"the default backend is an action", albInternal.Get("https://shop.example.com/", probe.Header{Name: "Host", Value: "elsewhere.example.com"}),
			check.All(check.Status(404), check.Body("nothing here"))},

		{"a rewrite with a regular expression", albInternal.Get("https://shop.example.com/test/a/b"), check.Path("/a/b")},
		{"a redirect of a route", albInternal.Get("https://shop.example.com/old"), check.Redirect(301, "https://shop.example.com/new")},
		{"a header chooses the backend, and another is set", albInternal.Get("https://shop.example.com/", probe.Header{Name: "X-Version", Value: "v2"}),
			check.All(check.Backend("v2"), check.Seen("X-Seen-By", "gateway"))},
		{"a subset is one version", albInternal.Get("https://shop.example.com/subset"), check.Backend("v2")},
	} {
		t.Run(test.name, func(t *testing.T) {
			probe.Eventually(t, test.send, test.want, wait.Within(20*time.Second), wait.Converge(2))
		})
	}

	outside := addressOutsideLabs(t)
	t.Run("who is outside the source ranges hears nothing from the NLB", func(t *testing.T) {
		probe.Eventually(t, connectFrom(outside, nlbPublic.Addresses[0].IP, "443"), timedOut, wait.Within(20*time.Second))
		probe.Eventually(t, connectFrom(outside, nlbInternalAt.Addresses[0].IP, "443"), connected, wait.Within(20*time.Second))
	})
	t.Run("with client IP preservation the node of the target hears nothing from the NLB, other nodes do", func(t *testing.T) {
		host := nodeOf(t, nlbPublic.TargetGroups[0].Targets[0].Address)
		for _, n := range suite.Nodes {
			want := is("HTTP/1.1 301")
			if n.Address == host {
				want = is("")
			}
			probe.Eventually(t, statusFrom(n.Name, nlbPublic.Addresses[0].IP, "80"), want, wait.Within(20*time.Second))
		}
	})
	t.Run("a port that no listener has is silent", func(t *testing.T) {
		probe.Eventually(t, connectFrom(netip.IPv4Unspecified(), nlbPublic.Addresses[0].IP, "444"), timedOut, wait.Within(20*time.Second))
	})

	t.Run("a workload's port with PERMISSIVE takes plaintext in a STRICT mesh", func(t *testing.T) {
		service, err := kube.Get[corev1.Service](t.Context(), suite.kube, "services", appNamespace, "echo-nodeport")
		require.NoError(t, err)
		plaintext := node.Get(fmt.Sprintf("http://shop.example.com:%d/", service.Spec.Ports[0].NodePort))
		probe.Eventually(t, plaintext, check.Echo(), wait.Within(20*time.Second), wait.Converge(3))
	})
}

// pastNLB reaches the gateway behind the internal NLB without it, as a caller inside the cluster does.
const pastNLB = `
apiVersion: v1
kind: Service
metadata: {name: past-nlb, namespace: ` + meshNamespace + `}
spec:
  type: NodePort
  selector: {app: istio-ingress-nlb-internal}
  ports:
    - {name: strict, port: 80, targetPort: 8080}
    - {name: permissive, port: 8081, targetPort: 8081}
`
