// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1_test

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/desync"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/http1"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

func TestRow17Classes(t *testing.T) {
	get := func(fields string) string { return "GET /cart HTTP/1.1\r\nHost: shop\r\n" + fields + "\r\n" }
	post := func(fields string) string { return "POST /cart HTTP/1.1\r\nHost: shop\r\n" + fields + "\r\n" }
	tests := []struct {
		name, wire string
		want       desync.Class
	}{
		{"an ordinary GET", get("Accept-Encoding: gzip\r\nX_Trace: 7\r\n"), desync.Compliant},
		{"a POST with a length", post("Content-Length: 2\r\n"), desync.Compliant},
		{"a chunked POST", post("Transfer-Encoding: chunked\r\n"), desync.Compliant},
		{"HTTP/1.0 with a length", "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n", desync.Compliant},
		{"escapes in the target", "GET /a%00%0d%20b HTTP/1.1\r\nHost: shop\r\n\r\n", desync.Compliant},
		{"a Content-Type of two lines", post("Content-Type: multipart/form-data;\r\n boundary=x\r\nContent-Length: 2\r\n"), desync.Compliant},

		{"a space behind a header's name", get("X-Cart : 1\r\n"), desync.Acceptable},
		{"a control character in a header's name", get("\x02X-Cart: 1\r\n"), desync.Acceptable},
		{"a letter beyond ASCII in a value", get("X-City: Köln\r\n"), desync.Acceptable},
		{"a control character in a value", get("X-City: a\x07b\r\n"), desync.Acceptable},
		{"a space in the target", "GET /my cart HTTP/1.1\r\nHost: shop\r\n\r\n", desync.Acceptable},
		{"HTTP/1.7", "GET / HTTP/1.7\r\nHost: shop\r\n\r\n", desync.Acceptable},
		{"a space behind the version", "GET / HTTP/1.1 \r\nHost: shop\r\n\r\n", desync.Acceptable},
		{"a GET that says its body is empty", get("Content-Length: 0\r\n"), desync.Acceptable},
		{"a line without carriage return", "GET / HTTP/1.1\r\nHost: shop\nX: 1\r\n\r\n", desync.Acceptable},

		{"a header without a name", get(": 1\r\n"), desync.Ambiguous},
		{"a header whose name is blank", get("X: 1\r\nY: 2\r\n \t : 1\r\n"), desync.Ambiguous},
		{"a line without colon", get("lonely\r\n"), desync.Ambiguous},
		{"a tab in the target", "GET /a\tb HTTP/1.1\r\nHost: shop\r\n\r\n", desync.Ambiguous},
		{"a GET with a body", get("Content-Length: 2\r\n"), desync.Ambiguous},
		{"a GET with chunks", get("Transfer-Encoding: chunked\r\n"), desync.Ambiguous},
		{"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", desync.Ambiguous},
		{"the same length twice", post("Content-Length: 2\r\nContent-Length: 2\r\n"), desync.Ambiguous},
		{"a length and chunks", post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"), desync.Ambiguous},
		{"Transfer_Encoding", post("Transfer_Encoding: chunked\r\n"), desync.Ambiguous},
		{"Content-Length with a space behind", post("Content-Length : 2\r\n"), desync.Ambiguous},
		{"a header of two lines", get("X-Note: one\r\n two\r\n"), desync.Ambiguous},
		{"a header whose second line has a colon", get("X-Note: one\r\n two: 2\r\n"), desync.Ambiguous},

		{"two lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n"), desync.Severe},
		{"a second length in disguise", post("Content-Length: 2\r\nContent-Length : 3\r\n"), desync.Severe},
		{"chunked twice in one header", post("Transfer-Encoding: chunked, chunked\r\n"), desync.Severe},
		{"chunked twice in two headers", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), desync.Severe},
	}
	for _, tt := range tests {
		t.Run("row 17: "+tt.name+" is "+tt.want.String(), func(t *testing.T) {
			var scratch http1.Scratch
			req, err := http1.ReadRequest(bufio.NewReader(strings.NewReader(tt.wire)), &scratch)
			require.NoError(t, err)
			assert.Equal(t, tt.want, req.Class, req.Reason)
			assert.Equal(t, tt.want == desync.Compliant, req.Reason == "", req.Reason)
		})
	}
}

func TestALineWithoutColonGetsOne(t *testing.T) {
	var scratch http1.Scratch
	req, err := http1.ReadRequest(bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\nHost: h\r\nX-Note: one\r\n\t two \r\n\r\n")), &scratch)
	require.NoError(t, err)
	assert.Equal(t, message.Fields{{Name: "Host", Value: "h"}, {Name: "X-Note", Value: "one"}, {Name: "two"}}, req.Fields)
}
