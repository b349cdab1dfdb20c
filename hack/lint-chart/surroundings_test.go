// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"encoding/base64"
	"encoding/pem"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const injector = `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data: {values: '{"global": {"hub": "example.com/istio", "tag": "1.2.3", "proxy": {"image": "proxyv2"}}}'}
---
`

// around is what surrounds the objects of a manifest, by kind/namespace/name.
func around(t *testing.T, manifest string) map[string]unstructured.Unstructured {
	t.Helper()
	objects, err := parseObjects([]byte(injector + manifest))
	require.NoError(t, err)
	made, err := surroundings(objects)
	require.NoError(t, err)
	result := map[string]unstructured.Unstructured{}
	for _, object := range made {
		result[object.GetKind()+"/"+object.GetNamespace()+"/"+object.GetName()] = object
	}
	require.Len(t, result, len(made), "each object once")
	return result
}

func TestAGatewayHasAPodWithTheInjectedProxy(t *testing.T) {
	for _, workload := range []string{"Deployment", "DaemonSet"} {
		made := around(t, `
apiVersion: apps/v1
kind: `+workload+`
metadata: {name: edge, namespace: edge, labels: {not: these}}
spec:
  template:
    metadata: {labels: {istio: edge}}
    spec: {containers: [{name: istio-proxy, image: auto}, {name: other, image: other}]}
`)
		require.Contains(t, made, "Pod/edge/edge")
		pod := made["Pod/edge/edge"]
		assert.Equal(t, map[string]string{"istio": "edge"}, pod.GetLabels())
		containers, _, err := unstructured.NestedSlice(pod.Object, "spec", "containers")
		require.NoError(t, err)
		assert.Equal(t, []any{
			map[string]any{"name": "istio-proxy", "image": "example.com/istio/proxyv2:1.2.3"},
			map[string]any{"name": "other", "image": "other"},
		}, containers)
	}
}

func TestNamespacesOfApplicationsAreInjected(t *testing.T) {
	made := around(t, `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: edge}
spec: {http: [{route: [{destination: {host: shop.shop.svc.cluster.local}}]}]}
`)
	labels := map[string]map[string]string{}
	for _, object := range made {
		if object.GetKind() == "Namespace" {
			labels[object.GetName()] = object.GetLabels()
		}
	}
	injected := map[string]string{"istio-injection": "enabled"}
	assert.Equal(t, map[string]map[string]string{"istio-system": {}, "edge": injected, "shop": injected}, labels)
}

func TestWhatRoutesNameIsThere(t *testing.T) {
	made := around(t, `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: edge}
spec:
  http:
    - route: [{destination: {host: shop.shop.svc.cluster.local, port: {number: 80}, subset: v1}}, {destination: {host: near, port: {number: 8080}}}]
      mirror: {host: shadow.shop.svc.cluster.local, port: {number: 81}}
    - route: [{destination: {host: shop.shop.svc.cluster.local, port: {number: 82}}}, {destination: {host: own.edge.svc.cluster.local}}]
    - route: [{destination: {host: api.example.com}}]
  tcp: [{route: [{destination: {host: db.shop.svc.cluster.local, port: {number: 3306}}}]}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a, namespace: edge}
spec: {host: shop.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: b, namespace: edge}
spec: {host: "*.shop.svc.cluster.local"}
---
apiVersion: v1
kind: Service
metadata: {name: own, namespace: edge}
`)
	ports := map[string][]string{}
	for key, object := range made {
		if object.GetKind() != "Service" {
			continue
		}
		list, _, err := unstructured.NestedSlice(object.Object, "spec", "ports")
		require.NoError(t, err)
		for _, port := range list {
			ports[key] = append(ports[key], port.(map[string]any)["name"].(string))
		}
		slices.Sort(ports[key])
	}
	assert.Equal(t, map[string][]string{
		"Service/shop/shop":   {"http-80", "http-82"},
		"Service/edge/near":   {"http-8080"},
		"Service/shop/shadow": {"http-81"},
		"Service/shop/db":     {"tcp-3306"},
	}, ports, "not what the release has, not what is outside of the cluster")
	require.Contains(t, made, "Pod/shop/shop-v1")
	pod := made["Pod/shop/shop-v1"]
	assert.Equal(t, map[string]string{"app": "shop", "version": "v1"}, pod.GetLabels())
}

func TestAGatewaysCertificateIsThereOnce(t *testing.T) {
	made := around(t, `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: edge}
spec:
  servers:
    - {port: {number: 443}, tls: {mode: SIMPLE, credentialName: cert}}
    - {port: {number: 444}, tls: {mode: MUTUAL, credentialName: cert}}
    - {port: {number: 445}, tls: {mode: PASSTHROUGH}}
    - {port: {number: 80}}
`)
	require.Contains(t, made, "Secret/edge/cert")
	encoded, _, err := unstructured.NestedString(made["Secret/edge/cert"].Object, "data", "tls.crt")
	require.NoError(t, err)
	certificate, err := base64.StdEncoding.DecodeString(encoded)
	require.NoError(t, err)
	block, _ := pem.Decode(certificate)
	require.NotNil(t, block)
	assert.Equal(t, "CERTIFICATE", block.Type)
	for key, object := range made {
		assert.Contains(t, []string{"Secret", "Namespace"}, object.GetKind(), "%s: a Gateway's pods are the release's to make", key)
	}
}

func TestAClusterWithoutIstiodIsAnError(t *testing.T) {
	_, err := surroundings(nil)
	assert.ErrorContains(t, err, "the release has no istiod")
}
