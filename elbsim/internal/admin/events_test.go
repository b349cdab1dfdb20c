// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin_test

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/admin"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// event is one server-sent event.
type event struct{ name, data string }

// follow opens the stream of events; next waits for one.
func follow(t *testing.T, src admin.Source) (next func() event, res *http.Response) {
	t.Helper()
	server := httptest.NewServer(admin.Handler(src, slog.New(slog.DiscardHandler)))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel) // before the server waits for the stream
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/v1/events", nil)
	require.NoError(t, err)
	res, err = http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, res.Body.Close()) })
	lines := bufio.NewReader(res.Body)
	return func() event {
		var e event
		for {
			line, err := lines.ReadString('\n')
			require.NoError(t, err)
			switch name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); name {
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				return e
			}
		}
	}, res
}

func TestEventsBeginWithEverythingAndGoOnWithWhatChanges(t *testing.T) {
	var health atomic.Value
	health.Store(elb.Healthy)
	src := source()
	src.LoadBalancers = func() []elb.LoadBalancer {
		return []elb.LoadBalancer{{Stack: "shop/web", TargetGroups: []elb.TargetGroup{{Name: "shop/web:80", Targets: []elb.Target{
			{ID: "10.244.1.5", Health: elb.Health{State: health.Load().(elb.HealthState)}},
		}}}}}
	}
	next, res := follow(t, src)
	assert.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	first := map[string]string{}
	for range 4 {
		e := next()
		first[e.name] = e.data
	}
	assert.JSONEq(t, `{"waiting": ""}`, first["status"])
	assert.JSONEq(t, `{"10.244.1.5": "shop/web"}`, first["pods"])
	assert.Contains(t, first["loadbalancers"], `"state":"healthy"`)
	var snapshot traffic.Snapshot
	require.NoError(t, json.Unmarshal([]byte(first["traffic"]), &snapshot))

	assert.Equal(t, "traffic", next().name, "what is the same is not sent again")
	health.Store(elb.Unhealthy)
	for {
		if e := next(); e.name != "traffic" {
			assert.Equal(t, "loadbalancers", e.name)
			assert.Contains(t, e.data, `"state":"unhealthy"`)
			return
		}
	}
}

func TestConsoleIsAtTheRootAndLoadsNothingFromElsewhere(t *testing.T) {
	res, body := ask(t, source(), http.MethodGet, "/")
	assert.Equal(t, 200, res.StatusCode)
	assert.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Contains(t, res.Header.Get("Content-Security-Policy"), "default-src 'none'")
	assert.NotContains(t, body, "://")
	res, _ = ask(t, source(), http.MethodGet, "/console/app.js")
	assert.Equal(t, 200, res.StatusCode)
	assert.Contains(t, res.Header.Get("Content-Type"), "javascript")
}
