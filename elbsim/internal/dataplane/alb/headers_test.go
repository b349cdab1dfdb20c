// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRequestHeaders(t *testing.T) {
	tests := []struct {
		name       string
		attributes map[string]string
		port       int32
		request    string
		field      string
		want       []string
	}{
		{name: "row 1: X-Forwarded-For is created with the client's address", request: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", field: "X-Forwarded-For", want: []string{"127.0.0.1"}},
		{name: "row 1: the client's address is appended to X-Forwarded-For and nothing removed",
			request: "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 127.0.0.4, 127.0.0.8\r\n\r\n", field: "X-Forwarded-For", want: []string{"127.0.0.4, 127.0.0.8, 127.0.0.1"}},
		{name: "row 2: mode preserve leaves X-Forwarded-For alone", attributes: map[string]string{"routing.http.xff_header_processing.mode": "preserve"},
			request: "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 127.0.0.4\r\n\r\n", field: "X-Forwarded-For", want: []string{"127.0.0.4"}},
		{name: "row 2: mode preserve does not create X-Forwarded-For", attributes: map[string]string{"routing.http.xff_header_processing.mode": "preserve"},
			request: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", field: "X-Forwarded-For"},
		{name: "row 3: mode remove removes X-Forwarded-For", attributes: map[string]string{"routing.http.xff_header_processing.mode": "remove"},
			request: "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 127.0.0.4\r\n\r\n", field: "X-Forwarded-For"},
		{name: "row 6: X-Forwarded-Proto of the client is overwritten", request: "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n", field: "X-Forwarded-Proto", want: []string{"http"}},
		{name: "row 6: X-Forwarded-Port is the listener's port", request: "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Port: 443\r\n\r\n", field: "X-Forwarded-Port", want: []string{"80"}},
		{name: "row 8: port 80 is stripped from Host and the host is lower-cased", request: "GET / HTTP/1.1\r\nHost: EXAMPLE.com:80\r\n\r\n", field: "Host", want: []string{"example.com"}},
		{name: "row 9: the port of another listener is appended to Host", port: 8080, request: "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", field: "Host", want: []string{"example.com:8080"}},
		{name: "row 10: the authority of an absolute target is the Host", request: "GET http://b.example/x HTTP/1.1\r\nHost: a\r\n\r\n", field: "Host", want: []string{"b.example"}},
		{name: "row 10: preserve_host_header keeps the Host beside an absolute target", attributes: map[string]string{"routing.http.preserve_host_header.enabled": "true"},
			request: "GET http://b.example/x HTTP/1.1\r\nHost: A:81\r\n\r\n", field: "Host", want: []string{"A:81"}},
		{name: "row 11: preserve_host_header sends several Host headers as they are", attributes: map[string]string{"routing.http.preserve_host_header.enabled": "true"},
			request: "GET / HTTP/1.1\r\nHost: a.example\r\nHost: B.example\r\n\r\n", field: "Host", want: []string{"a.example", "B.example"}},
		{name: "row 12: HTTP/1.0 without Host gets the load balancer's name", request: "GET / HTTP/1.0\r\n\r\n", field: "Host", want: []string{"lb.example.com"}},
		{name: "row 11: preserve_host_header sends Host unchanged", attributes: map[string]string{"routing.http.preserve_host_header.enabled": "true"},
			request: "GET / HTTP/1.1\r\nHost: Example.com:80\r\n\r\n", field: "Host", want: []string{"Example.com:80"}},
		{name: "row 16: a header with another character than letters, digits and hyphens passes by default", request: "GET / HTTP/1.1\r\nHost: a\r\nX_Under: 1\r\n\r\n", field: "X_Under", want: []string{"1"}},
		{name: "row 16: drop_invalid_header_fields drops it", attributes: map[string]string{"routing.http.drop_invalid_header_fields.enabled": "true"},
			request: "GET / HTTP/1.1\r\nHost: a\r\nX_Under: 1\r\n\r\n", field: "X_Under"},
		{name: "what Connection names stays on the client's leg", request: "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n", field: "X-Hop"},
		{name: "other headers keep their spelling and repetition", request: "GET / HTTP/1.1\r\nHost: a\r\nx-Two: 1\r\nx-Two: 2\r\n\r\n", field: "x-Two", want: []string{"1", "2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			address, heads := recorder(t)
			s := httpListener(group(t, member(t, address)))
			s.Attributes = tt.attributes
			if tt.port != 0 {
				s.Listener.Port = tt.port
			}
			_, lb := start(t, s)
			resp, _ := exchange(t, lb, tt.request)
			require.Equal(t, http.StatusOK, resp.StatusCode)
			assert.Equal(t, tt.want, fields(next(t, heads), tt.field))
		})
	}
}

func TestRow4ClientPortInForwardedFor(t *testing.T) {
	t.Parallel()
	address, heads := recorder(t)
	s := httpListener(group(t, member(t, address)))
	s.Attributes = map[string]string{"routing.http.xff_client_port.enabled": "true"}
	_, lb := start(t, s)
	c := dial(t, lb)
	_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	assert.Equal(t, []string{c.LocalAddr().String()}, fields(next(t, heads), "X-Forwarded-For"))
}

func TestRow5MoreThan30AddressesAre463(t *testing.T) {
	t.Parallel()
	address, _ := recorder(t)
	_, lb := start(t, httpListener(group(t, member(t, address))))
	list := "192.0.2.1"
	for range 30 {
		list += ", 192.0.2.1"
	}
	resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: "+list+"\r\n\r\n")
	assert.Equal(t, 463, resp.StatusCode)
	resp, _ = exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: "+strings.TrimPrefix(list, "192.0.2.1, ")+"\r\n\r\n")
	assert.Equal(t, http.StatusOK, resp.StatusCode, "30 addresses pass")
}

func TestRow6HTTPSListenerSaysHTTPS(t *testing.T) {
	t.Parallel()
	address, heads := recorder(t)
	_, lb := start(t, httpsListener(t, group(t, member(t, address))))
	resp, err := client(t, lb, false).Get("https://shop.example.com/")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	head := next(t, heads)
	assert.Equal(t, []string{"https"}, fields(head, "X-Forwarded-Proto"))
	assert.Equal(t, []string{"443"}, fields(head, "X-Forwarded-Port"))
}

func TestRow7TraceIDIsAddedOrExtended(t *testing.T) {
	t.Parallel()
	address, heads := recorder(t)
	_, lb := start(t, httpListener(group(t, member(t, address))))
	exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	trace := fields(next(t, heads), "X-Amzn-Trace-Id")
	require.Len(t, trace, 1)
	assert.Regexp(t, "^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$", trace[0])
	exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\nX-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678;App=1\r\n\r\n")
	assert.Regexp(t, "^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678;App=1$", fields(next(t, heads), "X-Amzn-Trace-Id")[0])
}

func TestRow13HTTP2NamesAreLowerCaseButForTheLoadBalancersOwn(t *testing.T) {
	t.Parallel()
	address, heads := recorder(t)
	_, lb := start(t, httpsListener(t, group(t, member(t, address))))
	req, err := http.NewRequest(http.MethodGet, "https://shop.example.com/", nil)
	require.NoError(t, err)
	req.Header.Set("X-Custom", "1")
	req.Header.Set("X-Forwarded-For", "192.0.2.1")
	resp, err := client(t, lb, true).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 2, resp.ProtoMajor)
	head := next(t, heads)
	assert.Contains(t, head, "\r\nx-custom: 1\r\n")
	assert.Contains(t, head, "\r\nX-Forwarded-For: 192.0.2.1, 127.0.0.1\r\n")
	assert.Contains(t, head, "\r\nHost: shop.example.com\r\n")
}

