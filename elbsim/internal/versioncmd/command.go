// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package versioncmd is the command `elbsim version`: which elbsim this is and which AWS Load
// Balancer Controller it runs. Both come from the build itself.
package versioncmd

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

const controller = "sigs.k8s.io/aws-load-balancer-controller"

// Command is `elbsim version`, which writes to w.
func Command(w io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of elbsim and of the controller in it",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return fmt.Errorf("this binary was built without module information")
			}
			_, err := fmt.Fprintf(w, "elbsim %s, %s\n", info.Main.Version, info.GoVersion)
			for _, m := range info.Deps {
				if m.Path == controller && err == nil {
					_, err = fmt.Fprintf(w, "%s %s\n", m.Path, m.Version)
				}
			}
			return err
		},
	}
}
