// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package relay_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/relay"
)

// pair returns the two ends of a TCP connection.
func pair(t *testing.T) (near, far *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	a, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	b, err := l.Accept()
	require.NoError(t, err)
	for _, c := range []net.Conn{a, b} {
		require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
		t.Cleanup(func() { _ = c.Close() }) // some are closed by the test
	}
	return a.(*net.TCPConn), b.(*net.TCPConn)
}

func TestPassEndsWhenBothDirectionsHave(t *testing.T) {
	client, a := pair(t)
	b, target := pair(t)
	done := make(chan struct{})
	go func() {
		relay.Pass(a, b, func(err error) { t.Errorf("broken: %v", err) })
		close(done)
	}()
	sent := bytes.Repeat([]byte("longer than any buffer "), 1<<16)
	wrote := make(chan error, 1)
	go func() {
		_, err := client.Write(sent)
		wrote <- errors.Join(err, client.CloseWrite())
	}()
	got, err := io.ReadAll(target)
	require.NoError(t, err)
	require.NoError(t, <-wrote)
	assert.True(t, bytes.Equal(sent, got), "what came is what was sent")
	select {
	case <-done:
		t.Fatal("one direction is still open")
	default:
	}
	require.NoError(t, target.CloseWrite())
	got, err = io.ReadAll(client)
	require.NoError(t, err)
	assert.Empty(t, got)
	<-done
}

func TestFirstErrorEndsBoth(t *testing.T) {
	client, a := pair(t)
	b, _ := pair(t)
	require.NoError(t, client.SetLinger(0))
	calls := 0
	done := make(chan struct{})
	go func() {
		relay.Pass(a, b, func(err error) {
			calls++
			assert.Error(t, err)
			assert.NoError(t, errors.Join(a.Close(), b.Close()))
		})
		close(done)
	}()
	require.NoError(t, client.Close())
	<-done
	assert.Equal(t, 1, calls)
}
