// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package http1_test

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/http1"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

func TestAMessageLeavesNothingToTheNextOne(t *testing.T) {
	const get, teapot = "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 418 Short\r\nContent-Length: 0\r\n\r\n"
	request := func(scratch *http1.Scratch, wire string) *message.Request {
		req, err := http1.ReadRequest(bufio.NewReader(strings.NewReader(wire)), scratch)
		require.NoError(t, err)
		return req
	}
	response := func(scratch *http1.Scratch, into *message.Response, wire string) *message.Response {
		resp, err := http1.ReadResponse(bufio.NewReader(strings.NewReader(wire)), "GET", scratch, into)
		require.NoError(t, err)
		return resp
	}
	t.Run("requests", func(t *testing.T) {
		var scratch http1.Scratch
		first := request(&scratch, "POST http://a/x HTTP/1.0\r\nHost: a\r\nbad name: 1\r\nContent-Length: 5\r\n\r\nhello")
		first.Alone, first.Session, first.Traffic.Reason, first.Traffic.Request.Path = true, message.Fields{{Name: "A", Value: "b"}}, "failed", "/x"
		assert.Equal(t, request(&http1.Scratch{}, get), request(&scratch, get))
	})
	t.Run("responses", func(t *testing.T) {
		var scratch http1.Scratch
		var room message.Response
		first := response(&scratch, &room, "HTTP/1.0 500 Oh\r\nX-One: 1\r\nX-Two: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
		require.Same(t, &room, first)
		first.Own, first.Generated = true, true
		assert.Equal(t, response(&http1.Scratch{}, nil, teapot), response(&scratch, &room, teapot))
	})
	t.Run("an interim response", func(t *testing.T) {
		const early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
		assert.Equal(t, response(&http1.Scratch{}, nil, teapot), response(&http1.Scratch{}, nil, early+teapot))
	})
}

func TestAHeadTakesOneAllocation(t *testing.T) {
	var requests, responses http1.Scratch
	var room message.Response
	in, br := strings.NewReader(""), bufio.NewReader(nil)
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, func() {
		in.Reset("GET / HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n")
		br.Reset(in)
		if _, err := http1.ReadRequest(br, &requests); err != nil {
			panic(err)
		}
	}), "of a request")
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, func() {
		in.Reset("HTTP/1.1 204 No Content\r\nServer: s\r\n\r\n")
		br.Reset(in)
		if _, err := http1.ReadResponse(br, "GET", &responses, &room); err != nil {
			panic(err)
		}
	}), "of a response")
}
