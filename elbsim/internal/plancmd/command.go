// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package plancmd is the command `elbsim plan`: it reads flags, has package planner make the plan
// and writes it. It decides nothing else.
package plancmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/istio-aws/istio-aws/elbsim/internal/account"
	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/plandiff"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
	"github.com/istio-aws/istio-aws/elbsim/internal/plantext"
)

const long = `Print the load balancers that the AWS Load Balancer Controller would have AWS build from manifests.

Manifests are read from files, from folders (each .yaml, .yml and .json file in them and in their
folders) and, for -, from standard input. All that cannot be read is named at once.

Nothing is contacted: the controller's own webhooks, model builders and deployer run on an AWS in
memory. Kinds that make no load balancer are passed over. What EKS Auto Mode would make is planned
as if that controller made it, with a warning; what any other controller would make is not planned.

With --diff OLD NEW it prints what would change at AWS between two sets of manifests: the old ones are built, then
the new ones on the same account, so that what is replaced and what is changed in place is the controller's own
decision. + makes, ~ changes in place, -/+ replaces, - deletes, ! stays because what asks for the change is rejected.

` + account.Reference + `

Exit status: 0 planned (with --diff: and nothing changes), 2 with --diff: something changes, 3 something is rejected,
1 no answer.`

const example = `  helm template my charts/istio-aws -f values.yaml | elbsim plan -
  elbsim plan manifests/ extra.yaml -o json
  helm template my charts/istio-aws -f new.yaml | elbsim plan --diff deployed.yaml -`

// ErrRejected says that the plan was made and written, and that something in it is rejected.
var ErrRejected = errors.New("something is rejected")

// ErrChanges says that a difference was found and written.
var ErrChanges = errors.New("something changes")

// Streams are what the command reads and writes. Color is whether Out is a terminal that wants it.
type Streams struct {
	In           io.Reader
	Out          io.Writer
	InIsTerminal bool
	Color        bool
}

// flags of the command.
type flags struct {
	output    string
	namespace string
	diff      bool
	account   string
}

// Command is `elbsim plan`. Its errors ErrRejected and ErrChanges come after everything was written.
func Command(s Streams) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:           "plan [FILE|DIR|-]...",
		Short:         "Print the load balancers that AWS would build from manifests",
		Long:          long,
		Example:       example,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, paths []string) error {
			if f.output != "text" && f.output != "json" {
				return fmt.Errorf("--output %q: must be text or json", f.output)
			}
			if f.diff {
				return diff(cmd.Context(), s, f, paths)
			}
			return plan(cmd.Context(), s, f, paths)
		},
	}
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text or json")
	cmd.Flags().StringVarP(&f.namespace, "namespace", "n", "default", "namespace of objects that name none")
	cmd.Flags().StringVar(&f.account, "account", "", "file that describes the AWS account; by default it has three zones and whatever is asked for")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "print what changes from the first to the second of two files or folders")
	return cmd
}

func plan(ctx context.Context, s Streams, f flags, paths []string) error {
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
	opts, err := f.options()
	if err != nil {
		return err
	}
	p, err := planner.Make(ctx, objects, opts)
	if err != nil {
		return err
	}
	if err := write(s, f, p, func() error { return plantext.Write(s.Out, p, plantext.Options{Color: s.Color}) }); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	if len(p.Rejections) > 0 {
		return ErrRejected
	}
	return nil
}

func diff(ctx context.Context, s Streams, f flags, paths []string) error {
	if len(paths) != 2 {
		return fmt.Errorf("--diff compares two files or folders, got %d: elbsim plan --diff OLD NEW; one of them may be - for standard input", len(paths))
	}
	if paths[0] == "-" && paths[1] == "-" {
		return errors.New("--diff - -: only one of the two can come from standard input")
	}
	var sides [2][]manifest.Object
	for i, path := range paths {
		var err error
		if sides[i], err = manifest.ReadPaths([]string{path}, s.In); err != nil {
			return err
		}
	}
	opts, err := f.options()
	if err != nil {
		return err
	}
	before, after, fresh, err := planner.Change(ctx, sides[0], sides[1], opts)
	if err != nil {
		return err
	}
	d := plandiff.Compare(before, after)
	d.Warnings = append(d.Warnings, plandiff.Ignored(after, fresh)...)
	if err := write(s, f, d, func() error { return plantext.WriteDiff(s.Out, d, plantext.Options{Color: s.Color}) }); err != nil {
		return fmt.Errorf("write the difference: %w", err)
	}
	switch {
	case len(d.Rejections) > 0:
		return ErrRejected
	case d.Any():
		return ErrChanges
	}
	return nil
}

func (f flags) options() (planner.Options, error) {
	out := planner.Options{Namespace: f.namespace}
	if f.account == "" {
		return out, nil
	}
	a, err := account.Load(f.account)
	out.Account = a.Options
	return out, err
}

// write writes v as JSON, or what text writes.
func write(s Streams, f flags, v any, text func() error) error {
	if f.output == "text" {
		return text()
	}
	e := json.NewEncoder(s.Out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
