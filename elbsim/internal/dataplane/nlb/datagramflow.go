// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/idle"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// datagramFlow is all that one port of a client sends and, for its whole life, one target gets (row 57). It has a
// socket of its own to the target, so that answers find their client.
type datagramFlow struct {
	client  netip.AddrPort
	front   *net.UDPConn // of the load balancer; answers come from its address
	target  *idle.Conn
	release func() // of the target
	traffic traffic.Flow
	once    sync.Once
}

func newDatagramFlow(c *config, front *net.UDPConn, client netip.AddrPort, once *sync.Once) (*datagramFlow, error) {
	g, t := c.choose(client.Addr(), flow(udp, client, addrPort(front.LocalAddr()), 0))
	if t == nil {
		return nil, errors.New("no target")
	}
	silent, cancel := context.WithCancel(context.Background())
	cancel() // nobody waits for a datagram
	if err := t.Reach(silent, 0); err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Addr, err)
	}
	raw, err := c.dial(context.Background(), "udp", g, client, t.Addr, once) // returns at once
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Addr, err)
	}
	f := &datagramFlow{client: client, front: front, target: idle.New(raw, idle.NewClock(c.idle))}
	if f.release, err = t.Track(f); err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	f.traffic = traffic.Begin(c.traffic, client)
	f.traffic.Forward(t.Traffic)
	return f, nil
}

// Close ends the flow: what a target does to its flows when it is cut off (row 70). Nobody is told.
func (f *datagramFlow) Close() (err error) {
	f.once.Do(func() { err = f.target.Close() })
	return err
}

// send passes a packet of the client on, or tells that the flow has ended. What the network says of it (a port that
// nobody serves, a full queue) concerns nobody: UDP promises nothing.
func (f *datagramFlow) send(packet []byte) bool {
	_, err := f.target.Write(packet)
	if errors.Is(err, syscall.ECONNREFUSED) {
		_, err = f.target.Write(packet) // the error was that of an earlier packet, and kept this one back
	}
	if errors.Is(err, net.ErrClosed) || errors.Is(err, idle.ErrTimeout) {
		return false
	}
	f.traffic.Add(int64(len(packet)), 0)
	return true
}

// answer passes the target's packets to the client until the flow is idle or closed, and returns why it ended.
func (f *datagramFlow) answer() error {
	defer f.release()
	defer f.traffic.End(nil)
	packet := make([]byte, maxDatagram)
	for {
		n, err := f.target.Read(packet)
		if errors.Is(err, syscall.ECONNREFUSED) {
			continue // nobody serves the target's port at the moment
		}
		if err != nil {
			return errors.Join(err, f.Close())
		}
		// An error is the network's (no route to the client any more) and may pass.
		_, _ = f.front.WriteToUDPAddrPort(packet[:n], f.client)
		f.traffic.Add(0, int64(n))
	}
}
