// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// pair is a group of two targets that answer with their names, "1" and "2".
func pair(t *testing.T, edit func(*target.Settings), answer func(http.ResponseWriter)) (alb.Group, []elb.Target) {
	t.Helper()
	var members []elb.Target
	for _, name := range []string{"1", "2"} {
		members = append(members, member(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if answer != nil {
				answer(w)
			}
			_, _ = io.WriteString(w, name) // the client asserts
		})))
	}
	g := groupWith(t, edit, members...)
	require.Eventually(t, func() bool { return !g.View().Pool("a").FailOpen && len(g.View().Pool("a").Targets) == 2 }, patience, tick)
	return g, members
}

// answer is what a client sees: who answered and which cookies it is given.
type answer struct {
	body    string
	cookies map[string]*http.Cookie
	lines   []string // of Set-Cookie
}

// visit asks once with cookies.
func visit(t *testing.T, lb string, cookies ...*http.Cookie) answer {
	t.Helper()
	request := "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
	for _, c := range cookies {
		request += "Cookie: x=y; " + c.Name + "=" + c.Value + "\r\n"
	}
	resp, body := exchange(t, lb, request+"\r\n")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	return answerOf(resp, body)
}

func answerOf(resp *http.Response, body string) answer {
	out := answer{body: body, cookies: map[string]*http.Cookie{}, lines: resp.Header.Values("Set-Cookie")}
	for _, c := range resp.Cookies() {
		out.cookies[c.Name] = c
	}
	return out
}

// requireStuck asks so often that turns would have led elsewhere.
func requireStuck(t *testing.T, lb, want string, cookies ...*http.Cookie) {
	t.Helper()
	for range 6 {
		require.Equal(t, want, visit(t, lb, cookies...).body)
	}
}

// requireFree asks until both targets have answered.
func requireFree(t *testing.T, lb string, cookies ...*http.Cookie) {
	t.Helper()
	got := map[string]bool{}
	require.Eventually(t, func() bool { got[visit(t, lb, cookies...).body] = true; return len(got) == 2 }, patience, tick)
}

var byLoadBalancer = map[string]string{"stickiness.enabled": "true", "stickiness.lb_cookie.duration_seconds": "600"}

func TestRow45TargetStickiness(t *testing.T) {
	t.Parallel()
	g, members := pair(t, nil, nil)
	g.Attributes = byLoadBalancer
	_, lb := start(t, httpListener(g))
	requireFree(t, lb) // without a cookie
	first := visit(t, lb)
	require.ElementsMatch(t, []string{"AWSALB", "AWSALBCORS"}, slices.Collect(maps.Keys(first.cookies)))
	own, twin := first.cookies["AWSALB"], first.cookies["AWSALBCORS"]

	requireStuck(t, lb, first.body, own)
	requireStuck(t, lb, first.body, twin)
	assert.Equal(t, own.Value, twin.Value)
	for _, c := range []*http.Cookie{own, twin} {
		assert.WithinDuration(t, time.Now().Add(7*24*time.Hour), c.Expires, time.Minute, "it does not depend on the duration")
		assert.Equal(t, "/", c.Path)
	}
	assert.Equal(t, http.SameSiteNoneMode, twin.SameSite)
	assert.False(t, twin.Secure || own.Secure, "a browser would not keep a secure one over HTTP")
	assert.Zero(t, own.SameSite)
	assert.NotEqual(t, own.Value, visit(t, lb, own).cookies["AWSALB"].Value, "it is renewed in every answer")
	opaque, err := base64.StdEncoding.DecodeString(own.Value)
	require.NoError(t, err)
	assert.NotContains(t, string(opaque), "127.0.0.1")

	// The pinned target goes away.
	gone := 0
	if first.body == "2" {
		gone = 1
	}
	members[gone].Health.State = elb.Draining
	g.Update(target.Settings{Threshold: target.Threshold{Count: 1}, CrossZone: true}, target.Checks{}, members)
	other := visit(t, lb, own)
	assert.NotEqual(t, first.body, other.body, "a new choice")
	members[gone].Health.State = ""
	g.Update(target.Settings{Threshold: target.Threshold{Count: 2}, CrossZone: true}, target.Checks{}, members) // both get traffic
	requireFree(t, lb)
	requireStuck(t, lb, other.body, other.cookies["AWSALB"])
}

