// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1_test

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/http1"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

func TestReadRequest(t *testing.T) {
	tests := []struct {
		name, wire       string
		target, body     string
		length           int64
		fields, trailers message.Fields
		close            bool
	}{
		{name: "spelling and order of fields stay", wire: "GET /a?b HTTP/1.1\r\nhost: h\r\nX-b:  1 \r\nx-A: 2\r\n\r\n", target: "/a?b",
			fields: message.Fields{{Name: "host", Value: "h"}, {Name: "X-b", Value: "1"}, {Name: "x-A", Value: "2"}}},
		{name: "bare line feeds and a leading empty line", wire: "\r\nGET / HTTP/1.1\nHost: h\n\n", target: "/", fields: message.Fields{{Name: "Host", Value: "h"}}},
		{name: "a sized body", wire: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcNEXT", target: "/", body: "abc", length: 3, fields: message.Fields{{Name: "Host", Value: "h"}}},
		{name: "a chunked body with trailer", wire: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\nNEXT", target: "/", body: "abc",
			length: message.UnknownLength, fields: message.Fields{{Name: "Host", Value: "h"}}, trailers: message.Fields{{Name: "X-T", Value: "1"}}},
		{name: "both lengths: chunks count", wire: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", target: "/",
			length: message.UnknownLength, fields: message.Fields{{Name: "Host", Value: "h"}}},
		{name: "HTTP/1.0 ends the connection", wire: "GET / HTTP/1.0\r\n\r\n", target: "/", close: true, fields: message.Fields{}},
		{name: "absolute form", wire: "GET HTTP://b.example?q HTTP/1.1\r\nHost: h\r\n\r\n", target: "/?q", fields: message.Fields{{Name: "Host", Value: "h"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{"at once": strings.NewReader(tt.wire), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.wire))} {
				t.Run(name, func(t *testing.T) {
					var scratch http1.Scratch
					br := bufio.NewReader(r)
					req, err := http1.ReadRequest(br, &scratch)
					require.NoError(t, err)
					assert.Equal(t, tt.target, req.Target)
					assert.Equal(t, tt.fields, req.Fields)
					assert.Equal(t, tt.length, req.Length)
					assert.Equal(t, tt.close, req.Close)
					if tt.length == 0 {
						assert.Nil(t, req.Body)
						return
					}
					body, err := io.ReadAll(req.Body)
					require.NoError(t, err)
					assert.Equal(t, tt.body, string(body))
					if req.Trailer != nil {
						assert.Equal(t, tt.trailers, req.Trailer())
					}
					rest, err := io.ReadAll(br)
					require.NoError(t, err)
					assert.Equal(t, strings.HasSuffix(tt.wire, "NEXT"), string(rest) == "NEXT", "the next message stays unread")
				})
			}
		})
	}
}

func TestReadRequestRefuses(t *testing.T) {
	tests := []struct {
		name, wire string
		status     int
	}{
		{"no version", "GET /\r\n\r\n", 400},
		{"an unknown version", "GET / HTTP/3.0\r\nHost: h\r\n\r\n", 400},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505},
		{"a target that is no path", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"a control character in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x00b\r\n\r\n", 400},
		{"a bare carriage return in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
		{"a host with a slash", "GET / HTTP/1.1\r\nHost: h/evil\r\n\r\n", 400},
		{"an overflowing length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
		{"a length with a sign", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", 400},
		{"two codings", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var scratch http1.Scratch
			_, err := http1.ReadRequest(bufio.NewReader(strings.NewReader(tt.wire)), &scratch)
			var refused *message.Error
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, tt.status, refused.Status)
		})
	}
	t.Run("an end between requests is an end", func(t *testing.T) {
		var scratch http1.Scratch
		_, err := http1.ReadRequest(bufio.NewReader(strings.NewReader("")), &scratch)
		assert.Equal(t, io.EOF, err)
		_, err = http1.ReadRequest(bufio.NewReader(strings.NewReader("GET")), &scratch)
		assert.Equal(t, io.ErrUnexpectedEOF, err)
	})
}

