// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/sync/errgroup"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// connect2 opens one HTTP/2 connection.
func connect2(t *testing.T, lb string) *http2.ClientConn {
	t.Helper()
	c, err := tls.Dial("tcp", lb, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() }) // the other side may have been faster
	// Strict: a request waits for a stream that is being put away, instead of failing.
	cc, err := (&http2.Transport{StrictMaxConcurrentStreams: true}).NewClientConn(c)
	require.NoError(t, err)
	return cc
}

// get sends a request on a connection and returns its status.
func get(ctx context.Context, cc *http2.ClientConn, header http.Header) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://shop.example.com/", nil)
	if err != nil {
		return 0, err
	}
	req.Header = header
	resp, err := cc.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// answering200 is an HTTPS listener that answers everything itself.
func answering200(t *testing.T) alb.Spec {
	t.Helper()
	s := httpsListener(t, group(t))
	s.Listener.DefaultActions = fixedAction(http.StatusOK, "ok")
	return s
}

func TestRow21StreamsAtATime(t *testing.T) {
	t.Parallel()
	_, lb := start(t, answering200(t))
	c, err := tls.Dial("tcp", lb, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	_, err = io.WriteString(c, http2.ClientPreface)
	require.NoError(t, err)
	framer := http2.NewFramer(c, c)
	require.NoError(t, framer.WriteSettings())
	frame, err := framer.ReadFrame()
	require.NoError(t, err)
	most, ok := frame.(*http2.SettingsFrame).Value(http2.SettingMaxConcurrentStreams)
	require.True(t, ok)
	assert.Equal(t, uint32(128), most)
}

func TestRow21ConnectionsEndAfter10000Requests(t *testing.T) {
	t.Parallel()
	_, lb := start(t, answering200(t))
	cc := connect2(t, lb)
	var requests errgroup.Group
	requests.SetLimit(50)
	for range 9999 {
		requests.Go(func() error {
			_, err := get(t.Context(), cc, nil)
			return err
		})
	}
	require.NoError(t, requests.Wait())
	require.True(t, cc.CanTakeNewRequest())
	status, err := get(t.Context(), cc, nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status, "the last one is answered")
	require.Eventually(t, func() bool { return !cc.CanTakeNewRequest() }, patience, tick, "GOAWAY")
	require.Eventually(t, func() bool { return cc.State().Closed }, patience, tick, "and the end of the connection")
}

func TestRow21HeadersThatAreTooLongWhenCompressedEndTheConnection(t *testing.T) {
	t.Parallel()
	_, lb := start(t, answering200(t))
	cc := connect2(t, lb)
	status, err := get(t.Context(), cc, http.Header{"X": {strings.Repeat("0", 12<<10)}})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status, "12 K that are 7.5 K when compressed")
	require.True(t, cc.CanTakeNewRequest())
	status, err = get(t.Context(), cc, http.Header{"X": {strings.Repeat("~", 9<<10)}})
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadRequest, status)
	require.Eventually(t, func() bool { return cc.State().Closed }, patience, tick)
}

func TestRow15HeadersOfHTTP2ThatAreTooLong(t *testing.T) {
	t.Parallel()
	long := func(n int) http.Header { // n thousand bytes, none of them above row 21's limit
		header := http.Header{}
		for i := range n {
			header.Set(fmt.Sprintf("X-%d", i), strings.Repeat("a", 995))
		}
		return header
	}
	g := group(t, plaintext2(t, func(w http.ResponseWriter, r *http.Request) {
		if n := r.Header.Get("Answer"); n != "" {
			maps.Copy(w.Header(), long(40))
		}
	}))
	g.Version = "HTTP2"
	_, lb := start(t, httpsListener(t, g))
	cc := connect2(t, lb)
	for _, tt := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"60 K of request headers pass", long(60), 200},
		{"70 K of request headers are 400", long(70), 400},
		{"40 K of response headers are 502", http.Header{"Answer": {"long"}}, 502},
	} {
		status, err := get(t.Context(), cc, tt.header)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.want, status, tt.name)
	}
}

