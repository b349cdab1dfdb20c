// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package loadbalancer_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

const sample = "../../elbsim/contract/loadbalancers.json"

// serve answers every path of answers and 404 otherwise.
func serve(t *testing.T, answers map[string]string) *loadbalancer.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if !ok {
			http.Error(w, "not ready: waiting for the webhooks", http.StatusServiceUnavailable)
			return
		}
		if _, err := w.Write([]byte(answer)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return loadbalancer.NewClient(server.URL + "/")
}

func TestTheContractDecodesAndEncodesToTheSame(t *testing.T) {
	want, err := os.ReadFile(sample)
	require.NoError(t, err)
	lbs, err := loadbalancer.Decode(bytes.NewReader(want))
	require.NoError(t, err)
	got, err := json.Marshal(lbs)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(got))
}

func TestAnUnknownFieldIsAnError(t *testing.T) {
	_, err := loadbalancer.Decode(strings.NewReader(`[{"stack": "a/b", "colour": "blue"}]`))
	assert.ErrorContains(t, err, `unknown field "colour"`)
}

func TestListReturnsWhatElbsimServes(t *testing.T) {
	client := serve(t, map[string]string{"/v1/loadbalancers": `[{"stack": "shop/web", "listeners": [{"port": 80}]}]`})
	lbs, err := client.List(t.Context())
	require.NoError(t, err)
	require.Len(t, lbs, 1)
	assert.Equal(t, "shop/web", lbs[0].Stack)
	assert.Equal(t, int32(80), lbs[0].Listeners[0].Port)
}

func TestRootsAreTheServedAuthority(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	roots, pem, err := serve(t, map[string]string{"/v1/ca.pem": string(block)}).Roots(t.Context())
	require.NoError(t, err)
	assert.Equal(t, string(block), string(pem))
	want := x509.NewCertPool()
	want.AddCert(server.Certificate())
	assert.True(t, want.Equal(roots))

	_, _, err = serve(t, map[string]string{"/v1/ca.pem": "none"}).Roots(t.Context())
	assert.ErrorContains(t, err, "/v1/ca.pem: no certificate in it")
}

func TestReady(t *testing.T) {
	require.NoError(t, serve(t, map[string]string{"/healthz": "ok"}).Ready(t.Context()))
	assert.ErrorContains(t, serve(t, nil).Ready(t.Context()), "/healthz: 503 Service Unavailable: not ready: waiting for the webhooks")
}