func TestRow14ExpectIsAnsweredByTheLoadBalancer(t *testing.T) {
	t.Parallel()
	heads := make(chan string, 1)
	address := script(t, func(c net.Conn) { // reads the body without ever saying 100
		heads <- readHead(c)
		if _, err := io.ReadFull(c, make([]byte, 2)); err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") // the client's side asserts
	})
	_, lb := start(t, httpListener(group(t, member(t, address))))
	c := dial(t, lb)
	_, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 100 Continue\r\n\r\n", readHead(c))
	_, err = io.WriteString(c, "hi")
	require.NoError(t, err)
	resp, _ := response(t, bufio.NewReader(c))
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Empty(t, fields(next(t, heads), "Expect"))
}

func TestRow15HeadersThatAreTooLongAre400(t *testing.T) {
	t.Parallel()
	address, _ := recorder(t)
	_, lb := start(t, httpListener(group(t, member(t, address))))
	long := make([]byte, 17<<10)
	for i := range long {
		long[i] = 'a'
	}
	for name, request := range map[string]string{
		"request line above 16 K": "GET /" + string(long) + " HTTP/1.1\r\nHost: a\r\n\r\n",
		"one header above 16 K":   "GET / HTTP/1.1\r\nHost: a\r\nX: " + string(long) + "\r\n\r\n",
		"all headers above 64 K": "GET / HTTP/1.1\r\nHost: a\r\nA: " + string(long[:16000]) + "\r\nB: " + string(long[:16000]) + "\r\nC: " +
			string(long[:16000]) + "\r\nD: " + string(long[:16000]) + "\r\nE: " + string(long[:16000]) + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			resp, _ := exchange(t, lb, request)
			assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
		})
	}
}

