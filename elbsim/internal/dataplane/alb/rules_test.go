// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// named starts a target that answers with its name.
func named(t *testing.T, name string) alb.Group {
	t.Helper()
	return group(t, member(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, name) // the client asserts
	})))
}

func fixedAction(status int, body string) []elb.Action {
	return []elb.Action{{Type: "fixed-response", FixedResponse: &elb.FixedResponse{StatusCode: status, ContentType: "text/plain", Body: body}}}
}

func TestRulesLeadToTargets(t *testing.T) {
	t.Parallel()
	s := httpListener(named(t, "default"))
	s.Groups["images"], s.Groups["wildcard"] = named(t, "images"), named(t, "wildcard")
	s.Listener.DefaultActions = fixedAction(http.StatusNotFound, "")
	host := elb.Condition{Field: "host-header", Values: []string{"*.example.com"}}
	s.Listener.Rules = []elb.Rule{
		{Priority: 30, Conditions: []elb.Condition{{Field: "source-ip", Values: []string{"192.0.2.0/24"}}}, Actions: forward("tg")},
		{Priority: 40, Conditions: []elb.Condition{{Field: "source-ip", Values: []string{"127.0.0.0/8"}}, {Field: "path-pattern", Values: []string{"/near"}}}, Actions: fixedAction(http.StatusOK, "near")},
		{Priority: 20, Conditions: []elb.Condition{host}, Actions: forward("wildcard")},
		{Priority: 10, Conditions: []elb.Condition{host, {Field: "path-pattern", Values: []string{"/img/*"}}}, Actions: forward("images")},
		{Priority: 5, Conditions: []elb.Condition{{Field: "host-header", Values: []string{"example.com"}}}, Actions: fixedAction(http.StatusOK, "apex")},
	}
	_, lb := start(t, s)
	tests := []struct {
		name, request, want string
		status              int
	}{
		{"row 37: the rule with the lowest priority number wins", "GET /img/a HTTP/1.1\r\nHost: a.example.com\r\n\r\n", "images", 200},
		{"row 38: all conditions of a rule must hold", "GET /img/a HTTP/1.1\r\nHost: other.org\r\n\r\n", "", 404},
		{"row 39: a host matches whatever its case", "GET / HTTP/1.1\r\nHost: A.Example.COM\r\n\r\n", "wildcard", 200},
		{"row 39: a wildcard host does not match its apex", "GET /img/a HTTP/1.1\r\nHost: example.com\r\n\r\n", "apex", 200},
		{"row 40: a path matches in its own case only", "GET /IMG/a HTTP/1.1\r\nHost: a.example.com\r\n\r\n", "wildcard", 200},
		{"row 11: the first of several Host headers counts", "GET / HTTP/1.1\r\nHost: a.example.com\r\nHost: example.com\r\n\r\n", "wildcard", 200},
		{"row 42: the peer's address is the source", "GET /near HTTP/1.1\r\nHost: b\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n", "near", 200},
		{"row 42: X-Forwarded-For does not make a source address", "GET / HTTP/1.1\r\nHost: b\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n", "", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := exchange(t, lb, tt.request)
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Equal(t, tt.want, body)
		})
	}
}

func TestRow40PathAndQueryAreForwardedAsSent(t *testing.T) {
	t.Parallel()
	address, heads := recorder(t)
	_, lb := start(t, httpListener(group(t, member(t, address))))
	for _, target := range []string{"/img/a%2Fb?x=1&y=%20", "//double", "/?", "/a?b?c"} {
		exchange(t, lb, "GET "+target+" HTTP/1.1\r\nHost: a\r\n\r\n")
		assert.Contains(t, next(t, heads), "GET "+target+" HTTP/1.1\r\n")
	}
}

