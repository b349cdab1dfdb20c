// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRow17DesyncMitigation(t *testing.T) {
	requests := map[string]string{
		"compliant":  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"acceptable": "GET / HTTP/1.1\r\nHost: a\r\nX-Odd : 1\r\n\r\n",
		"ambiguous":  "GET / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n",
		"severe":     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
	}
	const passes, closes, refused = "passes", "passes and both connections close", "is 400 and the connection closes"
	tests := []struct{ mode, class, want string }{
		{"", "acceptable", passes},
		{"", "ambiguous", closes},
		{"", "severe", refused},
		{"monitor", "acceptable", passes},
		{"monitor", "ambiguous", passes},
		{"monitor", "severe", passes},
		{"defensive", "compliant", passes},
		{"defensive", "acceptable", passes},
		{"defensive", "ambiguous", closes},
		{"defensive", "severe", refused},
		{"strictest", "compliant", passes},
		{"strictest", "acceptable", refused},
		{"strictest", "ambiguous", refused},
		{"strictest", "severe", refused},
	}
	for _, tt := range tests {
		t.Run("row 17: "+tt.class+" in mode "+tt.mode+" "+tt.want, func(t *testing.T) {
			t.Parallel()
			var connections atomic.Int64
			closed := make(chan struct{}, 10)
			address := script(t, func(c net.Conn) {
				connections.Add(1)
				defer func() { closed <- struct{}{} }()
				for head := readHead(c); head != ""; head = readHead(c) {
					if strings.HasPrefix(head, "POST") {
						if _, err := io.ReadFull(c, make([]byte, len("0\r\n\r\n"))); err != nil {
							return
						}
					}
					if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); err != nil {
						return
					}
				}
			})
			s := httpListener(group(t, member(t, address)))
			if tt.mode != "" {
				s.Attributes = map[string]string{"routing.http.desync_mitigation_mode": tt.mode}
			}
			_, lb := start(t, s)
			c := dial(t, lb)
			_, err := io.WriteString(c, requests[tt.class])
			require.NoError(t, err)
			r := bufio.NewReader(c)
			resp, _ := response(t, r)
			if tt.want == refused {
				assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
				assert.Zero(t, connections.Load(), "the target sees nothing of it")
			} else {
				assert.Equal(t, http.StatusOK, resp.StatusCode)
			}
			if tt.want != passes {
				assert.True(t, resp.Close, "the client is told")
				_, err = r.ReadByte()
				assert.Equal(t, io.EOF, err, "the client's connection ends")
				if tt.want == closes {
					next(t, closed)
				}
				return
			}
			_, err = io.WriteString(c, requests["compliant"])
			require.NoError(t, err)
			resp, _ = response(t, r)
			assert.Equal(t, http.StatusOK, resp.StatusCode, "the client's connection stays")
			assert.Equal(t, int64(1), connections.Load(), "the target's connection stays")
		})
	}
}