func TestRow32ClientKeepAliveEndsConnections(t *testing.T) {
	for _, tt := range []struct {
		name, seconds string
		stays         bool
	}{{"row 32: a connection within its life stays", "604800", true}, {"row 32: one beyond it has its request answered and ends", "0", false}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := answering200(t)
			s.Attributes = map[string]string{"client_keep_alive.seconds": tt.seconds} // AWS allows 60 at least
			_, lb := start(t, s)
			cc := connect2(t, lb)
			status, err := get(t.Context(), cc, nil)
			require.NoError(t, err)
			assert.Equal(t, http.StatusOK, status)
			if tt.stays {
				require.True(t, cc.CanTakeNewRequest())
			} else {
				require.Eventually(t, func() bool { return cc.State().Closed }, patience, tick)
			}

			s.Listener.Port, s.Listener.Protocol = 80, "HTTP"
			_, lb = start(t, s)
			resp, _ := exchange(t, lb, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			assert.Equal(t, http.StatusOK, resp.StatusCode)
			assert.Equal(t, !tt.stays, resp.Close)
		})
	}
}

func TestRow36ClientsThatDoNotWaitAre460InTheRecord(t *testing.T) {
	const arn = "arn:lb"
	setup := func(t *testing.T) (*traffic.Recorder, alb.Spec, <-chan struct{}) {
		arrived := make(chan struct{}, 1)
		address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			arrived <- struct{}{}
			if _, err := io.Copy(io.Discard, r.Body); err == nil { // an upload that is cut has told already
				<-r.Context().Done()
			}
		})
		s := httpsListener(t, group(t, member(t, address)))
		recorder := traffic.New()
		s.Traffic, s.LoadBalancer = recorder, arn
		return recorder, s, arrived
	}
	recorded := func(t *testing.T, recorder *traffic.Recorder) {
		require.Eventually(t, func() bool {
			failures := recorder.Snapshot().Failures
			return len(failures) == 1 && failures[0].Status == 460
		}, patience, tick)
	}
	t.Run("row 36: a stream that is reset", func(t *testing.T) {
		t.Parallel()
		recorder, s, arrived := setup(t)
		_, lb := start(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-arrived
			cancel()
		}()
		_, err := get(ctx, connect2(t, lb), nil)
		require.ErrorIs(t, err, context.Canceled)
		recorded(t, recorder)
	})
	t.Run("row 36: an HTTP/1.1 client that leaves while the target thinks", func(t *testing.T) {
		t.Parallel()
		recorder, s, arrived := setup(t)
		_, lb := start(t, s)
		c, err := tls.Dial("tcp", lb, &tls.Config{InsecureSkipVerify: true})
		require.NoError(t, err)
		_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /never-read HTTP/1.1\r\n")
		require.NoError(t, err)
		next(t, arrived)
		require.NoError(t, c.Close())
		recorded(t, recorder)
	})
	t.Run("row 36: an upload that is cut", func(t *testing.T) {
		t.Parallel()
		recorder, s, arrived := setup(t)
		s.Listener.Port, s.Listener.Protocol = 80, "HTTP"
		_, lb := start(t, s)
		c := dial(t, lb)
		_, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nshort")
		require.NoError(t, err)
		next(t, arrived)
		require.NoError(t, c.Close())
		recorded(t, recorder)
	})
}

func TestRow18TheSecondRequestAfterARefusedOneIsNotServed(t *testing.T) {
	t.Parallel()
	_, lb := start(t, httpListener(group(t)))
	c := dial(t, lb)
	_, err := io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	r := bufio.NewReader(c)
	resp, _ := response(t, r)
	assert.Equal(t, http.StatusHTTPVersionNotSupported, resp.StatusCode)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(patience)))
	_, err = r.ReadByte()
	assert.Equal(t, io.EOF, err)
}
