// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

const recordedARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/0123456789abcdef"

// recorded lets a spec count, and keep an access log.
func recorded(s alb.Spec) (alb.Spec, *traffic.Recorder) {
	s.Traffic, s.LoadBalancer = traffic.New(), recordedARN
	s.Attributes = map[string]string{"access_logs.s3.enabled": "true", "idle_timeout.timeout_seconds": "1"}
	return s, s.Traffic
}

// last waits for a failure and returns the newest.
func last(t *testing.T, r *traffic.Recorder) traffic.Failure {
	t.Helper()
	require.Eventually(t, func() bool { return len(r.Snapshot().Failures) > 0 }, patience, tick)
	return r.Snapshot().Failures[0]
}

// closed is an address where nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func TestFailuresSayWhy(t *testing.T) {
	answer := func(raw string) func(*testing.T) string {
		return func(t *testing.T) string {
			return script(t, func(c net.Conn) {
				readHead(c)
				_, _ = io.WriteString(c, raw) // the load balancer may have gone
				_ = c.Close()
			})
		}
	}
	for _, c := range []struct {
		name    string
		target  func(*testing.T) string // nil: the group has none
		request string
		status  int
		reason  string // TARGET stands for the target's address
	}{
		{name: "a refused connection", target: closed, status: 502, reason: "target TARGET refused the connection"},
		{name: "a target that closes at once", target: answer(""), status: 502, reason: "target TARGET closed the connection before its response was complete"},
		{name: "a target that does not speak HTTP", target: answer("hello\r\n\r\n"), status: 502, reason: "target TARGET: malformed response"},
		{name: "a silent target", target: func(t *testing.T) string { return script(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }) }, status: 504, reason: "target TARGET did not answer within the idle timeout"},
		{name: "a target's own error", target: answer("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), status: 500, reason: "the target answered 500"},
		{name: "no target", status: 503, reason: "the target group has no registered target"},
		{name: "a malformed request", request: "GET\r\n\r\n", status: 400, reason: "malformed request line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var members []elb.Target
			address := ""
			if c.target != nil {
				address = c.target(t)
				members = append(members, member(t, address))
			}
			spec, r := recorded(httpListener(group(t, members...)))
			_, lb := start(t, spec)
			request := c.request
			if request == "" {
				request = "GET /cart?step=2 HTTP/1.1\r\nHost: shop.example.com\r\n\r\n"
			}
			resp, _ := exchange(t, lb, request)
			assert.Equal(t, c.status, resp.StatusCode)
			f := last(t, r)
			assert.Contains(t, f.Reason, strings.ReplaceAll(c.reason, "TARGET", address))
			assert.Equal(t, c.status, f.Status)
			assert.Equal(t, recordedARN, f.LoadBalancer)
			if c.request == "" {
				assert.Equal(t, []string{"default", "GET", "shop.example.com", "/cart?step=2"}, []string{f.Rule, f.Method, f.Host, f.Path})
			}
		})
	}
}

func TestBytesAndStatusesAreCounted(t *testing.T) {
	const request = "POST / HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: 5\r\n\r\nhello"
	spec, r := recorded(httpListener(group(t, member(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(w, req.Body) // the client asserts
	})))))
	_, lb := start(t, spec)
	c := dial(t, lb)
	reader := bufio.NewReader(c)
	for range 2 {
		_, err := io.WriteString(c, request)
		require.NoError(t, err)
		_, body := response(t, reader)
		assert.Equal(t, "hello", body)
	}
	require.Eventually(t, func() bool { return r.Snapshot().LoadBalancers[0].Requests == 2 }, patience, tick)
	counts := r.Snapshot().LoadBalancers[0].Counts
	assert.Equal(t, int64(2*len(request)), counts.ReceivedBytes)
	assert.Greater(t, counts.SentBytes, int64(2*len("HTTP/1.1 200 OK\r\n\r\nhello")))
	assert.Equal(t, map[string]uint64{"200": 2}, counts.Statuses)
	assert.Equal(t, int64(1), counts.Active, "the client's connection")
	require.NoError(t, c.Close())
	require.Eventually(t, func() bool { return r.Snapshot().LoadBalancers[0].Active == 0 }, patience, tick)
}

func TestRow36AClientThatDoesNotWaitIs460InTheAccessLog(t *testing.T) {
	asked := make(chan struct{}, 1)
	address := script(t, func(c net.Conn) {
		readHead(c)
		asked <- struct{}{}
		_, _ = io.Copy(io.Discard, c) // never answers
	})
	spec, r := recorded(httpsListener(t, group(t, member(t, address))))
	spec.Attributes = map[string]string{"access_logs.s3.enabled": "true"}
	_, lb := start(t, spec)
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://shop.example.com/slow", nil)
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { _, err := client(t, lb, true).Do(req); ended <- err }()
	next(t, asked)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	assert.Equal(t, 460, last(t, r).Status)
	var lines []string
	require.Eventually(t, func() bool { lines, _ = r.AccessLogLines(recordedARN); return len(lines) == 1 }, patience, tick)
	fields := logFields(lines[0])
	assert.Equal(t, []string{"460", "-"}, fields[8:10], "the client's status and the target's")
}

// logFields splits a line of an access log as AWS's documents do: by spaces outside of quotes.
func logFields(line string) []string {
	var out []string
	inside := false
	for _, part := range strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			inside = !inside
		}
		return r == ' ' && !inside
	}) {
		out = append(out, strings.Trim(part, `"`))
	}
	return out
}

func TestAccessLogHasAWSsFieldsInTheirOrder(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	spec, r := recorded(httpsListener(t, group(t, member(t, address))))
	_, lb := start(t, spec)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://shop.example.com/cart?step=2", nil)
	require.NoError(t, err)
	req.Header.Set("User-Agent", `curl "8" \`)
	resp, err := client(t, lb, true).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	var lines []string
	require.Eventually(t, func() bool { lines, _ = r.AccessLogLines(recordedARN); return len(lines) == 1 }, patience, tick)
	f := logFields(lines[0])
	require.Len(t, f, 30, lines[0])
	assert.Equal(t, "h2", f[0])
	assert.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`, f[1])
	assert.Equal(t, "app/shop/0123456789abcdef", f[2])
	for i := 5; i < 8; i++ {
		assert.Regexp(t, `^\d+\.\d{3}$`, f[i], "processing times in seconds")
	}
	assert.Equal(t, []string{"418", "418"}, f[8:10])
	assert.Equal(t, "GET https://shop.example.com:443/cart?step=2 HTTP/2.0", f[12])
	assert.Equal(t, `curl \x228\x22 \x5C`, f[13])
	assert.Regexp(t, `^TLSv1\.[23]$`, f[15])
	assert.Regexp(t, `^Root=1-`, f[17])
	assert.Equal(t, []string{"shop.example.com", "-", "0"}, f[18:21], "server name, certificate, priority of the default rule")
	assert.Equal(t, "forward", f[22])
}

func TestWithoutTheAttributeThereIsNoAccessLog(t *testing.T) {
	spec, r := recorded(httpListener(group(t)))
	spec.Attributes = nil
	_, lb := start(t, spec)
	_, _ = exchange(t, lb, "GET / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
	_, ok := r.AccessLogLines(recordedARN)
	assert.False(t, ok)
}
