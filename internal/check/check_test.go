// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package check

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/internal/echo"
	"github.com/istio-aws/istio-aws/internal/probe"
)

const gatewayID = "spiffe://cluster.local/ns/istio-system/sa/alb-public"

func answer(status int, body string, header http.Header) *probe.Response {
	return &probe.Response{URL: "http://a/", Address: "172.18.0.9", Local: netip.MustParseAddr("172.18.0.1"),
		Status: status, Header: header, Body: []byte(body)}
}

func fromApp(change func(*echo.Response)) *probe.Response {
	r := answer(200, "", nil)
	r.Echo = &echo.Response{
		Method: "GET",
		Headers: map[string][]string{
			"x-envoy-external-address": {"172.18.0.1"},
			"X-Forwarded-Proto":        {"https"},
		},
		ClientCertificates: []echo.ClientCertificate{{URI: "spiffe://other"}, {URI: gatewayID}},
		Backend:            echo.Backend{Version: "v1", Pod: "echo-v1-abc"},
	}
	change(r.Echo)
	return r
}

func as(*echo.Response) {}

func failed(err error) *probe.Response {
	return &probe.Response{URL: "http://a/", Address: "172.18.0.9", Err: err}
}

const noAnswer = "no answer: GET http://a/ at 172.18.0.9: connection refused"

// Every check is seen green once and red in each way it can be, with its message.
func TestChecks(t *testing.T) {
	refused := failed(syscall.ECONNREFUSED)
	for _, test := range []struct {
		name  string
		check Check
		good  *probe.Response
		bad   map[string]*probe.Response // by message
	}{
		{"status", Status(404), answer(404, "", nil), map[string]*probe.Response{
			`status: want "404", got "200"; GET http://a/ at 172.18.0.9: 200, server "", body "hi"`: answer(200, "hi", nil),
			noAnswer: refused,
		}},
		{"header", Header("Server", "awselb/2.0"), answer(200, "", http.Header{"Server": {"awselb/2.0"}}), map[string]*probe.Response{
			`header Server: want "awselb/2.0", got ""`: answer(200, "", nil),
			noAnswer: refused,
		}},
		{"redirect", Redirect(301, "https://a:443/"), answer(301, "", http.Header{"Location": {"https://a:443/"}}), map[string]*probe.Response{
			`status: want "301", got "302"`:                           answer(302, "", http.Header{"Location": {"https://a:443/"}}),
			`header Location: want "https://a:443/", got "http://a/"`: answer(301, "", http.Header{"Location": {"http://a/"}}),
		}},
		{"body", Body("hello"), answer(200, "hello", nil), map[string]*probe.Response{
			`body: want "hello", got "bye"`: answer(200, "bye", nil),
			noAnswer:                        refused,
		}},
		{"a reset is a reset", Reset(), failed(fmt.Errorf("read: %w", syscall.ECONNRESET)), map[string]*probe.Response{
			`want the connection reset; GET http://a/ at 172.18.0.9: 200, server "", body ""`:   answer(200, "", nil),
			"want the connection reset; GET http://a/ at 172.18.0.9: connection refused":        refused,
			"want the connection reset; GET http://a/ at 172.18.0.9: context deadline exceeded": failed(context.DeadlineExceeded),
		}},
		{"an end without an answer is a reset", Reset(), failed(io.EOF), nil},
		{"backend", Backend("v1"), fromApp(as), map[string]*probe.Response{
			`backend version: want "v1", got "v2"; GET http://a/ at 172.18.0.9: 200 from v2 echo-v1-abc`: fromApp(func(e *echo.Response) { e.Version = "v2" }),
			`the answer is not the echo app's: GET http://a/ at 172.18.0.9: 200, server "", body "hi"`:   answer(200, "hi", nil),
			`status: want "200", got "503"`: answer(503, "", nil),
			noAnswer:                        refused,
		}},
		{"path", Path("/a"), fromApp(func(e *echo.Response) { e.Path = "/a" }), map[string]*probe.Response{
			`path at the app: want "/a", got "/b"`: fromApp(func(e *echo.Response) { e.Path = "/b" }),
			noAnswer:                               refused,
		}},
		{"echo", Echo(), fromApp(as), map[string]*probe.Response{
			"the answer is not the echo app's": answer(200, "hi", nil),
			`status: want "200", got "404"`:    answer(404, "", nil),
			noAnswer:                           refused,
		}},
		{"seen", Seen("x-forwarded-proto", "https"), fromApp(as), map[string]*probe.Response{
			`request header x-forwarded-proto at the app: want "https", got "http"`: fromApp(func(e *echo.Response) { e.Headers["X-Forwarded-Proto"] = []string{"http"} }),
			`request header x-forwarded-proto at the app: want "https", got ""`:     fromApp(func(e *echo.Response) { e.Headers = nil }),
			noAnswer: refused,
		}},
		{"client address", ClientAddress(), fromApp(as), map[string]*probe.Response{
			`request header X-Envoy-External-Address at the app: want "172.18.0.1", got "198.51.100.7"`: fromApp(func(e *echo.Response) {
				e.Headers["x-envoy-external-address"] = []string{"198.51.100.7"}
			}),
			noAnswer: refused,
		}},
		{"client identity", ClientIdentity(gatewayID), fromApp(as), map[string]*probe.Response{
			`client identity at the app: want "` + gatewayID + `", got "spiffe://other"`: fromApp(func(e *echo.Response) { e.ClientCertificates = e.ClientCertificates[:1] }),
			`client identity at the app: want "` + gatewayID + `", got "no certificate"`: fromApp(func(e *echo.Response) { e.ClientCertificates = nil }),
			"the answer is not the echo app's":                                           answer(200, "hi", nil),
		}},
		{"all", All(Status(200), Body("hello")), answer(200, "hello", nil), map[string]*probe.Response{
			"status: want \"200\", got \"404\"; GET http://a/ at 172.18.0.9: 404, server \"\", body \"bye\"\nbody: want \"hello\", got \"bye\"": answer(404, "bye", nil),
			`body: want "hello", got "bye"`: answer(200, "bye", nil),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.NoError(t, test.check(test.good))
			for message, r := range test.bad {
				assert.ErrorContains(t, test.check(r), message)
			}
		})
	}
}
