// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command lab brings up a lab with the chart in it, and removes it. It is what `make up` and `make down`
// run. Environment: IMAGE_REGISTRY (mirror to pull images from), ISTIO_AWS_CACHE (place of the cache).
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/istio-aws/istio-aws/internal/lab"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	var options lab.Options
	command := &cobra.Command{
		Use: "lab", Short: "A kind cluster with the chart behind simulated AWS load balancers",
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) (err error) {
			options.Progress = os.Stderr
			options.ImageRegistry = os.Getenv("IMAGE_REGISTRY")
			options.Cache, err = lab.CacheFromEnvironment(os.Getenv)
			return err
		},
	}
	flags := command.PersistentFlags()
	flags.StringVar(&options.Name, "name", "istio-aws-lab", "name of the lab; labs of different names run side by side")
	flags.BoolVarP(&options.Verbose, "verbose", "v", false, "print every detail of every step")
	command.AddCommand(upCommand(&options), &cobra.Command{
		Use: "down", Short: "Remove the lab and everything in it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return lab.Down(cmd.Context(), options) },
	}, &cobra.Command{
		Use: "build", Short: "Build or pull everything the lab runs, without starting it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return lab.Build(cmd.Context(), options) },
	})
	return command
}
