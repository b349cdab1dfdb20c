// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command deps puts Istio's charts and CRDs under charts/istio-aws, where Helm looks for them.
//
// Who: everybody, through `make deps`; and every target that renders the chart. Needs: this
// repository's root as working directory, and either the chart repository named in Chart.yaml or a
// Go module proxy. It writes charts/istio-aws/charts/ and charts/istio-aws/crds/ and nothing else,
// and does nothing when they are up to date.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	flags := flag.NewFlagSet("deps", flag.ExitOnError)
	var opts options
	flags.StringVar(&opts.Chart, "chart", "charts/istio-aws", "folder of the chart")
	flags.StringVar(&opts.Components, "components", "hack/components", "folder of the Go module that pins istio.io/istio")
	flags.DurationVar(&opts.Timeout, "timeout", 10*time.Second, "how long one request to the chart repository may take")
	if err := flags.Parse(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "deps:", err)
		os.Exit(2)
	}
	if err := run(ctx, opts, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "deps:", err)
		os.Exit(1)
	}
}

// options says where things are; all paths are relative to the working directory.
type options struct {
	Chart      string
	Components string
	Timeout    time.Duration // of one request to the chart repository
}

// run brings the chart's dependencies up to date and says on log which way it took.
func run(ctx context.Context, opts options, log io.Writer) error {
	wanted, err := readWanted(opts)
	if err != nil {
		return err
	}
	if upToDate(opts.Chart, wanted) {
		return nil
	}
	start := time.Now()
	way := "chart repository " + wanted.Repository
	archives, err := fromRepository(ctx, opts, wanted)
	if err != nil {
		fmt.Fprintf(log, "- chart repository %s cannot be used (%v); taking the Go module istio.io/istio@%s\n", wanted.Repository, err, wanted.Module)
		way = "Go module istio.io/istio@" + wanted.Module
		var moduleErr error
		if archives, moduleErr = fromModule(ctx, opts, wanted); moduleErr != nil {
			return fmt.Errorf("get Istio %s: %w", wanted.Version, errors.Join(err, moduleErr))
		}
	}
	if err := write(opts.Chart, wanted, archives); err != nil {
		return err
	}
	fmt.Fprintf(log, "✓ Istio %s charts and CRDs from %s (%s)\n", wanted.Version, way, time.Since(start).Round(100*time.Millisecond))
	return nil
}
