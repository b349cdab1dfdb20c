// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package rolecmd is the command `elbsim role`: a manifest that gives a user of the cluster the permissions that
// `elbsim run` needs.
package rolecmd

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/istio-aws/istio-aws/elbsim/internal/preflight"
)

// Command is `elbsim role`, which writes to w.
func Command(w io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "role USER",
		Short: "Print the ClusterRole that `run` needs, bound to a user of the cluster",
		Long: `Print the ClusterRole that "elbsim run" needs in the cluster, and a binding of it to a user:
  elbsim role jane | kubectl apply -f -
A service account is the user system:serviceaccount:NAMESPACE:NAME. "kubectl auth whoami" tells one's own name.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			manifest, err := preflight.Role(args[0])
			if err != nil {
				return err
			}
			_, err = w.Write(manifest)
			return err
		},
	}
}