func TestRow43Redirect(t *testing.T) {
	t.Parallel()
	s := httpListener(group(t))
	s.Listener.DefaultActions = []elb.Action{{Type: "redirect", Redirect: &elb.Redirect{Protocol: "HTTPS", Port: "443", StatusCode: http.StatusMovedPermanently}}}
	_, lb := start(t, s)
	resp, body := exchange(t, lb, "GET /cart?item=1 HTTP/1.1\r\nHost: Shop.example.com:80\r\n\r\n")
	assert.Equal(t, http.StatusMovedPermanently, resp.StatusCode)
	assert.Equal(t, "https://shop.example.com:443/cart?item=1", resp.Header.Get("Location"))
	assert.Equal(t, "awselb/2.0", resp.Header.Get("Server"))
	assert.Contains(t, body, "<h1>301 Moved Permanently</h1>")
}

func TestRow44FixedResponse(t *testing.T) {
	t.Parallel()
	s := httpListener(group(t))
	s.Listener.DefaultActions = fixedAction(http.StatusForbidden, "closed")
	_, lb := start(t, s)
	resp, body := exchange(t, lb, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	assert.Equal(t, "closed", body)
	assert.Equal(t, "text/plain; charset=utf-8", resp.Header.Get("Content-Type"))
	assert.Equal(t, "awselb/2.0", resp.Header.Get("Server"))
	assert.NotEmpty(t, resp.Header.Get("Date"))
}

func TestHEADIsAnsweredWithoutBody(t *testing.T) {
	t.Parallel()
	s := httpListener(group(t))
	s.Listener.DefaultActions = fixedAction(http.StatusOK, "closed")
	_, lb := start(t, s)
	resp, err := client(t, lb, false).Head("http://a/")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, int64(6), resp.ContentLength)
}

func TestRow45Weights(t *testing.T) {
	t.Parallel()
	s := httpListener(named(t, "heavy"))
	s.Groups["light"], s.Groups["none"] = named(t, "light"), named(t, "none")
	s.Listener.DefaultActions = []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "tg", Weight: 9}, {TargetGroup: "none"}, {TargetGroup: "light", Weight: 1}}}}
	_, lb := start(t, s)
	c, got := client(t, lb, false), map[string]int{}
	for range 1000 {
		resp, err := c.Get("http://a/")
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		got[string(body)]++
	}
	assert.InDelta(t, 900, got["heavy"], 60, "six standard deviations")
	assert.Zero(t, got["none"])
}

func TestRow45AllWeightsZeroIs503(t *testing.T) {
	t.Parallel()
	s := httpListener(named(t, "a"))
	s.Groups["b"] = named(t, "b")
	s.Listener.DefaultActions = []elb.Action{{Type: "forward", Forward: []elb.Weighted{{TargetGroup: "tg"}, {TargetGroup: "b"}}}}
	_, lb := start(t, s)
	resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
}

func TestRow51RoundRobin(t *testing.T) {
	t.Parallel()
	var members []elb.Target
	counts := map[string]int{}
	for _, name := range []string{"1", "2", "3"} {
		members = append(members, member(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, name) // the client asserts
		})))
	}
	g := group(t, members...)
	require.Eventually(t, func() bool { p := g.View().Pool("a"); return len(p.Targets) == 3 && !p.FailOpen }, patience, tick)
	_, lb := start(t, httpListener(g))
	for range 30 {
		_, body := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		counts[body]++
	}
	assert.Equal(t, map[string]int{"1": 10, "2": 10, "3": 10}, counts)
}

func inOwnZone(s *target.Settings) { s.CrossZone = false }

func TestRow55CrossZoneOffUsesTheNodesOwnZone(t *testing.T) {
	t.Parallel()
	m := member(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "zone a") // the client asserts
	}))
	s := httpListener(groupWith(t, inOwnZone, m))
	_, lb := start(t, s)
	_, body := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, "zone a", body)
	s.Node.Zone = "b"
	_, other := start(t, s)
	resp, _ := exchange(t, other, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "row 34: a zone without targets")
}
