// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package dataplane serves load balancers on real sockets: it is what AWS's network does with what the
// controller has built. It takes descriptions (package elb) and makes listeners, rules, target groups and
// health checks agree with them. It knows neither AWS's API nor Kubernetes, and never changes a description.
//
// Plane and its files only put parts together. What a load balancer does is in alb, nlb and health, on top of
// pure packages (rule, forwarded, tlscert, target's choice). Numbers in comments and test names are rows
// of the project's table of load balancer semantics.
package dataplane

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/health"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/target"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// connectTimeout is how long AWS waits for a target to accept a connection (row 35).
const connectTimeout = 10 * time.Second

// Plane serves load balancers. It is safe for concurrent use.
type Plane struct {
	opts    Options
	second  time.Duration // in time-outs and intervals; tests shorten it
	changed chan struct{}
	groups  atomic.Pointer[map[string]*target.Group] // by ARN; the map does not change
	// balancers are the sockets of Application Load Balancers by address, for connections of Network Load Balancers.
	balancers sync.Map

	mu      sync.Mutex
	sockets map[socketKey]endpoint
	closed  bool
	unknown map[unknownSource]bool // that have been logged
	webACLs map[string]bool        // of load balancers by ARN, that have been logged
}

// New makes a plane that serves nothing yet.
func New(opts Options) *Plane {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	opts.ALBPropagationLag = cmp.Or(opts.ALBPropagationLag, DefaultALBPropagationLag)
	opts.NLBPropagationLag = cmp.Or(opts.NLBPropagationLag, DefaultNLBPropagationLag)
	opts.ConnectTimeout = cmp.Or(opts.ConnectTimeout, connectTimeout)
	p := &Plane{opts: opts, second: time.Second, changed: make(chan struct{}, 1), sockets: map[socketKey]endpoint{}, unknown: map[unknownSource]bool{}, webACLs: map[string]bool{}}
	p.groups.Store(&map[string]*target.Group{})
	return p
}

// Apply makes sockets, rules, targets and checks agree with the descriptions and returns when all listeners
// accept connections. What did not change keeps its connections and what is known of its health. The error
// joins one for each listener and target group that cannot be served; all others are served. A load
// balancer without addresses is not served yet.
func (p *Plane) Apply(ctx context.Context, lbs []elb.LoadBalancer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return net.ErrClosed
	}
	groups, errs := p.applyGroups(lbs)
	errs = append(errs, p.applyListeners(ctx, lbs, groups)...)
	old := p.groups.Swap(&groups)
	for arn, g := range *old {
		if groups[arn] != g {
			g.Close()
		}
	}
	p.opts.Traffic.Keep(counted(lbs))
	return errors.Join(errs...)
}

// Health is the health of a registered target. One that the plane does not know is about to be registered.
func (p *Plane) Health(targetGroupARN string, t elb.Target) elb.Health {
	if g := (*p.groups.Load())[targetGroupARN]; g != nil {
		return g.Health(t)
	}
	return health.Registering()
}

// InDNS tells whether enough targets of a target group are healthy for the node of a zone to be found in DNS (row 68).
// Of a target group that the plane does not know that is not said: nothing speaks against it.
func (p *Plane) InDNS(targetGroupARN, zone string) bool {
	g := (*p.groups.Load())[targetGroupARN]
	return g == nil || g.View().Pool(zone).InDNS
}

// Changed gives a signal after the health of any target has changed; changes in quick succession may be one.
func (p *Plane) Changed() <-chan struct{} { return p.changed }

func (p *Plane) signal() {
	select {
	case p.changed <- struct{}{}:
	default: // the last signal is still waiting
	}
}

// Close ends everything and returns when no goroutine and no socket is left.
func (p *Plane) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for key, s := range p.sockets {
		errs = append(errs, s.close())
		delete(p.sockets, key)
	}
	for _, g := range *p.groups.Swap(&map[string]*target.Group{}) {
		g.Close()
	}
	return errors.Join(errs...)
}
