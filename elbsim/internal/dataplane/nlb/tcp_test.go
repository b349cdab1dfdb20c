// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/handover"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/nlb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestRow57ConnectionsSpreadAndNeverMove(t *testing.T) {
	t.Parallel()
	one, countOne := echo(t, "1")
	two, countTwo := echo(t, "2")
	_, lb := start(t, tcpListener(group(t, new(switchboard), nil, member(t, one, "a"), member(t, two, "a"))))
	require.Eventually(t, func() bool {
		c := dial(t, lb)
		name := take(t, c, 1)
		for range 3 {
			_, err := io.WriteString(c, "ping")
			require.NoError(t, err)
			require.Equal(t, "ping", take(t, c, 4), "the connection to target %s moved", name)
		}
		return countOne.Load() > 0 && countTwo.Load() > 0
	}, patience, time.Millisecond)
}

func TestHalfCloseIsPassedOnBothWays(t *testing.T) {
	t.Parallel()
	address, stop := accept(t, func(c net.Conn) {
		defer func() { _ = c.Close() }() // the client asserts
		got, err := io.ReadAll(c)        // until the client's half is closed
		if err == nil {
			_, _ = c.Write(append([]byte("all of "), got...)) // the client asserts
		}
	})
	t.Cleanup(stop)
	_, lb := start(t, tcpListener(group(t, new(switchboard), nil, member(t, address, "a"))))
	c := dial(t, lb)
	_, err := io.WriteString(c, "it")
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	assert.Equal(t, "all of it", string(got))
}

func TestTargetThatRefusesResetsTheClient(t *testing.T) {
	t.Parallel()
	_, lb := start(t, tcpListener(group(t, new(switchboard), nil, member(t, "127.0.0.1:1", "a"))))
	c, err := net.Dial("tcp", lb)
	if err == nil { // the reset may be quicker than the end of connecting
		t.Cleanup(func() { _ = c.Close() })
		require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
		err = ended(c)
	}
	assert.ErrorIs(t, err, syscall.ECONNRESET)
}

func TestRow68AllTargetsGetTrafficWhenNoneIsHealthy(t *testing.T) {
	t.Parallel()
	address, _ := echo(t, "1")
	board := new(switchboard)
	board.set(address, false)
	g := group(t, board, nil, member(t, address, "a"))
	require.Equal(t, elb.Unhealthy, g.Health(member(t, address, "a")).State)
	_, lb := start(t, tcpListener(g))
	assert.Equal(t, "1", take(t, dial(t, lb), 1))
}

func TestRow69UnhealthyTarget(t *testing.T) {
	tests := []struct {
		name  string
		keep  bool // attribute connection_termination is false
		other bool // another target is healthy
		reset bool
	}{
		{name: "row 69: connections to a target that becomes unhealthy are reset", other: true, reset: true},
		{name: "row 69: they stay if connection termination is off", other: true, keep: true},
		{name: "row 69: they stay if all targets get traffic"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			board, sick := new(switchboard), ""
			sick, _ = echo(t, "s")
			members := []elb.Target{member(t, sick, "a")}
			if tt.other {
				well, _ := echo(t, "w")
				members = append(members, member(t, well, "a"))
			}
			g := group(t, board, func(s *target.Settings) { s.CutUnhealthy = !tt.keep }, members...)
			_, lb := start(t, tcpListener(g))
			c := dialUntil(t, lb, "s")
			board.set(sick, false)
			if tt.reset {
				assert.ErrorIs(t, ended(c), syscall.ECONNRESET)
				return
			}
			require.Eventually(t, func() bool { return g.Health(members[0]).State == elb.Unhealthy }, patience, time.Millisecond)
			_, err := io.WriteString(c, "ping")
			require.NoError(t, err)
			assert.Equal(t, "ping", take(t, c, 4))
		})
	}
}

// dialUntil connects until the target of that name answers.
func dialUntil(t *testing.T, lb, name string) *net.TCPConn {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if c := dial(t, lb); take(t, c, 1) == name {
			return c
		}
	}
	require.Fail(t, "no connection reaches the target", name)
	return nil
}

func TestRow70Deregistration(t *testing.T) {
	tests := []struct {
		name      string
		terminate bool
	}{
		{name: "row 70: existing connections flow on, also after the delay"},
		{name: "row 70: connection termination resets them after the delay", terminate: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			old, _ := echo(t, "o")
			fresh, _ := echo(t, "f")
			oldMember, freshMember := member(t, old, "a"), member(t, fresh, "a")
			board := new(switchboard)
			settings := target.Settings{Threshold: target.Threshold{Count: 1}, CutGone: tt.terminate}
			g := group(t, board, func(s *target.Settings) { *s = settings }, oldMember, freshMember)
			_, lb := start(t, tcpListener(g))
			c := dialUntil(t, lb, "o")
			ping := func() error {
				if _, err := io.WriteString(c, "ping"); err != nil {
					return err
				}
				_, err := io.ReadFull(c, make([]byte, 4))
				return err
			}

			oldMember.Health.State = elb.Draining
			g.Update(settings, board.checks(), []elb.Target{oldMember, freshMember})
			for range 20 {
				require.Equal(t, "f", take(t, dial(t, lb), 1), "a draining target got a new connection")
			}
			require.NoError(t, ping(), "while it drains")

			g.Update(settings, board.checks(), []elb.Target{freshMember})
			if tt.terminate {
				assert.ErrorIs(t, ended(c), syscall.ECONNRESET)
				return
			}
			assert.NoError(t, ping(), "after the delay")
		})
	}
}

