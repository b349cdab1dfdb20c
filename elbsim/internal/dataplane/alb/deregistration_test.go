// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRow54WebSocketOnDeregistration(t *testing.T) {
	t.Parallel()
	m := member(t, script(t, func(c net.Conn) {
		readHead(c)
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n") // the client asserts
		_, _ = io.Copy(c, c)                                                                                              // until it ends
	}))
	g, update := deregistering(t, m)
	_, lb := start(t, httpListener(g))
	c := dial(t, lb)
	_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	require.NoError(t, err)
	r := bufio.NewReader(c)
	resp, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	ping := func() error {
		if _, err := io.WriteString(c, "ping"); err != nil {
			return err
		}
		_, err := io.ReadFull(r, make([]byte, 4))
		return err
	}
	require.NoError(t, ping())

	m.Health.State = elb.Draining
	update(m)
	require.NoError(t, ping(), "it counts as a request under way")
	update()
	_, err = r.ReadByte()
	require.Error(t, err)
	assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "closed when the delay ends")
}
