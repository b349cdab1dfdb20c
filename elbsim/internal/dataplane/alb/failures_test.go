// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// reset ends a connection with RST.
func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0) // what fails here fails the test's assertion
	_ = c.Close()
}

// silent keeps a connection open without a word until the other side ends it.
func silent(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func answering(text string) func(net.Conn) {
	return func(c net.Conn) {
		readHead(c)
		_, _ = io.WriteString(c, text) // the client asserts
	}
}

func TestTargetsThatFail(t *testing.T) {
	tests := []struct {
		name   string
		target func(net.Conn) // nil: no connection is possible
		status int
		title  string
	}{
		{"row 33: a target that refuses connections is 502", nil, 502, "502 Bad Gateway"},
		{"row 33: RST with a request outstanding is 502", func(c net.Conn) { readHead(c); reset(c) }, 502, "502 Bad Gateway"},
		{"row 33: FIN with a request outstanding is 502", func(c net.Conn) { readHead(c); _ = c.Close() }, 502, "502 Bad Gateway"},
		{"row 33: a malformed response is 502", answering("SSH-2.0-OpenSSH\r\n\r\n"), 502, "502 Bad Gateway"},
		{"row 33: a malformed header is 502", answering("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), 502, "502 Bad Gateway"},
		{"row 15: response headers above 32 K are 502", answering("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 990) + strings.Repeat("\r\nX: "+strings.Repeat("a", 990), 33) + "\r\n\r\n"), 502, "502 Bad Gateway"},
		{"row 31: a target that is silent is 504", silent, 504, "504 Gateway Time-out"},
		{"row 35: a Content-Length longer than the body is 504", func(c net.Conn) { answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")(c); silent(c) }, 504, "504 Gateway Time-out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			address := "127.0.0.1:1"
			if tt.target != nil {
				address = script(t, tt.target)
			}
			s := httpListener(group(t, member(t, address)))
			s.Second = 10 * time.Millisecond // idle time-out 60
			if tt.status != http.StatusGatewayTimeout {
				s.Second = time.Second
			}
			_, lb := start(t, s)
			resp, body := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Contains(t, body, "<h1>"+tt.title+"</h1>")
			assert.Equal(t, "awselb/2.0", resp.Header.Get("Server"))
		})
	}
}

// blackHole returns an address that answers no SYN: a listening socket whose queue is full.
func blackHole(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Close(fd)) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, syscall.Listen(fd, 0))
	name, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	dial(t, address)
	return address
}

func TestRow35TargetThatDoesNotAcceptIs504(t *testing.T) {
	t.Parallel()
	s := httpListener(group(t, member(t, blackHole(t))))
	s.ConnectTimeout = 300 * time.Millisecond
	_, lb := start(t, s)
	resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, http.StatusGatewayTimeout, resp.StatusCode)
}

func TestCloseDoesNotWaitForATargetThatDoesNotAccept(t *testing.T) {
	t.Parallel()
	s := httpListener(group(t, member(t, blackHole(t))))
	s.ConnectTimeout = 10 * patience
	l, lb := start(t, s)
	_, err := io.WriteString(dial(t, lb), "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	closed := make(chan error)
	go func() { closed <- l.Close() }()
	assert.NoError(t, next(t, closed))
}

func TestRow34GroupWithoutTargetsIs503(t *testing.T) {
	t.Parallel()
	_, lb := start(t, httpListener(group(t)))
	resp, body := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	assert.Contains(t, body, "<h1>503 Service Temporarily Unavailable</h1>")
}

func TestRow31ClientThatFallsSilentIs408(t *testing.T) {
	for name, request := range map[string]string{
		"in its headers": "GET / HTTP/1.1\r\nHost:",
		"in its body":    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nshort",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httpListener(group(t, member(t, script(t, silent))))
			s.Second = 10 * time.Millisecond
			_, lb := start(t, s)
			resp, _ := exchange(t, lb, request)
			assert.Equal(t, http.StatusRequestTimeout, resp.StatusCode)
		})
	}
}

func TestRow31IdleConnectionIsClosedWithoutAWord(t *testing.T) {
	t.Parallel()
	address, _ := recorder(t)
	s := httpListener(group(t, member(t, address)))
	s.Second = time.Millisecond
	_, lb := start(t, s)
	got, err := io.ReadAll(dial(t, lb))
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestRow31HTTP2ClientThatTakesNothingGetsNoMore(t *testing.T) {
	t.Parallel()
	given := make(chan struct{})
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 8<<20)) // more than windows and sockets hold
		<-r.Context().Done()
		close(given)
	})
	s := httpsListener(t, group(t, member(t, address)))
	s.Second = 10 * time.Millisecond
	_, lb := start(t, s)
	resp, err := client(t, lb, true).Get("https://shop.example.com/")
	require.NoError(t, err)
	select {
	case <-given:
	case <-time.After(patience):
		require.Fail(t, "the target's connection is still held")
	}
	_, err = io.Copy(io.Discard, resp.Body)
	var cut http2.StreamError
	require.ErrorAs(t, err, &cut)
	require.NoError(t, resp.Body.Close())
}

