// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

const sampleARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/0123456789abcdef"

// described is a source in which every kind of answer has something in it.
func described(t *testing.T) Source {
	t.Helper()
	raw, err := os.ReadFile("../../contract/loadbalancers.json")
	require.NoError(t, err)
	var lbs []elb.LoadBalancer
	require.NoError(t, json.Unmarshal(raw, &lbs))
	account := fakeaws.New(fakeaws.Options{})
	t.Cleanup(account.Close)
	r := traffic.New()
	e := traffic.Exchange{
		Client: netip.MustParseAddrPort("192.0.2.7:40000"), Rule: r.Rule(sampleARN, 443, "1"), Target: r.Target("arn:tg", "10.244.1.5:8080"),
		Status: 502, Reason: "target 10.244.1.5:8080 refused the connection", Log: r.AccessLog(sampleARN), Request: traffic.Request{Method: "GET", Host: "shop.example.com", Path: "/"},
	}
	e.Done()
	return Source{
		Waiting:       func() string { return "" },
		LoadBalancers: func() []elb.LoadBalancer { return lbs },
		Calls: func(CallQuery) any {
			return []fakeaws.Call{{Service: "EC2", Operation: "DescribeSubnets", Input: struct{}{}, Error: "NotImplemented: no", Unimplemented: true}}
		},
		Faults:  describedFaults(t, account.Faults()),
		Pods:    func() map[string]string { return map[string]string{"10.244.1.5": "shop/web"} },
		Traffic: r,
		CA:      []byte("pem"),
		Client:  func() ([]byte, error) { return []byte("pem"), nil },
	}
}

func document(t *testing.T) libopenapi.Document {
	t.Helper()
	doc, err := libopenapi.NewDocument(description)
	require.NoError(t, err)
	return doc
}

func TestTheDescriptionIsOpenAPI(t *testing.T) {
	v, errs := validator.NewValidator(document(t))
	require.Empty(t, errs)
	valid, problems := v.ValidateDocument()
	assert.True(t, valid, "%v", problems)
}

func TestTheDescriptionHasAllRoutesAndNoOthers(t *testing.T) {
	model, err := document(t).BuildV3Model()
	require.NoError(t, err)
	var described, real []string
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	for _, r := range (handler{}).routes() {
		for method := range r.methods {
			real = append(real, method+" "+r.path)
		}
	}
	slices.Sort(described)
	slices.Sort(real)
	assert.Equal(t, real, described, "openapi.yaml and routes differ")
}

// TestAnswersAreAsDescribed asks the handler for everything that can be asked without a body.
func TestAnswersAreAsDescribed(t *testing.T) {
	v, errs := validator.NewValidator(document(t))
	require.Empty(t, errs)
	src := described(t)
	waiting := src
	waiting.Waiting = func() string { return "the webhooks are not registered" }
	type ask struct {
		path   string
		src    Source
		status int
	}
	asks := []ask{
		{"/healthz", waiting, 503},
		{"/v1/access-logs?loadBalancer=" + sampleARN, src, 200},
		{"/v1/access-logs?loadBalancer=none", src, 404},
	}
	for _, r := range (handler{}).routes() {
		if r.methods[http.MethodGet] != nil && r.path != "/v1/access-logs" && r.path != "/v1/events" { // events have a test of their own
			asks = append(asks, ask{r.path, src, 200})
		}
	}
	for _, a := range asks {
		t.Run(a.path, func(t *testing.T) {
			rec, req := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, a.path, nil)
			Handler(a.src, slog.New(slog.DiscardHandler)).ServeHTTP(rec, req)
			require.Equal(t, a.status, rec.Code)
			res := rec.Result()
			valid, problems := v.ValidateHttpResponse(req, res)
			for _, p := range problems {
				t.Logf("%s: %s", p.Message, p.Reason)
				for _, s := range p.SchemaValidationErrors {
					t.Logf("  %s: %s", s.FieldPath, s.Reason)
				}
			}
			assert.True(t, valid)
		})
	}
}

func TestTheValidatorSeesAnUndescribedField(t *testing.T) {
	v, errs := validator.NewValidator(document(t))
	require.Empty(t, errs)
	res := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"status": "ready", "extra": 1}`))}
	valid, _ := v.ValidateHttpResponse(httptest.NewRequest(http.MethodGet, "/healthz", nil), res)
	assert.False(t, valid)
}
