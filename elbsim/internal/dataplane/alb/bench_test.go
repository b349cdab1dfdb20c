// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkKeepAlive measures requests over kept connections. Client and target take their share of the
// processors: compare runs on one machine with each other.
func BenchmarkKeepAlive(b *testing.B) {
	const request = "GET /cart HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
	address := script(b, func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) > 2 { // not yet the empty line
				continue
			}
			if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"); err != nil {
				return
			}
		}
	})
	_, lb := start(b, httpListener(group(b, member(b, address))))
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("tcp", lb)
		require.NoError(b, err)
		defer func() { require.NoError(b, c.Close()) }()
		r, buf := bufio.NewReader(c), make([]byte, 4096)
		for pb.Next() {
			_, err := io.WriteString(c, request)
			require.NoError(b, err)
			n, err := r.Read(buf) // the answer comes in one piece
			require.NoError(b, err)
			require.Equal(b, "HTTP/1.1 200", string(buf[:12]))
			require.Equal(b, "hello", string(buf[n-5:n]))
		}
	})
}
