// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package admin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	headerTimeout   = 10 * time.Second
	shutdownTimeout = 2 * time.Second
)

// Serve serves handler on address (host:port) until ctx ends. It fails when the address cannot be had.
func Serve(ctx context.Context, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("serve the API on %s: %w; give another address by --listen", address, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout,
		BaseContext: func(net.Listener) context.Context { return ctx }} // streams end with it
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve the API on %s: %w", address, err)
	case <-ctx.Done():
	}
	// The context has ended, so the goodbye needs one of its own.
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(bye); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop the API on %s: %w", address, err)
	}
	return nil
}
