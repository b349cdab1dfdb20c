// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/inbound"
)

// greeter is a front that greets.
type greeter struct{}

func (greeter) Serve(c net.Conn) {
	_, _ = io.WriteString(c, "hello") // the test reads it
	_ = c.Close()
}

func (greeter) Close() error { return nil }

func TestRow73ExcludedClientIsHeldWithoutAnAnswerWhereTheKernelCannotDropIt(t *testing.T) {
	s, err := listen(context.Background(), "127.0.0.1:0", inbound.Sources{Everyone: true}, greeter{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	read := func() (string, error) {
		c, err := net.Dial("tcp", s.listener.Addr().String())
		require.NoError(t, err)
		defer func() { require.NoError(t, c.Close()) }()
		require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Second)))
		b, err := io.ReadAll(c)
		return string(b), err
	}
	got, err := read()
	require.NoError(t, err)
	require.Equal(t, "hello", got)
	s.sources.Store(&inbound.Sources{}) // without telling the kernel
	got, err = read()
	assert.ErrorContains(t, err, "i/o timeout")
	assert.Empty(t, got)
	assert.NoError(t, s.close(), "the held connection does not keep the socket from closing")
}
