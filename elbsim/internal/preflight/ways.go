// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package preflight

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"
)

const (
	// reachLimit is how long a pod has to answer.
	reachLimit = 3 * time.Second
	// anyPort is a port on which few pods listen: that one refuses is an answer.
	anyPort = 9
	// patience is how often a node's pods are not reached before that is worth saying: routes may be on their way.
	patience = 2
)

// Ways finds out whether this machine reaches pods, one of each node. Its fields are all required.
type Ways struct {
	// Ready are addresses of ready pods by their node, at most one of each.
	Ready func() (map[string]netip.Addr, error)
	// Reach tells why an address is not reached; Connect does.
	Reach func(context.Context, netip.Addr) error
	Log   *slog.Logger
	// Cure is what to do about a node whose pods are not reached.
	Cure  string
	Every time.Duration

	reached map[string]bool // by node
	failed  map[string]int
}

// Watch looks until ctx ends. It tells once of each node whose pods are not reached, and once when they are after all.
func (w *Ways) Watch(ctx context.Context) {
	w.reached, w.failed = map[string]bool{}, map[string]int{}
	ticker := time.NewTicker(w.Every)
	defer ticker.Stop()
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (w *Ways) look(ctx context.Context) {
	ready, err := w.Ready()
	if err != nil {
		w.Log.Warn("ways to the pods are not known", "err", err)
		return
	}
	for _, node := range slices.Sorted(maps.Keys(ready)) {
		if w.reached[node] {
			continue
		}
		err := w.Reach(ctx, ready[node])
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			w.reached[node] = true
			if w.failed[node] >= patience {
				w.Log.Warn("the pods of the node are reached now", "node", node)
			}
		default:
			if w.failed[node]++; w.failed[node] == patience {
				w.Log.Warn("no way from here to the pods of a node: as targets of type ip they are unhealthy", "node", node, "pod", ready[node], "err", err, "cure", w.Cure)
			}
		}
	}
}

// Connect tells why this machine does not reach an address by TCP, or returns nil. Whoever refuses a connection has been
// reached.
func Connect(ctx context.Context, address netip.Addr) error {
	conn, err := (&net.Dialer{Timeout: reachLimit}).DialContext(ctx, "tcp", net.JoinHostPort(address.String(), strconv.Itoa(anyPort)))
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil
	case err != nil:
		return err
	}
	return conn.Close()
}
