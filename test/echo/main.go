// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command echo is the app that lab and tests put behind the gateways (see package echo): HTTP and
// WebSocket on :8080, gRPC on :9090. What it says of itself comes from VERSION, POD, NODE and ZONE.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/istio-aws/istio-aws/internal/echo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	httpListener, err := net.Listen("tcp", ":8080")
	if err != nil {
		return err
	}
	grpcListener, err := net.Listen("tcp", ":9090")
	if err != nil {
		return err
	}
	return echo.Serve(ctx, httpListener, grpcListener, echo.Backend{
		Version: os.Getenv("VERSION"),
		Pod:     os.Getenv("POD"),
		Node:    os.Getenv("NODE"),
		Zone:    os.Getenv("ZONE"),
	})
}
