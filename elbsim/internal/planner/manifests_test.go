// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

const certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"

// services are what the Ingresses of these tests route to: one with node ports, one without.
const services = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  ports:
  - {name: http, port: 80, targetPort: http}
  - {name: health, port: 9000, targetPort: 9000, nodePort: 30901}
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {ports: [{name: http, port: 8080}]}
---
`

// ingress is an Ingress default/<name> for app.example.com with annotations (pairs of suffix, value).
func ingress(name, service, port string, annotations ...string) string {
	return fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: %s
  annotations: %s
spec:
  ingressClassName: alb
  rules:
  - host: app.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: %s, port: {%s}}}}]}
---
`, name, pairs("alb.ingress.kubernetes.io/", annotations), service, port)
}

func web(annotations ...string) string {
	return services + ingress("web", "web", "name: http", annotations...)
}

// nlb is a Service default/tcp of type LoadBalancer.
func nlb(annotations ...string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata:
  name: tcp
  annotations: %s
spec: {type: LoadBalancer, ports: [{name: http, port: 80, targetPort: 8080}]}
`, pairs("service.beta.kubernetes.io/", annotations))
}

func pairs(prefix string, kv []string) string {
	out := map[string]string{}
	for pair := range slices.Chunk(kv, 2) {
		out[prefix+pair[0]] = pair[1]
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic(err) // a map of strings can always be written
	}
	return string(text)
}

func plan(t *testing.T, manifests string, opts planner.Options) elb.Plan {
	t.Helper()
	objects, err := manifest.Read("test.yaml", strings.NewReader(manifests))
	require.NoError(t, err)
	p, err := planner.Make(t.Context(), objects, opts)
	require.NoError(t, err)
	return p
}

// only is the one load balancer of a plan without rejections.
func only(t *testing.T, manifests string) elb.LoadBalancer {
	t.Helper()
	p := plan(t, manifests, planner.Options{})
	require.Empty(t, p.Rejections)
	require.Len(t, p.LoadBalancers, 1)
	return p.LoadBalancers[0]
}

// rejection is the one rejection of a plan.
func rejection(t *testing.T, manifests string) elb.Rejection {
	t.Helper()
	p := plan(t, manifests, planner.Options{})
	assert.Empty(t, p.LoadBalancers, "what is rejected is not planned")
	require.Len(t, p.Rejections, 1)
	return p.Rejections[0]
}

func TestObjectsReadFromAClusterArePlanned(t *testing.T) {
	read := strings.Replace(web(), "metadata: {name: web}", `metadata: {name: web, resourceVersion: "7", uid: x, generation: 2, deletionTimestamp: "2026-01-01T00:00:00Z"}`, 1)
	p := plan(t, read, planner.Options{})
	assert.Empty(t, p.Rejections)
	assert.Len(t, p.LoadBalancers, 1)
}
