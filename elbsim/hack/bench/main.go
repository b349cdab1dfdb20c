// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command bench measures elbsim's load balancers beside HAProxy and nginx in one run, and prints the figures as a
// Markdown table.
//
// Who: whoever changes the data plane, through `make bench-elbsim`. Needs: Linux, the Debian packages haproxy,
// nginx-light, libnginx-mod-stream, wrk, nghttp2-client and iperf3, and a machine with nothing else to do. It
// listens on loopback addresses only, writes to a temporary folder, and ends every process that it started.
//
// All contenders run at the same time and with the same number of threads, and are measured by turns (A B C, A B C,
// …), so that a slow minute of the machine hits all alike. Clients and backends are the same programs for all. The
// figures are medians over the rounds with their lowest and highest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// settings are the flags.
type settings struct {
	rounds      int
	duration    time.Duration // of one measurement
	connections int           // of clients, at once
	rate        int           // requests per second for the latencies
	threads     int           // of each contender
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == serveCommand {
		return serve(ctx, args[1:])
	}
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&s.rounds, "rounds", 7, "how often everything is measured")
	flags.DurationVar(&s.duration, "duration", 4*time.Second, "how long one measurement takes")
	flags.IntVar(&s.connections, "connections", 64, "client connections at once")
	flags.IntVar(&s.rate, "rate", 2000, "requests per second for the latencies")
	flags.IntVar(&s.threads, "threads", 2, "threads of each contender")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.rounds < 1 || s.duration < time.Second || s.connections < 1 || s.rate < s.connections || s.threads < 1 {
		return errors.New("-rounds, -connections and -threads must be above 0, -duration a second or more, -rate not below -connections")
	}
	return measure(ctx, s, os.Stdout, os.Stderr)
}
