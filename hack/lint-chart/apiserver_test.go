// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const cluster = `
apiVersion: v1
kind: Service
metadata: {name: a, namespace: one, labels: {app: a}}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: two}
---
apiVersion: v1
kind: Namespace
metadata: {name: one}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: one}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gateways.networking.istio.io}
spec: {group: networking.istio.io, names: {kind: Gateway, plural: gateways}}
`

func TestTheAPIServerAnswers(t *testing.T) {
	objects, err := parseObjects([]byte(cluster))
	require.NoError(t, err)
	server := newAPIServer("v1.2.3", objects)
	for _, tt := range []struct {
		name, path string
		status     int
		names      []string // of the list's items, or of the object
		apiVersion string   // of the first of them
	}{
		{"all objects of a kind", "/api/v1/services", 200, []string{"a", "b"}, "v1"},
		{"those of a namespace", "/api/v1/namespaces/one/services", 200, []string{"a"}, "v1"},
		{"those with a label", "/api/v1/services?labelSelector=app%3Da", 200, []string{"a"}, "v1"},
		{"those without a name", "/api/v1/services?fieldSelector=metadata.name%21%3Da", 200, []string{"b"}, "v1"},
		{"an empty list of a kind that nobody has", "/apis/batch/v1/jobs", 200, nil, ""},
		{"one object", "/api/v1/namespaces/two/services/b", 200, []string{"b"}, "v1"},
		{"a namespace", "/api/v1/namespaces/one", 200, []string{"one"}, "v1"},
		{"a custom object by the plural in its CRD", "/apis/networking.istio.io/v1/gateways", 200, []string{"g"}, "networking.istio.io/v1"},
		{"an object in another of its versions", "/apis/networking.istio.io/v1beta1/namespaces/one/gateways/g", 200, []string{"g"}, "networking.istio.io/v1beta1"},
		{"an object that is not there", "/api/v1/namespaces/one/services/b", 404, nil, ""},
		{"another path", "/healthz", 404, nil, ""},
		{"a list with the watch, which clients then ask for apart", "/api/v1/services?watch=true&sendInitialEvents=true", 422, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			server.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, tt.path, nil))
			require.Equal(t, tt.status, recorder.Code)
			if tt.status != http.StatusOK {
				return
			}
			type object struct {
				APIVersion string
				Metadata   struct{ Name string }
				Items      []object
			}
			var body object
			require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &body))
			found := body.Items
			if body.Metadata.Name != "" {
				found = []object{body}
			}
			var names []string
			for _, o := range found {
				names = append(names, o.Metadata.Name)
			}
			assert.Equal(t, tt.names, names)
			if len(found) > 0 {
				assert.Equal(t, tt.apiVersion, found[0].APIVersion)
			}
		})
	}

	t.Run("metadata alone to those who want no more", func(t *testing.T) {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodGet, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", nil)
		request.Header.Set("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json")
		server.ServeHTTP(recorder, request)
		assert.JSONEq(t, `{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": {"resourceVersion": "1"}, "items": [
			{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {"name": "gateways.networking.istio.io"}}]}`, recorder.Body.String())
	})

	t.Run("its version", func(t *testing.T) {
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/version", nil))
		assert.JSONEq(t, `{"major": "1", "minor": "2", "gitVersion": "v1.2.3"}`, recorder.Body.String())
	})

	t.Run("nothing is written", func(t *testing.T) {
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/api/v1/services", nil))
		assert.Equal(t, http.StatusNotFound, recorder.Code)
	})
}
