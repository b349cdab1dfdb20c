// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRow51LeastOutstandingRequestsCountUntilTheResponseIsOver(t *testing.T) {
	t.Parallel()
	arrived, proceed := make(chan string, 1), make(chan struct{})
	var members []elb.Target
	for _, name := range []string{"1", "2"} {
		members = append(members, member(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, name) // the client asserts
			w.(http.Flusher).Flush()       // the response is under way
			if r.URL.Path == "/slow" {
				arrived <- name
				<-proceed
			}
			_, _ = io.WriteString(w, "done") // the client asserts
		})))
	}
	t.Cleanup(func() { close(proceed) }) // targets end only when nothing is under way
	g := groupWith(t, func(s *target.Settings) { s.Algorithm = target.LeastOutstanding }, members...)
	require.Eventually(t, func() bool { p := g.View().Pool("a"); return len(p.Targets) == 2 && !p.FailOpen }, patience, tick)
	g.Attributes = byLoadBalancer
	_, lb := start(t, httpListener(g))
	slow := dial(t, lb)
	_, err := io.WriteString(slow, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	busy := next(t, arrived) + "done"
	for range 6 {
		require.NotEqual(t, busy, visit(t, lb).body, "row 51: the other target has fewer requests under way")
	}
	proceed <- struct{}{}
	resp, body := response(t, bufio.NewReader(slow))
	require.Equal(t, busy, body)
	requireFree(t, lb)
	pinned := answerOf(resp, body).cookies["AWSALB"]

	_, err = io.WriteString(slow, "GET /slow HTTP/1.1\r\nHost: a\r\nCookie: AWSALB="+pinned.Value+"\r\n\r\n")
	require.NoError(t, err)
	require.Equal(t, strings.TrimSuffix(busy, "done"), next(t, arrived))
	requireStuck(t, lb, busy, pinned) // row 51: stickiness overrides the algorithm
	proceed <- struct{}{}
}

func TestRow51AnomalousTargetGetsLess(t *testing.T) {
	t.Parallel()
	var members []elb.Target
	for _, status := range []int{500, 200, 200} {
		members = append(members, member(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })))
	}
	g := groupWith(t, func(s *target.Settings) { s.Algorithm, s.MitigateAnomalies = target.WeightedRandom, true }, members...)
	require.Eventually(t, func() bool { p := g.View().Pool("a"); return len(p.Targets) == 3 && !p.FailOpen }, patience, tick)
	_, lb := start(t, httpListener(g))
	c := client(t, lb, false)
	failures := func(n int) (out int) {
		for range n {
			resp, err := c.Get("http://a/")
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			if resp.StatusCode == 500 {
				out++
			}
		}
		return out
	}
	failures(1000)
	assert.Less(t, failures(600), 100, "row 51: a third without mitigation")
}
