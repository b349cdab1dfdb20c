// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package nlb serves the listeners of Network Load Balancers: it takes a client's connection, finds a target
// for it and passes bytes. The numbers in comments are rows of the semantics table. It never looks at the
// bytes, never checks health and never opens a listening socket.
package nlb

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/attribute"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/tlscert"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/traffic"
)

// idleSeconds is when an idle flow ends: AWS's default for TCP listeners, fixed for TLS listeners (row 58).
const idleSeconds = 350

// forgetSeconds is how long an idle connection is kept after its end for the packet that is to be answered by RST.
// AWS answers at any time; here the kernel's memory of the connection has to be kept.
const forgetSeconds = 3600

// datagramIdleSeconds is when a UDP flow without packets is forgotten (row 57); it cannot be changed.
const datagramIdleSeconds = 120

// Group is a target group as the listeners of one load balancer see it.
type Group struct {
	*target.Group
	TLS     bool // to the targets
	ProxyV2 bool
	// Sticky: all flows of a client go to one target (row 72).
	Sticky bool
	// Balancer: targets are Application Load Balancers, which are reached by Spec.HandOver.
	Balancer bool
	// PreserveClientIP: targets see the client's address (row 60).
	PreserveClientIP bool
	Traffic          *traffic.Counter // nil: not counted
}

// Spec is what a listener on one address of a load balancer serves.
type Spec struct {
	Listener     elb.Listener
	Node         elb.Address
	Groups       map[string]Group // by name
	Certificates tlscert.Source
	// ConnectTimeout limits connection attempts to targets.
	ConnectTimeout time.Duration
	// HandOver connects a client to a node of an Application Load Balancer that is a target (row 76).
	HandOver func(client, node netip.AddrPort) (net.Conn, error)
	// Paths are the ways by which clients' addresses can be preserved.
	Paths dial.Paths
	// Second is the length of a second in time-outs; tests shorten it.
	Second time.Duration
	Log    *slog.Logger
	// LoadBalancer is the ARN by which Traffic counts; nil counts nothing.
	LoadBalancer string
	Traffic      *traffic.Recorder
}

// config is a compiled Spec. It does not change.
type config struct {
	node           elb.Address
	source         netip.Addr
	tls            *tls.Config // nil for TCP
	idle           time.Duration
	forget         time.Duration // after it has been idle for too long
	second         time.Duration
	connectTimeout time.Duration
	paths          dial.Paths
	handOver       func(client, node netip.AddrPort) (net.Conn, error)
	groups         []Group
	weights        []int32
	total          int
	sticky         bool             // one of the groups is
	traffic        *traffic.Counter // of the default action
	log            *slog.Logger
}

// compileConnections compiles what a listener does with TCP connections.
func compileConnections(s Spec) (*config, error) {
	c, err := compile(s)
	if err != nil {
		return nil, err
	}
	switch s.Listener.Protocol {
	case "TCP":
		listener := attribute.From(s.Listener.Attributes)
		c.idle = time.Duration(listener.Int("tcp.idle_timeout.seconds", idleSeconds)) * s.Second
		if err := listener.Err(); err != nil {
			return nil, err
		}
	case "TLS":
		protocols, err := tlscert.ALPN(s.Listener.ALPNPolicy)
		if err != nil {
			return nil, err
		}
		if c.tls, err = tlscert.Config(s.Listener, protocols, s.Certificates, nil); err != nil {
			return nil, err
		}
	case "TCP_UDP": // has no attribute for its time-out
	default:
		return nil, notServed(s)
	}
	return c, nil
}

// compileDatagrams compiles what a listener does with UDP.
func compileDatagrams(s Spec) (*config, error) {
	c, err := compile(s)
	if err != nil {
		return nil, err
	}
	if s.Listener.Protocol != "UDP" && s.Listener.Protocol != "TCP_UDP" {
		return nil, notServed(s)
	}
	c.idle = datagramIdleSeconds * s.Second
	return c, nil
}

func notServed(s Spec) error {
	return fmt.Errorf("protocol %q is not served by a network load balancer here; served are TCP, TLS, UDP and TCP_UDP", s.Listener.Protocol)
}

// compile compiles what all protocols have in common.
func compile(s Spec) (*config, error) {
	c := &config{node: s.Node, idle: idleSeconds * s.Second, forget: forgetSeconds * s.Second, second: s.Second, connectTimeout: s.ConnectTimeout, paths: s.Paths, handOver: s.HandOver, log: s.Log}
	c.traffic = s.Traffic.Rule(s.LoadBalancer, s.Listener.Port, traffic.DefaultRule)
	var err error
	if c.source, err = netip.ParseAddr(s.Node.IP); err != nil {
		return nil, err
	}
	if len(s.Listener.Rules) > 0 {
		return nil, errors.New("a network load balancer has no rules")
	}
	return c, c.setForward(s)
}

func (c *config) setForward(s Spec) error {
	if len(s.Listener.DefaultActions) != 1 || s.Listener.DefaultActions[0].Type != "forward" {
		return errors.New("a network load balancer needs one default action of type forward")
	}
	for _, w := range s.Listener.DefaultActions[0].Forward {
		g, ok := s.Groups[w.TargetGroup]
		if !ok {
			return fmt.Errorf("target group %q is not described", w.TargetGroup)
		}
		c.groups = append(c.groups, g)
		c.weights = append(c.weights, w.Weight)
		c.total += int(w.Weight)
		c.sticky = c.sticky || g.Sticky
	}
	if len(c.groups) == 0 {
		return errors.New("forward action without target group")
	}
	return nil
}