func TestRow31IdleHTTP2ConnectionToATargetIsClosed(t *testing.T) {
	t.Parallel()
	var open atomic.Int64
	target := plaintext2(t, func(http.ResponseWriter, *http.Request) {}, func(c net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	})
	g := group(t, target)
	g.Version = "HTTP2"
	s := httpsListener(t, g)
	s.Second = 20 * time.Millisecond
	_, lb := start(t, s)
	status, err := get(t.Context(), connect2(t, lb), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Eventually(t, func() bool { return open.Load() == 0 }, patience, tick)
}

func TestRow31DataKeepsAnExchangeAlive(t *testing.T) {
	t.Parallel()
	const idle, pause, pieces = 60 * 50 * time.Millisecond, 200 * time.Millisecond, 20 // together more than the time-out
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ticks := time.NewTicker(pause)
		defer ticks.Stop()
		for range pieces {
			_, _ = io.WriteString(w, "x") // the client asserts
			_ = http.NewResponseController(w).Flush()
			<-ticks.C
		}
	})
	s := httpListener(group(t, member(t, address)))
	s.Second = 50 * time.Millisecond
	_, lb := start(t, s)
	require.Less(t, idle, pieces*pause)
	_, body := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Len(t, body, pieces)
}

func TestCutResponseCutsTheClientsConnection(t *testing.T) {
	t.Parallel()
	address := script(t, func(c net.Conn) {
		answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")(c)
		_ = c.Close() // before the last chunk
	})
	_, lb := start(t, httpListener(group(t, member(t, address))))
	c := dial(t, lb)
	_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	_, err = io.ReadAll(resp.Body)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// deregistering is a group with one slow target; update changes it to what is left.
func deregistering(t *testing.T, m elb.Target) (g alb.Group, update func(...elb.Target)) {
	t.Helper()
	g = group(t, m)
	settings := target.Settings{Threshold: target.Threshold{Count: 1}, CutGone: true}
	return g, func(members ...elb.Target) { g.Update(settings, target.Checks{}, members) } // nothing new is checked here
}

func TestRow53Deregistration(t *testing.T) {
	t.Parallel()
	arrived, proceed := make(chan struct{}), make(chan struct{})
	m := member(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-proceed:
			_, _ = io.WriteString(w, "done") // the client asserts
		case <-r.Context().Done():
		}
	}))
	g, update := deregistering(t, m)
	_, lb := start(t, httpListener(g))
	ask := func() net.Conn {
		c := dial(t, lb)
		_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		require.NoError(t, err)
		next(t, arrived)
		return c
	}
	first, second := ask(), ask()

	m.Health.State = elb.Draining
	update(m)
	resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, "a draining target gets no new request")
	proceed <- struct{}{}
	winner := make(chan int, 2)
	read := func(c net.Conn) {
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			winner <- 0
			return
		}
		winner <- resp.StatusCode
	}
	go read(first)
	go read(second)
	assert.Equal(t, http.StatusOK, next(t, winner), "a request under way goes on")

	update()
	assert.Equal(t, http.StatusBadGateway, next(t, winner), "what is still under way at the end of the delay is cut")
}