func TestRow45CookiesThatDoNotHold(t *testing.T) {
	t.Parallel()
	g, _ := pair(t, nil, nil)
	g.Attributes = byLoadBalancer
	s := httpListener(g)
	s.LoadBalancer = "arn:other"
	_, other := start(t, s)
	s.LoadBalancer = "arn:this"
	_, lb := start(t, s)
	own := visit(t, lb).cookies["AWSALB"]
	requireStuck(t, lb, visit(t, lb, own).body, own)

	broken := []byte(own.Value)
	broken[20] ^= 1
	for name, value := range map[string]string{
		"nothing": "", "no base64": "{}", "too short": "AAAA", "changed": string(broken), "another load balancer's": visit(t, other).cookies["AWSALB"].Value,
	} {
		t.Run("row 45: "+name, func(t *testing.T) {
			requireFree(t, lb, &http.Cookie{Name: "AWSALB", Value: value})
		})
	}
	t.Run("row 45: one of another kind", func(t *testing.T) { requireFree(t, lb, &http.Cookie{Name: "AWSALBTG", Value: own.Value}) })
}

func TestRow45StickinessEndsWithItsDuration(t *testing.T) {
	t.Parallel()
	g, _ := pair(t, nil, nil)
	g.Attributes = map[string]string{"stickiness.enabled": "true", "stickiness.lb_cookie.duration_seconds": "1"}
	s := httpListener(g)
	s.Second = 200 * time.Millisecond
	_, lb := start(t, s)
	requireFree(t, lb, visit(t, lb).cookies["AWSALB"])
}

func TestRow45CookiesOverTLS(t *testing.T) {
	t.Parallel()
	g, _ := pair(t, nil, nil)
	g.Attributes = byLoadBalancer
	_, lb := start(t, httpsListener(t, g))
	c, err := tls.Dial("tcp", lb, &tls.Config{InsecureSkipVerify: true, ServerName: "shop.example.com"})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	got := answerOf(response(t, bufio.NewReader(c)))
	assert.True(t, got.cookies["AWSALBCORS"].Secure, "row 45: SameSite=None needs Secure")
	assert.False(t, got.cookies["AWSALB"].Secure)
}

func TestRow45GroupStickiness(t *testing.T) {
	t.Parallel()
	s := httpListener(named(t, "blue"))
	s.Groups["green"] = named(t, "green")
	sticky := func(blue, green int32) []elb.Action {
		return []elb.Action{{Type: "forward", StickySeconds: 600, Forward: []elb.Weighted{{TargetGroup: "tg", Weight: blue}, {TargetGroup: "green", Weight: green}}}}
	}
	s.Listener.DefaultActions = sticky(1, 1)
	l, lb := start(t, s)
	requireFree(t, lb)
	first := visit(t, lb)
	require.ElementsMatch(t, []string{"AWSALBTG", "AWSALBTGCORS"}, slices.Collect(maps.Keys(first.cookies)))
	assert.Equal(t, http.SameSiteNoneMode, first.cookies["AWSALBTGCORS"].SameSite)
	for range 20 {
		require.Equal(t, first.body, visit(t, lb, first.cookies["AWSALBTG"]).body)
		require.Equal(t, first.body, visit(t, lb, first.cookies["AWSALBTGCORS"]).body)
	}

	s.Listener.DefaultActions = sticky(0, 1)
	if first.body == "green" {
		s.Listener.DefaultActions = sticky(1, 0)
	}
	require.NoError(t, l.Update(s))
	requireStuck(t, lb, first.body, first.cookies["AWSALBTG"])
	fresh := visit(t, lb)
	assert.NotEqual(t, first.body, fresh.body, "a new client goes by weight")

	s.Listener.DefaultActions = []elb.Action{{Type: "forward", StickySeconds: 600, Forward: []elb.Weighted{{TargetGroup: "tg", Weight: 1}}}}
	s.Groups["tg"] = named(t, "red")
	require.NoError(t, l.Update(s))
	green := first.cookies["AWSALBTG"]
	if first.body != "green" {
		green = fresh.cookies["AWSALBTG"]
	}
	assert.Equal(t, "red", visit(t, lb, green).body, "a group that the rule does not name any more")
}

