// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/alb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/attribute"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/inbound"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/nlb"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// socketKey is what makes a listening socket the same one.
type socketKey struct {
	arn       string
	kind      elb.Type
	transport string // tcp or udp
	address   string
}

// endpoint is an open socket: *socket for TCP, *packets for UDP.
type endpoint interface {
	allow(inbound.Sources)
	close() error
}

// transports are what a listener of a protocol receives (row 57). Unknown protocols are refused by what
// would serve them.
func transports(protocol string) []string {
	switch protocol {
	case "UDP":
		return []string{"udp"}
	case "TCP_UDP":
		return []string{"tcp", "udp"}
	}
	return []string{"tcp"}
}

// wanted is a listener of a load balancer on one of its addresses.
type wanted struct {
	lb       elb.LoadBalancer
	node     elb.Address
	listener elb.Listener
}

// applyListeners closes what is not wanted any more, then updates or opens the rest.
func (p *Plane) applyListeners(ctx context.Context, lbs []elb.LoadBalancer, groups map[string]*target.Group) []error {
	want := map[socketKey]wanted{}
	for _, lb := range lbs {
		p.warnOfWebACL(lb)
		for _, node := range lb.Addresses {
			for _, l := range lb.Listeners {
				address := net.JoinHostPort(node.IP, strconv.Itoa(int(l.Port)))
				for _, transport := range transports(l.Protocol) {
					want[socketKey{lb.ARN, lb.Type, transport, address}] = wanted{lb, node, l}
				}
			}
		}
	}
	var errs []error
	for key, s := range p.sockets {
		if _, ok := want[key]; ok {
			continue
		}
		delete(p.sockets, key)
		p.balancers.CompareAndDelete(key.address, s)
		if err := s.close(); err != nil {
			errs = append(errs, fmt.Errorf("close listener %s: %w", key.address, err))
		}
	}
	for key, w := range want {
		if err := p.applyListener(ctx, key, w, groups); err != nil {
			errs = append(errs, fmt.Errorf("load balancer %s: listener %s %s: %w", w.lb.Stack, w.listener.Protocol, key.address, err))
		}
	}
	return errs
}

func (p *Plane) applyListener(ctx context.Context, key socketKey, w wanted, groups map[string]*target.Group) error {
	sources := p.sources(key, w)
	if known := p.sockets[key]; known != nil {
		if err := p.update(known, w, groups); err != nil {
			return err
		}
		known.allow(sources)
		return nil
	}
	s, err := p.open(ctx, key, w, sources, groups)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w: another program has the port, on this address or on all of this machine; `ss -lnp sport = :%d` names it. End it, or run elbsim in a container of its own", err, w.listener.Port)
	}
	if err != nil {
		return err
	}
	p.sockets[key] = s
	if w.lb.Type == elb.Application {
		p.balancers.Store(key.address, s)
	}
	return nil
}

// sources are who reaches a listener. A source without known members is named once.
func (p *Plane) sources(key socketKey, w wanted) inbound.Sources {
	sources, unknown := inbound.For(w.lb, key.transport, w.listener.Port, p.opts.Members)
	for _, source := range unknown {
		rule := unknownSource{w.lb.ARN, w.listener.Port, source}
		if !p.unknown[rule] {
			p.unknown[rule] = true
			p.opts.Log.Warn("an inbound rule lets nobody in, because the members of its source are not known",
				"loadBalancer", w.lb.Stack, "listener", w.listener.Port, "source", source)
		}
	}
	return sources
}

// warnOfWebACL says once that a web ACL blocks nothing here (row 26).
func (p *Plane) warnOfWebACL(lb elb.LoadBalancer) {
	if lb.WebACL == "" || p.webACLs[lb.ARN] {
		return
	}
	p.webACLs[lb.ARN] = true
	p.opts.Log.Warn("the load balancer has a web ACL, which blocks nothing here: its rules are AWS's", "loadBalancer", lb.Stack, "webACL", lb.WebACL)
}

