// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
)

// maxDatagram is the largest datagram that IPv4 can carry, and more.
const maxDatagram = 64 << 10

// Datagrams serves the UDP packets of one listener on one address. Its settings may change while it works; a flow
// keeps those it began with.
type Datagrams struct {
	config atomic.Pointer[config]
	log    *slog.Logger
	wg     sync.WaitGroup // flows
	// unpreserved: it has been said that clients' addresses cannot be preserved.
	unpreserved sync.Once

	mu     sync.Mutex
	flows  map[netip.AddrPort]*datagramFlow // by client
	closed bool
}

// NewDatagrams makes the UDP side of a listener, or says what of the spec it cannot serve.
func NewDatagrams(s Spec) (*Datagrams, error) {
	d := &Datagrams{log: s.Log, flows: map[netip.AddrPort]*datagramFlow{}}
	return d, d.Update(s)
}

// Update replaces the spec. Flows live on.
func (d *Datagrams) Update(s Spec) error {
	c, err := compileDatagrams(s)
	if err != nil {
		return err
	}
	d.config.Store(c)
	return nil
}

// Serve passes the packets of a socket on until the socket is closed. A packet without a flow begins one if allow
// lets its client in: security groups track flows, so those that exist stay. No other packet gets an answer.
func (d *Datagrams) Serve(socket *net.UDPConn, allow func(netip.Addr) bool) {
	packet := make([]byte, maxDatagram)
	for {
		n, client, err := socket.ReadFromUDPAddrPort(packet)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // of one packet, such as an ICMP error for an answer
			d.log.Debug("receive datagram", "address", socket.LocalAddr().String(), "err", err)
			continue
		}
		client = netip.AddrPortFrom(client.Addr().Unmap(), client.Port())
		if f := d.flow(client); f != nil && f.send(packet[:n]) {
			continue
		}
		if !allow(client.Addr()) {
			continue
		}
		f, err := d.open(socket, client)
		if err != nil {
			d.log.Debug("datagram is dropped", "client", client.String(), "err", err)
			continue
		}
		f.send(packet[:n])
	}
}

func (d *Datagrams) flow(client netip.AddrPort) *datagramFlow {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.flows[client]
}

// open begins a flow and lets its answers go to the client until it ends.
func (d *Datagrams) open(socket *net.UDPConn, client netip.AddrPort) (*datagramFlow, error) {
	f, err := newDatagramFlow(d.config.Load(), socket, client, &d.unpreserved)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errors.Join(net.ErrClosed, f.Close())
	}
	d.flows[client] = f
	d.wg.Go(func() {
		err := f.answer()
		d.log.Debug("flow ended", "client", client.String(), "err", err)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.flows[client] == f { // not one that was opened since
			delete(d.flows, client)
		}
	})
	return f, nil
}

// Close ends all flows and returns when nothing runs any more. It does not close the socket.
func (d *Datagrams) Close() error {
	d.mu.Lock()
	d.closed = true
	var errs []error
	for _, f := range d.flows {
		errs = append(errs, f.Close())
	}
	d.mu.Unlock()
	d.wg.Wait()
	return errors.Join(errs...)
}