func TestRow45GroupAndTargetStickiness(t *testing.T) {
	t.Parallel()
	blue, _ := pair(t, nil, nil)
	blue.Attributes = byLoadBalancer
	s := httpListener(blue)
	s.Groups["green"] = named(t, "green")
	s.Listener.DefaultActions = []elb.Action{{Type: "forward", StickySeconds: 600, Forward: []elb.Weighted{{TargetGroup: "tg", Weight: 1}, {TargetGroup: "green", Weight: 1}}}}
	_, lb := start(t, s)
	var first answer
	require.Eventually(t, func() bool { first = visit(t, lb); return first.body != "green" }, patience, tick)
	require.Len(t, first.cookies, 4)
	for range 20 {
		require.Equal(t, first.body, visit(t, lb, first.cookies["AWSALBTG"], first.cookies["AWSALB"]).body)
	}
}

func TestRow45ApplicationCookie(t *testing.T) {
	t.Parallel()
	set := make(chan struct{}, 1)
	g, _ := pair(t, nil, func(w http.ResponseWriter) {
		select {
		case <-set:
			w.Header().Add("Set-Cookie", "SESSION=42; Path=/")
		default:
		}
	})
	g.Attributes = map[string]string{"stickiness.enabled": "true", "stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "SESSION"}
	_, lb := start(t, httpListener(g))
	assert.Empty(t, visit(t, lb).lines, "row 45: nothing before the target has set its cookie")

	set <- struct{}{}
	first := visit(t, lb)
	session, own := first.cookies["SESSION"], first.cookies["AWSALBAPP-0"]
	require.ElementsMatch(t, []string{"SESSION", "AWSALBAPP-0", "AWSALBAPP-1", "AWSALBAPP-2", "AWSALBAPP-3"}, slices.Collect(maps.Keys(first.cookies)))
	assert.WithinDuration(t, time.Now().Add(7*24*time.Hour), own.Expires, time.Minute)
	requireStuck(t, lb, first.body, session, own)
	assert.Contains(t, visit(t, lb, session, own).cookies, "AWSALBAPP-0", "renewed in every answer")
	requireFree(t, lb, own)     // both cookies must come back
	requireFree(t, lb, session) // both cookies must come back
}

func TestRow55WithoutCrossZoneThereIsNoStickiness(t *testing.T) {
	t.Parallel()
	g, _ := pair(t, inOwnZone, nil)
	g.Attributes = byLoadBalancer
	s := httpListener(g)
	_, lb := start(t, s)
	assert.Empty(t, visit(t, lb).lines)
	other, _ := pair(t, nil, nil)
	other.Attributes = byLoadBalancer
	s.Groups["tg"] = other
	_, sticky := start(t, s)
	requireFree(t, lb, visit(t, sticky).cookies["AWSALB"])
}

func TestStickinessSettingsThatCannotBeServedAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		attributes map[string]string
		want       string
	}{
		"no cookie name":      {map[string]string{"stickiness.type": "app_cookie"}, "needs the attribute stickiness.app_cookie.cookie_name"},
		"a type that is none": {map[string]string{"stickiness.type": "source_ip"}, `stickiness type "source_ip"; allowed are lb_cookie and app_cookie`},
		"no number":           {map[string]string{"stickiness.lb_cookie.duration_seconds": "day"}, "must be a number"},
	} {
		t.Run(name, func(t *testing.T) {
			g := named(t, "1")
			tt.attributes["stickiness.enabled"] = "true"
			g.Attributes = tt.attributes
			_, err := alb.New(httpListener(g))
			assert.ErrorContains(t, err, tt.want)
			assert.ErrorContains(t, err, `target group "tg"`)
		})
	}
}
