// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package provision brings the load balancers of the account to life: it gives each one addresses, has the
// network answer on them and the data plane serve them, and tells the account when that is done. It
// is the step between fakeaws and dataplane and knows neither.
package provision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Account is where load balancers are described and learn their addresses.
type Account interface {
	LoadBalancers() []elb.LoadBalancer
	SetAddresses(lbARN string, addresses []elb.Address)
	// Provisioning tells whether a load balancer must wait before it is served.
	Provisioning(lbARN string) bool
}

// Pool hands out addresses.
type Pool interface {
	Address(owner string) (netip.Addr, error)
	Take(owner string, addr netip.Addr)
	Keep(keep func(owner string) bool)
}

// Network answers on addresses.
type Network interface {
	SetAddresses(want []netip.Addr) error
}

// Plane serves load balancers on their addresses. Its errors are about single listeners; all others are served.
type Plane interface {
	Apply(ctx context.Context, lbs []elb.LoadBalancer) error
}

// Provisioner is the loop. Its fields are all required.
type Provisioner struct {
	Account Account
	Pool    Pool
	Network Network
	Plane   Plane
	Log     *slog.Logger
	// ZoneGone tells whether an availability zone is taken away: nothing answers on addresses in it.
	ZoneGone func(zone string) bool
	// Retry is how long to wait after an error before the whole is tried again.
	Retry time.Duration

	present []netip.Addr // what the network answers on
}

// Run provisions at once and then on each signal of changed, until ctx ends. After an error the whole is
// tried again: the cause may be gone by then (a port that another process held). The same error is
// logged once.
func (p *Provisioner) Run(ctx context.Context, changed <-chan struct{}) {
	logged := ""
	for {
		var retry <-chan time.Time
		err := p.provision(ctx)
		if err == nil {
			logged = ""
		} else if ctx.Err() == nil {
			retry = time.After(p.Retry)
			if err.Error() != logged {
				logged = err.Error()
				p.Log.Error("provision load balancers", "err", err, "retryEvery", p.Retry)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-retry:
		}
	}
}

// provision makes network and data plane agree with the account once. Addresses are there before a
// listener needs them, and stay until no listener does. A load balancer that gets no address and a listener
// that cannot be served are errors, and hold nothing else up.
func (p *Provisioner) provision(ctx context.Context) error {
	lbs := p.Account.LoadBalancers()
	known := make([][]elb.Address, len(lbs))
	for i, lb := range lbs {
		known[i] = lb.Addresses
	}
	errs := p.address(lbs)
	given, want := p.serving(lbs)
	if err := p.Network.SetAddresses(union(want, p.present)); err != nil {
		// The network has done what it could: the data plane says which listeners lack their address.
		errs = append(errs, fmt.Errorf("give load balancers their addresses: %w", err))
	}
	p.present = union(want, p.present)
	if err := p.Plane.Apply(ctx, lbs); err != nil {
		errs = append(errs, fmt.Errorf("serve load balancers: %w", err))
	}
	if err := p.Network.SetAddresses(want); err != nil {
		errs = append(errs, fmt.Errorf("take addresses of deleted load balancers away: %w", err))
	} else {
		p.present = want
	}
	for i, lb := range lbs {
		if !slices.EqualFunc(known[i], given[i], func(a, b elb.Address) bool { return a.Zone == b.Zone && a.IP == b.IP }) {
			p.Log.Info("load balancer has addresses", "stack", lb.Stack, "type", lb.Type, "addresses", given[i])
			p.Account.SetAddresses(lb.ARN, given[i])
		}
	}
	return errors.Join(errs...)
}

// serving leaves those addresses to load balancers on which they answer now, and returns all of these. given is what
// each load balancer has been given: those that answer and those that do not.
func (p *Provisioner) serving(lbs []elb.LoadBalancer) (given [][]elb.Address, answering []netip.Addr) {
	given = make([][]elb.Address, len(lbs))
	for i, lb := range lbs {
		lbs[i].Addresses = nil
		if p.Account.Provisioning(lb.ARN) {
			continue
		}
		given[i] = lb.Addresses
		for _, a := range lb.Addresses {
			if !p.ZoneGone(a.Zone) {
				lbs[i].Addresses = append(lbs[i].Addresses, a)
				answering = append(answering, netip.MustParseAddr(a.IP)) // it is the pool's
			}
		}
	}
	return given, answering
}

// address gives each load balancer one address per zone, those that it has or new ones. A load balancer for
// which there are not enough gets none.
func (p *Provisioner) address(lbs []elb.LoadBalancer) (errs []error) {
	owner := func(lb elb.LoadBalancer, zone string) string { return lb.ARN + " " + zone }
	owners := map[string]bool{}
	for _, lb := range lbs {
		for _, zone := range lb.Zones {
			owners[owner(lb, zone)] = true
		}
	}
	p.Pool.Keep(func(owner string) bool { return owners[owner] })
	for _, lb := range lbs { // of a run before this one
		for _, known := range lb.Addresses {
			if addr, err := netip.ParseAddr(known.IP); err == nil {
				p.Pool.Take(owner(lb, known.Zone), addr)
			}
		}
	}
	for i, lb := range lbs {
		lbs[i].Addresses = nil
		var addresses []elb.Address
		for _, zone := range lb.Zones {
			addr, err := p.Pool.Address(owner(lb, zone))
			if err != nil {
				errs = append(errs, fmt.Errorf("load balancer %s: %w", lb.Stack, err))
				addresses = nil
				break
			}
			addresses = append(addresses, elb.Address{Zone: zone, IP: addr.String()})
		}
		lbs[i].Addresses = addresses
	}
	return errs
}

// union is a with what only b has.
func union(a, b []netip.Addr) []netip.Addr {
	all := slices.Clone(a)
	for _, addr := range b {
		if !slices.Contains(all, addr) {
			all = append(all, addr)
		}
	}
	return all
}