func TestRequestsWithTwoReadingsAreRefused(t *testing.T) {
	t.Parallel()
	address, _ := recorder(t)
	_, lb := start(t, httpListener(group(t, member(t, address))))
	tests := []struct {
		name, request string
		want          int
	}{
		{"row 17: two Content-Length headers are 400", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
		{"row 17: a negative Content-Length is 400", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
		{"HTTP/1.1 without Host is 400", "GET / HTTP/1.1\r\n\r\n", 400},
		{"row 18: TRACE is 405", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
		{"row 18: an unknown transfer coding is 501", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
		{"row 18, 21: the HTTP/2 preface on an HTTP listener is 505", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, _ := exchange(t, lb, tt.request)
			assert.Equal(t, tt.want, resp.StatusCode)
			assert.Equal(t, "awselb/2.0", resp.Header.Get("Server"))
		})
	}
}

func TestSpecsThatCannotBeServedAreRefused(t *testing.T) {
	tests := []struct {
		name string
		edit func(*alb.Spec)
		want string
	}{
		{"an unknown protocol", func(s *alb.Spec) { s.Listener.Protocol = "QUIC" }, "protocol \"QUIC\" is not served by an application load balancer; allowed are HTTP and HTTPS"},
		{"HTTPS without a certificate", func(s *alb.Spec) { s.Listener.Protocol = "HTTPS" }, "no certificate"},
		{"a target group that is not described", func(s *alb.Spec) { s.Groups = nil }, "default action: target group \"tg\" is not described"},
		{"an attribute that is no number", func(s *alb.Spec) { s.Attributes = map[string]string{"idle_timeout.timeout_seconds": "long"} }, "attribute idle_timeout.timeout_seconds is \"long\"; it must be a number"},
		{"a desync mode that AWS does not know", func(s *alb.Spec) { s.Attributes = map[string]string{"routing.http.desync_mitigation_mode": "lax"} },
			"desync mitigation mode \"lax\"; allowed are monitor, defensive and strictest"},
		{"a last action that answers nothing", func(s *alb.Spec) { s.Listener.DefaultActions[0].Type = "jwt-validation" },
			"default action: last action \"jwt-validation\" is not served; allowed are forward, redirect and fixed-response with their settings"},
		{"an unknown action ahead", func(s *alb.Spec) {
			s.Listener.DefaultActions = append([]elb.Action{{Type: "wait"}}, s.Listener.DefaultActions...)
		},
			"default action: action \"wait\" ahead of \"forward\" is not served; allowed are jwt-validation, authenticate-oidc and authenticate-cognito with their settings"},
		{"tokens that nobody checks", func(s *alb.Spec) {
			s.Listener.DefaultActions = append([]elb.Action{{Type: "jwt-validation", JWT: &elb.JWTValidation{}}}, s.Listener.DefaultActions...)
		}, "default action: nobody checks tokens and users here"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := httpListener(group(t))
			tt.edit(&s)
			_, err := alb.New(s)
			assert.EqualError(t, err, tt.want)
		})
	}
}
