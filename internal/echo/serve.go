// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package echo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// drainTime is how long requests in flight may take once the server stops; below the pod's grace period.
const drainTime = 20 * time.Second

// Serve answers HTTP (1.1 and cleartext 2) and gRPC (with the health service) on the two listeners
// until ctx ends, then lets requests in flight finish and ends WebSockets.
func Serve(ctx context.Context, httpListener, grpcListener net.Listener, backend Backend) error {
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	httpServer := &http.Server{
		Handler:           Handler(backend),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return serving },
		Protocols:         new(http.Protocols),
	}
	httpServer.Protocols.SetHTTP1(true)
	httpServer.Protocols.SetUnencryptedHTTP2(true)

	grpcServer := grpc.NewServer()
	RegisterGRPC(grpcServer, backend)
	healthServer := health.NewServer()
	grpc_health_v1.RegisterHealthServer(grpcServer, healthServer)

	ended := make(chan error, 2)
	go func() { ended <- fmt.Errorf("serve HTTP: %w", httpServer.Serve(httpListener)) }()
	go func() { ended <- fmt.Errorf("serve gRPC: %w", grpcServer.Serve(grpcListener)) }()
	select {
	case err := <-ended:
		grpcServer.Stop()
		return errors.Join(err, httpServer.Close())
	case <-ctx.Done():
	}

	healthServer.Shutdown()
	drain, cancel := context.WithTimeout(serving, drainTime)
	defer cancel()
	stopGRPC := context.AfterFunc(drain, grpcServer.Stop)
	defer stopGRPC()
	err := httpServer.Shutdown(drain)
	stopServing() // WebSockets are not requests in flight: Shutdown does not wait for them
	grpcServer.GracefulStop()
	if err != nil {
		return fmt.Errorf("drain for %s: %w", drainTime, err)
	}
	return nil
}
