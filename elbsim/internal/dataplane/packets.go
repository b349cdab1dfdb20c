// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/inbound"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/nlb"
)

// packets receives the UDP packets of one listener on one address (row 57).
type packets struct {
	socket  *net.UDPConn
	front   *nlb.Datagrams
	sources atomic.Pointer[inbound.Sources]
	wg      sync.WaitGroup
}

// listenPackets opens a UDP socket that serves clients among sources. Excluded ones need no filter of the kernel:
// nothing answers a packet that nobody takes.
func listenPackets(ctx context.Context, address string, sources inbound.Sources, f *nlb.Datagrams) (*packets, error) {
	c, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", address)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s := &packets{socket: c.(*net.UDPConn), front: f}
	s.sources.Store(&sources)
	s.wg.Go(func() {
		f.Serve(s.socket, func(client netip.Addr) bool { return s.sources.Load().Allow(client) })
	})
	return s, nil
}

// allow changes who can begin a flow. Flows that exist stay.
func (s *packets) allow(sources inbound.Sources) { s.sources.Store(&sources) }

// close ends the socket and all its flows, and returns when nothing of it runs.
func (s *packets) close() error {
	err := s.socket.Close()
	if err != nil {
		err = fmt.Errorf("close socket %s: %w", s.socket.LocalAddr(), err)
	}
	err = errors.Join(err, s.front.Close())
	s.wg.Wait()
	return err
}
