// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

const preserveAttribute = "preserve_client_ip.enabled"

// PreservesClientIP tells whether the targets of a group see the clients' addresses (row 60): always where a
// protocol is UDP, else by its attribute, which for TCP and TLS is off for targets known by address and on for all
// others.
func PreservesClientIP(tg elb.TargetGroup) (bool, error) {
	switch tg.Protocol {
	case "UDP", "TCP_UDP", "QUIC", "TCP_QUIC":
		return true, nil
	}
	switch v := tg.Attributes[preserveAttribute]; v {
	case "":
		return tg.TargetType != "ip", nil
	case "true", "false":
		return v == "true", nil
	default:
		return false, fmt.Errorf("attribute %s is %q; allowed are true and false", preserveAttribute, v)
	}
}

// errHairpin ends a connection that AWS would never have established.
var errHairpin = errors.New("client and target are on the same host and client IP preservation is on, so AWS loses the target's answers; switch " + preserveAttribute + " off")

// origin is whom a flow comes from, as its target sees it.
type origin int

const (
	fromLoadBalancer origin = iota
	fromClient
	lost // the target's answers would not find back (row 62)
)

// origin decides it for a client and a target of a group. unpreserved tells that AWS would preserve the client's
// address where this machine cannot.
func (c *config) origin(g Group, client, target netip.Addr) (o origin, unpreserved bool) {
	switch {
	case !g.PreserveClientIP || client.Is4() != target.Is4():
		return fromLoadBalancer, false
	case c.paths.SameHost(client, target):
		return lost, false
	case c.paths.Preserves(client, target):
		return fromClient, false
	}
	return fromLoadBalancer, true
}

// dial opens a connection ("tcp") or a socket ("udp") to a target of a group from the address that AWS would use,
// or fails with errHairpin. once is for what is said once.
func (c *config) dial(ctx context.Context, network string, g Group, client, target netip.AddrPort, once *sync.Once) (net.Conn, error) {
	if g.Balancer {
		return c.handOver(client, target)
	}
	o, unpreserved := c.origin(g, client.Addr(), target.Addr())
	switch o {
	case lost:
		return nil, errHairpin
	case fromClient:
		return dial.As(ctx, network, client, target, c.connectTimeout)
	}
	if unpreserved {
		once.Do(func() {
			c.log.Warn("targets see the load balancer's address and not the client's, as AWS would have it: what they answer would not come back by way of elbsim; name the clients' networks by --client-network once the nodes send that to elbsim",
				"client", client.Addr().String(), "target", target.String(), "loadBalancer", c.node.IP)
		})
	}
	if network == "udp" {
		return dial.Datagrams(c.source, target)
	}
	return dial.From(c.source, target.Addr(), c.connectTimeout).DialContext(ctx, network, target.String())
}

// hairpin lets a client wait that AWS would let wait (row 62): it hears nothing for as long as it stays. Its own
// connection is established, other than in AWS, because the target is chosen after that.
func (c *connection) hairpin() error {
	c.listener.log.Info("connection gets no answer", "client", c.client.RemoteAddr().String(), "reason", errHairpin.Error())
	_, err := io.Copy(io.Discard, c.client)
	return errors.Join(errHairpin, err)
}
