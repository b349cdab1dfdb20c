// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// measure starts everything, measures by turns and prints the tables.
func measure(ctx context.Context, s settings, out, progress io.Writer) (err error) {
	var running []*started
	defer func() {
		for _, p := range running {
			err = errors.Join(err, p.stop())
		}
	}()
	begin := func(c contender, ports ...int) (*started, error) {
		p, err := start(ctx, c, s, progress, ports...)
		if err == nil {
			running = append(running, p)
		}
		return p, err
	}
	served := backends()
	if _, err := begin(served[0], httpPort); err != nil {
		return err
	}
	if _, err := begin(served[1]); err != nil { // takes the first connection for a client
		return err
	}
	var proxies []*started
	for _, c := range contenders() {
		p, err := begin(c, httpPort, flowPort)
		if err != nil {
			return err
		}
		proxies = append(proxies, p)
	}
	r := newResults(s)
	for round := range s.rounds {
		_, _ = fmt.Fprintf(progress, "round %d of %d\n", round+1, s.rounds) // nobody waits for it
		if err := r.round(ctx, proxies); err != nil {
			return err
		}
	}
	return r.write(out)
}

// The rows of the tables.
const (
	kept       = "ALB: requests/s, HTTP/1.1, kept connections"
	cost       = "ALB: processor time for a request (µs)"
	half       = "ALB: added latency, median (µs)"
	most       = "ALB: added latency, 99th percentile (µs)"
	throughput = "NLB: one TCP stream (MB/s; HAProxy: with or without splice, the better)"
	flows      = "NLB: connections/s, one request each"
)

var rows = []string{kept, cost, half, most, throughput, flows}

// round measures every contender once with every load.
func (r *results) round(ctx context.Context, proxies []*started) error {
	for _, p := range proxies {
		before, err := p.processorTime()
		if err != nil {
			return err
		}
		begin := time.Now()
		rate, err := requests(ctx, p.address, httpPort, true, r.settings)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		took := time.Since(begin).Seconds()
		after, err := p.processorTime()
		if err != nil {
			return err
		}
		r.add(kept, p.name, rate)
		r.add(cost, p.name, float64((after-before).Microseconds())/(rate*took))
	}
	direct, err := paced(ctx, backendAddress, r.settings)
	if err != nil {
		return fmt.Errorf("%s: %w", directName, err)
	}
	for _, p := range proxies {
		l, err := paced(ctx, p.address, r.settings)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		r.add(half, p.name, float64((l.half - direct.half).Microseconds()))
		r.add(most, p.name, float64((l.most - direct.most).Microseconds()))
	}
	for _, p := range proxies {
		best := 0.0
		for _, port := range p.bulk {
			rate, err := bulk(ctx, p.address, port, r.settings)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			best = max(best, rate)
		}
		r.add(throughput, p.name, best/1e6)
	}
	for _, p := range proxies {
		rate, err := requests(ctx, p.address, flowPort, false, r.settings)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		r.add(flows, p.name, rate)
	}
	return nil
}
