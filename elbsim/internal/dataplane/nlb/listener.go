// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
)

// Listener serves the TCP connections of one listener on one address. Its settings may change while it works; a
// connection keeps those it began with.
type Listener struct {
	config atomic.Pointer[config]
	log    *slog.Logger
	wg     sync.WaitGroup // connections
	ctx    context.Context
	stop   context.CancelFunc
	// unpreserved: it has been said that clients' addresses cannot be preserved.
	unpreserved sync.Once

	mu     sync.Mutex
	flows  map[*connection]struct{}
	closed bool
}

// New makes a listener, or says what of the spec it cannot serve.
func New(s Spec) (*Listener, error) {
	l := &Listener{log: s.Log, flows: map[*connection]struct{}{}}
	l.ctx, l.stop = context.WithCancel(context.Background())
	return l, l.Update(s)
}

// Update replaces the spec. Connections live on.
func (l *Listener) Update(s Spec) error {
	c, err := compileConnections(s)
	if err != nil {
		return err
	}
	l.config.Store(c)
	return nil
}

// Serve serves a connection and closes it.
func (l *Listener) Serve(c net.Conn) {
	f := newConnection(l, c, l.config.Load())
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		f.reset()
		return
	}
	l.flows[f] = struct{}{}
	l.wg.Add(1)
	l.mu.Unlock()
	defer l.wg.Done()
	defer func() {
		l.mu.Lock()
		delete(l.flows, f)
		l.mu.Unlock()
	}()
	f.serve(l.ctx)
}

// Close resets all connections and returns when nothing runs any more.
func (l *Listener) Close() error {
	l.stop()
	l.mu.Lock()
	l.closed = true
	for f := range l.flows {
		f.reset()
	}
	l.mu.Unlock()
	l.wg.Wait()
	return nil
}
