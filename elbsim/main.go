// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Elbsim simulates AWS load balancers for Kubernetes: `plan` shows what the AWS Load Balancer
// Controller would build from manifests, `run` builds it and forwards traffic.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/istio-aws/istio-aws/elbsim/internal/plancmd"
	"github.com/istio-aws/istio-aws/elbsim/internal/rolecmd"
	"github.com/istio-aws/istio-aws/elbsim/internal/runcmd"
	"github.com/istio-aws/istio-aws/elbsim/internal/versioncmd"
)

// Exit statuses.
const (
	noAnswer = 1
	changes  = 2
	rejected = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx))
}

// garbage is how much memory, in percent of what is in use, may be garbage before it is collected. A
// plan is over before much has gathered, so it is worth more than Go's 100; GOGC overrides it.
const garbage = 400

func run(ctx context.Context) int {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	root := &cobra.Command{
		Use:           "elbsim",
		Short:         "The AWS Load Balancer Controller on a simulated AWS",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		plancmd.Command(plancmd.Streams{
			In: os.Stdin, Out: os.Stdout, InIsTerminal: term.IsTerminal(int(os.Stdin.Fd())),
			Color: term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "",
		}),
		runcmd.Command(),
		rolecmd.Command(os.Stdout),
		versioncmd.Command(os.Stdout),
	)
	switch err := root.ExecuteContext(ctx); {
	case errors.Is(err, plancmd.ErrRejected):
		return rejected
	case errors.Is(err, plancmd.ErrChanges):
		return changes
	case err != nil:
		fmt.Fprintln(os.Stderr, "elbsim:", err)
		return noAnswer
	}
	return 0
}
