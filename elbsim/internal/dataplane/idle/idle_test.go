// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package idle_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
)

// pair returns two ends of a connection, the first one under a clock.
func pair(t *testing.T, clock *idle.Clock) (*idle.Conn, net.Conn) {
	t.Helper()
	a, b := net.Pipe()
	t.Cleanup(func() { _, _ = a.Close(), b.Close() }) // a pipe closes without error
	return idle.New(a, clock), b
}

func TestSilenceEndsAReadAndAWrite(t *testing.T) {
	c, _ := pair(t, idle.NewClock(20*time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	assert.ErrorIs(t, err, idle.ErrTimeout)
	c, _ = pair(t, idle.NewClock(20*time.Millisecond))
	_, err = c.Write([]byte("nobody reads"))
	assert.ErrorIs(t, err, idle.ErrTimeout)
}

func TestMovementOnAnotherConnectionOfTheClockKeepsAReadAlive(t *testing.T) {
	const limit = 3 * time.Second // a stall of the machine is shorter
	clock := idle.NewClock(limit)
	waiting, other := pair(t, clock)
	moving, peer := pair(t, clock)
	go func() { _, _ = io.Copy(io.Discard, peer) }() // ends with the pipe
	read := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(waiting, make([]byte, 2))
		read <- err
	}()
	ticks := time.NewTicker(limit / 30)
	defer ticks.Stop()
	for range 45 { // one and a half times the limit
		<-ticks.C
		_, err := moving.Write([]byte("x"))
		require.NoError(t, err)
	}
	_, err := other.Write([]byte("ok"))
	require.NoError(t, err)
	assert.NoError(t, <-read)
}

func TestShorterLimitTakesEffectOnAnArmedConnection(t *testing.T) {
	long := idle.NewClock(time.Hour)
	c, other := pair(t, long)
	go func() { _, _ = other.Write([]byte("x")) }()
	_, err := c.Read(make([]byte, 1)) // arms the deadline in an hour
	require.NoError(t, err)
	c.Use(idle.NewClock(20 * time.Millisecond))
	_, err = c.Read(make([]byte, 1))
	assert.ErrorIs(t, err, idle.ErrTimeout)
}

func TestAReadThatWaitsAsksWhetherThereIsAReason(t *testing.T) {
	c, other := pair(t, idle.NewClock(10*time.Second))
	asked := 0
	gone := errors.New("gone")
	c.Ask(time.Millisecond, func() error {
		if asked++; asked < 3 {
			return nil
		}
		return gone
	})
	_, err := c.Read(make([]byte, 1))
	require.ErrorIs(t, err, gone)
	assert.Equal(t, 3, asked)

	c.Ask(0, nil)
	go func() { _, _ = other.Write([]byte("x")) }() // what fails the read sees
	_, err = c.Read(make([]byte, 1))
	require.NoError(t, err, "nobody is asked any more")
	assert.Equal(t, 3, asked)
}
