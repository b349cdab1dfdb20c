// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package plancmd is the command `elbsim plan`: it reads flags, has package planner make the plan
// and writes it. It decides nothing else.
package plancmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
	"github.com/istio-aws/istio-aws/elbsim/internal/plantext"
)

const long = `Print the load balancers that the AWS Load Balancer Controller would have AWS build from manifests.

Manifests are read from files, from folders (each .yaml, .yml and .json file in them and in their
folders) and, for -, from standard input. All that cannot be read is named at once.

Nothing is contacted: the controller's own webhooks, model builders and deployer run on an AWS in
memory. Kinds that make no load balancer are passed over. What EKS Auto Mode would make is planned
as if that controller made it, with a warning; what any other controller would make is not planned.

Exit status: 0 planned, 3 planned and something rejected, 1 no answer.`

const example = `  helm template my charts/istio-aws -f values.yaml | elbsim plan -
  elbsim plan manifests/ extra.yaml -o json`

// ErrRejected says that the plan was made and written, and that something in it is rejected.
var ErrRejected = errors.New("something is rejected")

// Streams are what the command reads and writes. Color is whether Out is a terminal that wants it.
type Streams struct {
	In           io.Reader
	Out          io.Writer
	InIsTerminal bool
	Color        bool
}

// Command is `elbsim plan`.
func Command(s Streams) *cobra.Command {
	output, namespace := "text", ""
	cmd := &cobra.Command{
		Use:           "plan [FILE|DIR|-]...",
		Short:         "Print the load balancers that AWS would build from manifests",
		Long:          long,
		Example:       example,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, paths []string) error {
			write, err := writer(output, s)
			if err != nil {
				return err
			}
			if len(paths) == 0 {
				if s.InIsTerminal {
					return errors.New("no manifests: name files or folders, or pipe them in, e.g. helm template … | elbsim plan -")
				}
				paths = []string{"-"}
			}
			objects, err := manifest.ReadPaths(paths, s.In)
			if err != nil {
				return err
			}
			plan, err := planner.Make(cmd.Context(), objects, planner.Options{Namespace: namespace})
			if err != nil {
				return err
			}
			if err := write(plan); err != nil {
				return fmt.Errorf("write the plan: %w", err)
			}
			if len(plan.Rejections) > 0 {
				return ErrRejected
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", output, "text or json")
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "default", "namespace of objects that name none")
	return cmd
}

func writer(output string, s Streams) (func(elb.Plan) error, error) {
	switch output {
	case "text":
		return func(p elb.Plan) error { return plantext.Write(s.Out, p, plantext.Options{Color: s.Color}) }, nil
	case "json":
		return func(p elb.Plan) error {
			e := json.NewEncoder(s.Out)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			return e.Encode(p)
		}, nil
	}
	return nil, fmt.Errorf("--output %q: must be text or json", output)
}
