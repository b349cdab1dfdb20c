// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package controller

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

// pathToAResource is a review of an Ingress on which v3.3.0's webhook panics.
const pathToAResource = `{
	"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
	"request": {
		"uid": "1", "operation": "CREATE", "namespace": "default", "name": "web",
		"kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"},
		"object": {
			"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
			"metadata": {"name": "web", "namespace": "default", "annotations": {"kubernetes.io/ingress.class": "alb"}},
			"spec": {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"resource": {"kind": "Bucket", "name": "b"}}}]}}]}
		}
	}
}`

func manager(t *testing.T) ctrl.Manager {
	t.Helper()
	m, err := newManager(parsed(t), &rest.Config{Host: "http://127.0.0.1:1"}, Options{WebhookHost: "127.0.0.1"})
	require.NoError(t, err)
	return m
}

func TestAWebhookThatPanicsAnswersAndTheProcessGoesOn(t *testing.T) {
	m, account := manager(t), fakeaws.New(fakeaws.Options{})
	t.Cleanup(account.Close)
	newWiring(parsed(t).lbc, m, account.Cloud(), logr.Discard()).setupWebhooks()

	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/validate-networking-v1-ingress", strings.NewReader(pathToAResource))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	m.GetWebhookServer().WebhookMux().ServeHTTP(recorder, request)

	var review admissionv1.AdmissionReview
	require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &review))
	require.NotNil(t, review.Response)
	assert.False(t, review.Response.Allowed)
	assert.Contains(t, review.Response.Result.Message, "panic: runtime error: invalid memory address or nil pointer dereference [recovered]")
}

func TestAReconcilerThatPanicsDoesNotEndTheProcess(t *testing.T) {
	recovers := manager(t).GetControllerOptions().RecoverPanic
	require.NotNil(t, recovers)
	assert.True(t, *recovers)
}
