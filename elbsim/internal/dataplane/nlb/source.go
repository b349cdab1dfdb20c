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

// dial connects to a target of a group from the address that AWS would use.
func (c *connection) dial(ctx context.Context, g Group, addr netip.AddrPort) (net.Conn, error) {
	client, limit := addrPort(c.client.RemoteAddr()), c.config.connectTimeout
	if g.PreserveClientIP && client.Addr().Is4() == addr.Addr().Is4() {
		if c.config.paths.SameHost(client.Addr(), addr.Addr()) {
			return nil, c.hairpin(client)
		}
		if c.config.paths.Preserves(client.Addr(), addr.Addr()) {
			return dial.As(ctx, "tcp", client, addr, limit)
		}
		c.listener.unpreserved.Do(func() {
			c.listener.log.Warn("targets see the load balancer's address and not the client's, as AWS would have it: what they answer would not come back by way of elbsim; name the clients' networks by --client-network once the nodes send that to elbsim",
				"client", client.Addr().String(), "target", addr.String(), "loadBalancer", c.config.node.IP)
		})
	}
	return dial.From(c.config.source, addr.Addr(), limit).DialContext(ctx, "tcp", addr.String())
}

// hairpin lets a client wait that AWS would let wait (row 62): it hears nothing for as long as it stays. Its own
// connection is established, other than in AWS, because the target is chosen after that.
func (c *connection) hairpin(client netip.AddrPort) error {
	c.listener.log.Info("connection gets no answer", "client", client.String(), "reason", errHairpin.Error())
	_, err := io.Copy(io.Discard, c.client)
	return errors.Join(errHairpin, err)
}