func TestReadResponse(t *testing.T) {
	tests := []struct {
		name, method, wire string
		status             int
		length             int64
		body               string
		close              bool
	}{
		{"a sized body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, 2, "ok", false},
		{"no body at all", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, 0, "", false},
		{"a body up to the end of the connection", "GET", "HTTP/1.1 200\r\n\r\nrest", 200, message.UnknownLength, "rest", true},
		{"interim responses are left out", "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, 0, "", false},
		{"HEAD has the length of what would come", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200, 9, "", false},
		{"304 has no body", "GET", "HTTP/1.1 304 Not Modified\r\n\r\n", 304, message.UnknownLength, "", false},
		{"HTTP/1.0 closes", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, 2, "ok", true},
		{"the target closes", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, 2, "ok", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var scratch http1.Scratch
			resp, err := http1.ReadResponse(bufio.NewReader(strings.NewReader(tt.wire)), tt.method, &scratch, nil)
			require.NoError(t, err)
			assert.Equal(t, tt.status, resp.Status)
			assert.Equal(t, tt.length, resp.Length)
			assert.Equal(t, tt.close, resp.Close)
			if tt.body == "" {
				assert.Nil(t, resp.Body)
				return
			}
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, tt.body, string(body))
		})
	}
	for name, c := range map[string]struct{ wire, want string }{
		"another protocol":       {"SSH-2.0\r\n\r\n", "malformed response"},
		"a status of two digits": {"HTTP/1.1 20 OK\r\n\r\n", "malformed response"},
		"two lengths":            {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "several Content-Length fields"},
		"nothing":                {"", "unexpected EOF"},
		"half a head":            {"HTTP/1.1 200 OK\r\n", "unexpected EOF"},
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			var scratch http1.Scratch
			_, err := http1.ReadResponse(bufio.NewReader(strings.NewReader(c.wire)), "GET", &scratch, nil)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestBodyThatEndsEarlyIsAnError(t *testing.T) {
	for name, wire := range map[string]string{
		"sized": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
		"in the trailer": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			var scratch http1.Scratch
			resp, err := http1.ReadResponse(bufio.NewReader(strings.NewReader(wire)), "GET", &scratch, nil)
			require.NoError(t, err)
			_, err = io.ReadAll(resp.Body)
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		})
	}
}

func TestWriteBodyTellsWhichSideFailed(t *testing.T) {
	var read *http1.ReadError
	err := http1.WriteBody(bufio.NewWriter(io.Discard), iotest.ErrReader(io.ErrClosedPipe), false, nil)
	assert.ErrorAs(t, err, &read)
	err = http1.WriteBody(bufio.NewWriter(failing{}), strings.NewReader("x"), false, nil)
	assert.ErrorIs(t, err, io.ErrShortWrite)
	assert.NotErrorAs(t, err, &read)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWrittenMessages(t *testing.T) {
	t.Run("chunks with trailer", func(t *testing.T) {
		var out bytes.Buffer
		bw := bufio.NewWriter(&out)
		resp := &message.Response{Status: 200, Body: io.NopCloser(strings.NewReader("abc")), Length: message.UnknownLength}
		assert.True(t, http1.WriteResponse(bw, resp, 1, true))
		require.NoError(t, http1.WriteBody(bw, resp.Body, true, func() message.Fields { return message.Fields{{Name: "X-T", Value: "1"}} }))
		assert.Equal(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n", out.String())
	})
	t.Run("a POST without body says so", func(t *testing.T) {
		var out bytes.Buffer
		bw := bufio.NewWriter(&out)
		http1.WriteRequest(bw, &message.Request{Method: "POST", Target: "/"})
		require.NoError(t, bw.Flush())
		assert.Equal(t, "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", out.String())
	})
}
