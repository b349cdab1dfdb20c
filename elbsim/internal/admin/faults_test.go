// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/faults"
)

func TestFaultsAreSetListedAndCleared(t *testing.T) {
	src := described(t)
	v, errs := validator.NewValidator(document(t))
	require.Empty(t, errs)
	for _, step := range []struct {
		name, method, path, body string
		status                   int
		want                     string // part of the answer
		left                     int
	}{
		{"add one", "POST", "/v1/faults", `{"type": "error", "operation": "CreateRule", "code": "Throttling", "count": 3}`, 201, `"id": "2"`, 2},
		{"list them", "GET", "/v1/faults", "", 200, `"code": "Throttling"`, 2},
		{"a field that is none", "POST", "/v1/faults", `{"type": "zone", "zoen": "eu-west-1a"}`, 400, `unknown field \"zoen\"`, 2},
		{"a type that is none", "POST", "/v1/faults", `{"type": "fire"}`, 400, "it must be one of error, latency", 2},
		{"an operation that is none", "POST", "/v1/faults", `{"type": "latency", "operation": "Create", "milliseconds": 5}`, 400, "it must be * or one of", 2},
		{"no JSON", "PUT", "/v1/faults", `[`, 400, "read body: unexpected EOF", 2},
		{"two values", "POST", "/v1/faults", `{"type": "zone", "zone": "eu-west-1a"} {}`, 400, "more than one JSON value", 2},
		{"one wrong of two", "PUT", "/v1/faults", `[{"type": "zone", "zone": "eu-west-1a"}, {"type": "zone"}]`, 400, "fault 2 of 2: zone: a fault of type zone needs it", 2},
		{"replace all", "PUT", "/v1/faults", `[{"type": "target", "target": "10.0.0.1"}]`, 200, `"mode": "drop"`, 1},
		{"clear one that is not there", "DELETE", "/v1/faults/9", "", 404, `no fault \"9\"`, 1},
		{"clear one", "DELETE", "/v1/faults/3", "", 204, "", 0},
		{"clear all", "DELETE", "/v1/faults", "", 204, "", 0},
	} {
		t.Run(step.name, func(t *testing.T) {
			rec, req := httptest.NewRecorder(), httptest.NewRequest(step.method, step.path, strings.NewReader(step.body))
			req.Header.Set("Content-Type", "application/json")
			Handler(src, slog.New(slog.DiscardHandler)).ServeHTTP(rec, req)
			assert.Equal(t, step.status, rec.Code, rec.Body.String())
			assert.Contains(t, rec.Body.String(), step.want)
			assert.Len(t, src.Faults.List(), step.left)
			valid, problems := v.ValidateHttpResponse(req, rec.Result())
			assert.True(t, valid, "%v", problems)
		})
	}
}

func TestCallsAreAskedFor(t *testing.T) {
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		query string
		want  CallQuery
		err   string
	}{
		{query: "", want: CallQuery{}},
		{query: "?operation=CreateRule&failed=true&limit=5&since=2026-01-02T03:04:05Z", want: CallQuery{Operation: "CreateRule", Since: since, Failed: true, Limit: 5}},
		{query: "?limit=0", err: `query limit=\"0\": it must be above 0`},
		{query: "?since=yesterday", err: `query since=\"yesterday\"`},
		{query: "?failed=maybe", err: `query failed=\"maybe\"`},
		{query: "?op=x", err: `query op=\"x\": there are operation, since, failed and limit`},
	} {
		t.Run(c.query, func(t *testing.T) {
			src := described(t)
			var asked CallQuery
			src.Calls = func(q CallQuery) any { asked = q; return []string{} }
			rec := httptest.NewRecorder()
			Handler(src, slog.New(slog.DiscardHandler)).ServeHTTP(rec, httptest.NewRequest("GET", "/v1/calls"+c.query, nil))
			if c.err != "" {
				assert.Equal(t, 400, rec.Code)
				assert.Contains(t, rec.Body.String(), c.err)
				return
			}
			assert.Equal(t, 200, rec.Code)
			assert.Equal(t, c.want, asked)
		})
	}
}

// The zone that is in described for the answers to have something in them.
func describedFaults(t *testing.T, s *faults.Set) *faults.Set {
	t.Helper()
	_, err := s.Add(faults.Fault{Type: faults.Zone, Zone: "eu-west-1b"})
	require.NoError(t, err)
	return s
}
