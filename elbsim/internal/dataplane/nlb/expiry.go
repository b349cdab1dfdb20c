// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
)

// expire ends the passing of bytes of a connection that has been idle for too long, and tells nobody (row 58).
func (c *connection) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A connection that takes no deadline is broken, and reading it says so.
	_, _ = c.client.End(), c.target.End()
}

// forget does what AWS does with a connection of which it knows nothing any more: the next packet of either side is
// answered by RST, and until it comes nothing is sent (row 58). It returns when both sides have been reset.
func (c *connection) forget() {
	var wg sync.WaitGroup
	for _, side := range []*idle.Conn{c.client, c.target} {
		wg.Go(func() { c.awaitPacket(side.Conn) })
	}
	wg.Wait()
}

// awaitPacket resets a side at its next packet.
func (c *connection) awaitPacket(side net.Conn) {
	probe := newProbe(side)
	end, step := time.Now().Add(c.config.forget), c.config.idle/looks
	for time.Now().Before(end) {
		if side.SetReadDeadline(time.Now().Add(step)) != nil {
			break // it is closed
		}
		_, err := side.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) || probe.came(step) {
			break
		}
	}
	_ = idle.Reset(side) // one that fails to close is closed
}