func TestRow71CrossZone(t *testing.T) {
	t.Parallel()
	own, _ := echo(t, "a")
	other, countOther := echo(t, "b")
	board, members := new(switchboard), []elb.Target{member(t, own, "a"), member(t, other, "b")}
	g := group(t, board, nil, members...)
	_, lb := start(t, tcpListener(g))
	for range 20 {
		require.Equal(t, "a", take(t, dial(t, lb), 1), "row 71: without cross-zone a node uses only its own zone's targets")
	}
	require.Zero(t, countOther.Load())
	g.Update(target.Settings{Threshold: target.Threshold{Count: 1}, CrossZone: true}, board.checks(), members)
	require.Eventually(t, func() bool { return take(t, dial(t, lb), 1) == "b" }, patience, time.Millisecond, "row 71: with cross-zone it uses all")
}

func TestRow76AConnectionToAnALBIsHandedOverInTheClientsName(t *testing.T) {
	t.Parallel()
	const node = "192.0.2.80:443" // nobody is there: it is not connected to
	g := group(t, new(switchboard), nil, member(t, node, "a"))
	g.Balancer = true
	s, clients := tcpListener(g), make(chan string, 1)
	s.HandOver = func(client, to netip.AddrPort) (net.Conn, error) {
		clients <- client.String() + " to " + to.String()
		near, far, err := handover.Pair(client, to)
		if err == nil {
			_, _ = io.WriteString(far, "alb") // the client asserts
			err = far.Close()
		}
		return near, err
	}
	_, lb := start(t, s)
	c := dial(t, lb)
	assert.Equal(t, "alb", take(t, c, 3))
	assert.Equal(t, c.LocalAddr().String()+" to "+node, <-clients)
}

func TestRow77WeightsCountConnections(t *testing.T) {
	t.Parallel()
	none, countNone := echo(t, "n")
	all, _ := echo(t, "a")
	s := tcpListener(group(t, new(switchboard), nil, member(t, all, "a")))
	s.Groups["none"] = group(t, new(switchboard), nil, member(t, none, "a"))
	s.Listener.DefaultActions[0].Forward = append(s.Listener.DefaultActions[0].Forward, elb.Weighted{TargetGroup: "none", Weight: 0})
	_, lb := start(t, s)
	for range 20 {
		require.Equal(t, "a", take(t, dial(t, lb), 1))
	}
	assert.Zero(t, countNone.Load())
}

func TestRow77WeightsShareConnections(t *testing.T) {
	t.Parallel()
	much, countMuch := echo(t, "m")
	little, countLittle := echo(t, "l")
	s := tcpListener(group(t, new(switchboard), nil, member(t, much, "a")))
	s.Groups["little"] = group(t, new(switchboard), nil, member(t, little, "a"))
	s.Listener.DefaultActions[0].Forward = []elb.Weighted{{TargetGroup: "tg", Weight: 90}, {TargetGroup: "little", Weight: 10}}
	_, lb := start(t, s)
	const connections = 1000
	for range connections {
		c := dial(t, lb)
		take(t, c, 1)
		require.NoError(t, c.Close())
	}
	assert.EqualValues(t, connections, countMuch.Load()+countLittle.Load())
	// The standard deviation is 9.5: a wrong share is found, and by chance this fails in one of 10^13 runs.
	assert.InDelta(t, connections/10, countLittle.Load(), 70, "row 77: each connection is drawn by the weights")
}

func TestNothingIsLeftAfterClose(t *testing.T) {
	t.Parallel()
	address, _ := echo(t, "1")
	l, lb := start(t, tcpListener(group(t, new(switchboard), nil, member(t, address, "a"))))
	c := dial(t, lb)
	take(t, c, 1)
	require.NoError(t, l.Close())
	assert.ErrorIs(t, ended(c), syscall.ECONNRESET)
}

func TestSpecsThatCannotBeServedAreRefused(t *testing.T) {
	tests := []struct {
		name string
		edit func(*nlb.Spec)
		want string
	}{
		{"QUIC", func(s *nlb.Spec) { s.Listener.Protocol = "QUIC" }, "protocol \"QUIC\" is not served by a network load balancer here; served are TCP, TLS, UDP and TCP_UDP"},
		{"TLS without a certificate", func(s *nlb.Spec) { s.Listener.Protocol = "TLS" }, "no certificate"},
		{"an unknown ALPN policy", func(s *nlb.Spec) { s.Listener.Protocol, s.Listener.ALPNPolicy = "TLS", "h2" },
			"ALPN policy \"h2\" is unknown; allowed are None, HTTP1Only, HTTP2Only, HTTP2Optional and HTTP2Preferred"},
		{"a target group that is not described", func(s *nlb.Spec) { s.Groups = nil }, "target group \"tg\" is not described"},
		{"no action", func(s *nlb.Spec) { s.Listener.DefaultActions = nil }, "a network load balancer needs one default action of type forward"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tcpListener(nlb.Group{})
			tt.edit(&s)
			_, err := nlb.New(s)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestEndedTellsAResetFromAnEnd(t *testing.T) {
	for name, reset := range map[string]bool{"reset": true, "end": false} {
		t.Run(name, func(t *testing.T) {
			address, stop := accept(t, func(c net.Conn) {
				_, _ = c.Read(make([]byte, 1)) // when the client is connected
				if reset {
					_ = c.(*net.TCPConn).SetLinger(0) // the assertion notices
				}
				_ = c.Close()
			})
			t.Cleanup(stop)
			c := dial(t, address)
			_, err := io.WriteString(c, "x")
			require.NoError(t, err)
			assert.Equal(t, reset, errors.Is(ended(c), syscall.ECONNRESET))
		})
	}
}
