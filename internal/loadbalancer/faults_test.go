// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package loadbalancer_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// listen answers each request with a status and a body, and keeps what was sent.
func listen(t *testing.T, status int, answer string) (client *loadbalancer.Client, sent func() string) {
	t.Helper()
	got := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
		w.WriteHeader(status)
		_, err = w.Write([]byte(answer))
		assert.NoError(t, err)
	}))
	t.Cleanup(server.Close)
	return loadbalancer.NewClient(server.URL), func() string { return got }
}

func TestFaultsAreSetAndCleared(t *testing.T) {
	fault := loadbalancer.Fault{Type: "error", Operation: "*", Code: "Throttling"}
	client, sent := listen(t, http.StatusCreated, `{"id": "1"}`)
	require.NoError(t, client.AddFault(t.Context(), fault))
	assert.Equal(t, `POST /v1/faults {"type":"error","operation":"*","code":"Throttling"}`, sent())

	client, sent = listen(t, http.StatusNoContent, "")
	require.NoError(t, client.ClearFaults(t.Context()))
	assert.Equal(t, "DELETE /v1/faults ", sent())

	client, _ = listen(t, http.StatusBadRequest, `{"error": "type \"fire\": it must be one of error"}`)
	assert.ErrorContains(t, client.AddFault(t.Context(), fault), `/v1/faults: 400 Bad Request: {"error": "type \"fire\": it must be one of error"}`)
}

func TestCallsSinceATime(t *testing.T) {
	client, sent := listen(t, http.StatusOK, `[{"operation": "CreateRule", "input": {}, "error": "Throttling: Rate exceeded"}, {"operation": "DescribeRules"}]`)
	calls, err := client.Calls(t.Context(), time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC))
	require.NoError(t, err)
	assert.Equal(t, []loadbalancer.Call{{Operation: "CreateRule", Error: "Throttling: Rate exceeded"}, {Operation: "DescribeRules"}}, calls)
	assert.Equal(t, "GET /v1/calls?since=2026-01-02T03%3A04%3A05.0000006Z ", sent())
}