// unknownSource is a rule of a listener whose source nobody has described.
type unknownSource struct {
	arn    string
	port   int32
	source string
}

// update changes what an open socket serves.
func (p *Plane) update(known endpoint, w wanted, groups map[string]*target.Group) error {
	s, stream := known.(*socket)
	if stream {
		if front, ok := s.front.(*alb.Listener); ok {
			return front.Update(p.albSpec(w, groups))
		}
	}
	spec, err := p.nlbSpec(w, groups)
	switch {
	case err != nil:
		return err
	case stream:
		return s.front.(*nlb.Listener).Update(spec)
	}
	return known.(*packets).front.Update(spec)
}

// open opens a socket and serves it.
func (p *Plane) open(ctx context.Context, key socketKey, w wanted, sources inbound.Sources, groups map[string]*target.Group) (endpoint, error) {
	if w.lb.Type == elb.Application {
		f, err := alb.New(p.albSpec(w, groups))
		if err != nil {
			return nil, err
		}
		return listen(ctx, key.address, sources, f, p.opts.Log)
	}
	if w.lb.Type != elb.Network {
		return nil, fmt.Errorf("load balancer type %q is not served; allowed are application and network", w.lb.Type)
	}
	spec, err := p.nlbSpec(w, groups)
	if err != nil {
		return nil, err
	}
	if key.transport == "udp" {
		f, err := nlb.NewDatagrams(spec)
		if err != nil {
			return nil, err
		}
		return listenPackets(ctx, key.address, sources, f)
	}
	f, err := nlb.New(spec)
	if err != nil {
		return nil, err
	}
	return listen(ctx, key.address, sources, f, p.opts.Log)
}

func (p *Plane) albSpec(w wanted, groups map[string]*target.Group) alb.Spec {
	out := alb.Spec{Listener: w.listener, Attributes: w.lb.Attributes, Node: w.node, DNSName: w.lb.DNSName, Groups: map[string]alb.Group{},
		Certificates: p.opts.Certificates, TrustStores: p.opts.TrustStores, Identity: p.opts.Identity, ConnectTimeout: p.opts.ConnectTimeout, Second: p.second, Log: p.opts.Log}
	out.LoadBalancer, out.Traffic = w.lb.ARN, p.opts.Traffic
	for _, tg := range w.lb.TargetGroups {
		if g := groups[tg.ARN]; g != nil {
			out.Groups[tg.Name] = alb.Group{Group: g, Traffic: p.opts.Traffic.Group(tg.ARN), TLS: tg.Protocol == "HTTPS", Version: tg.ProtocolVersion, Attributes: tg.Attributes}
		}
	}
	return out
}

func (p *Plane) nlbSpec(w wanted, groups map[string]*target.Group) (nlb.Spec, error) {
	out := nlb.Spec{Listener: w.listener, HandOver: p.handOver, Node: w.node, Groups: map[string]nlb.Group{}, Paths: p.opts.Paths,
		Certificates: p.opts.Certificates, ConnectTimeout: p.opts.ConnectTimeout, Second: p.second, Log: p.opts.Log}
	out.LoadBalancer, out.Traffic = w.lb.ARN, p.opts.Traffic
	for _, tg := range w.lb.TargetGroups {
		a := attribute.From(tg.Attributes)
		if g := groups[tg.ARN]; g != nil {
			preserve, err := nlb.PreservesClientIP(tg)
			if err != nil {
				return nlb.Spec{}, fmt.Errorf("target group %s: %w", tg.Name, err)
			}
			out.Groups[tg.Name] = nlb.Group{Group: g, TLS: tg.Protocol == "TLS", ProxyV2: a.Bool(proxyAttribute, false),
				Sticky: a.Bool("stickiness.enabled", false), Balancer: tg.TargetType == "alb",
				PreserveClientIP: preserve, Traffic: p.opts.Traffic.Group(tg.ARN)}
		}
	}
	return out, nil
}
