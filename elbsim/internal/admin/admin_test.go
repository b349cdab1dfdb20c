// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/admin"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/faults"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

func source() admin.Source {
	return admin.Source{
		Waiting:       func() string { return "" },
		LoadBalancers: func() []elb.LoadBalancer { return nil },
		Calls:         func(admin.CallQuery) any { return []string{} },
		Faults:        faults.NewSet(faults.Known{}),
		Pods:          func() map[string]string { return map[string]string{"10.244.1.5": "shop/web"} },
		Traffic:       traffic.New(),
		CA:            []byte("pem"),
		Client:        func() ([]byte, error) { return []byte("certificate and key"), nil },
	}
}

func ask(t *testing.T, src admin.Source, method, path string) (*http.Response, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	admin.Handler(src, slog.New(slog.DiscardHandler)).ServeHTTP(rec, httptest.NewRequest(method, path, nil))
	res := rec.Result()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(body)
}

func TestAnswers(t *testing.T) {
	waiting := source()
	waiting.Waiting = func() string { return "the webhooks are not registered" }
	unencodable := source()
	unencodable.Calls = func(admin.CallQuery) any { return []any{func() {}} }
	for _, c := range []struct {
		name, method, path string
		src                admin.Source
		status             int
		body               string
	}{
		{name: "ready is 200", path: "/healthz", src: source(), status: 200, body: `{"status":"ready"}`},
		{name: "not ready is 503 and says for what it waits", path: "/healthz", src: waiting, status: 503, body: `{"error":"not ready: the webhooks are not registered"}`},
		{name: "no load balancers are an empty list", path: "/v1/loadbalancers", src: source(), status: 200, body: `[]`},
		{name: "no calls are an empty list", path: "/v1/calls", src: source(), status: 200, body: `[]`},
		{name: "an unknown path is 404", path: "/v2", src: source(), status: 404, body: `{"error":"no such path /v2; there are / and /healthz, /v1/access-logs, /v1/ca.pem, /v1/calls, /v1/client.pem, /v1/events, /v1/faults, /v1/faults/{id}, /v1/loadbalancers, /v1/openapi.yaml, /v1/pods, /v1/traffic"}`},
		{name: "another method is 405", method: "POST", path: "/v1/calls", src: source(), status: 405, body: `{"error":"method POST is not allowed for /v1/calls; allowed are GET, HEAD"}`},
		{name: "what cannot be encoded is 500", path: "/v1/calls", src: unencodable, status: 500, body: `{"error":"the answer cannot be encoded; see the log"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			method := c.method
			if method == "" {
				method = http.MethodGet
			}
			res, body := ask(t, c.src, method, c.path)
			assert.Equal(t, c.status, res.StatusCode)
			assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
			assert.JSONEq(t, c.body, body)
		})
	}
}

func TestCertificateAuthorityIsPEM(t *testing.T) {
	res, body := ask(t, source(), http.MethodGet, "/v1/ca.pem")
	assert.Equal(t, 200, res.StatusCode)
	assert.Equal(t, "application/x-pem-file", res.Header.Get("Content-Type"))
	assert.Equal(t, "pem", body)
}

func TestClientsOfMutualTLSGetACertificate(t *testing.T) {
	res, body := ask(t, source(), http.MethodGet, "/v1/client.pem")
	assert.Equal(t, 200, res.StatusCode)
	assert.Equal(t, "application/x-pem-file", res.Header.Get("Content-Type"))
	assert.Equal(t, "certificate and key", body)
	src := source()
	src.Client = func() ([]byte, error) { return nil, errors.New("no entropy") }
	res, body = ask(t, src, http.MethodGet, "/v1/client.pem")
	assert.Equal(t, 500, res.StatusCode)
	assert.JSONEq(t, `{"error":"no client certificate can be made; see the log"}`, body)
}

func TestLoadBalancersKeepTheVocabulary(t *testing.T) {
	want := []elb.LoadBalancer{{
		Stack: "shop/web", Type: elb.Application, Scheme: "internal", IPAddressType: "ipv4", Zones: []string{"eu-west-1a"},
		ARN: "arn:lb", DNSName: "web.elb.amazonaws.com", State: "active",
		Addresses: []elb.Address{{Zone: "eu-west-1a", IP: "127.64.0.1"}},
		Listeners: []elb.Listener{{Port: 80, Protocol: "HTTP", DefaultActions: []elb.Action{{Type: "forward"}}}},
		TargetGroups: []elb.TargetGroup{{Name: "shop/web:80", ARN: "arn:tg", Targets: []elb.Target{
			{ID: "10.244.1.2", Address: "10.244.1.2", Port: 8080, Health: elb.Health{State: elb.Unhealthy, Reason: "Target.Timeout"}},
		}}},
	}}
	src := source()
	src.LoadBalancers = func() []elb.LoadBalancer { return want }
	_, body := ask(t, src, http.MethodGet, "/v1/loadbalancers")
	var got []elb.LoadBalancer
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&got))
	assert.Equal(t, want, got)
}
