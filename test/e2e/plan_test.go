// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/plan"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// plannedIsBuilt plans what helm renders from an installed preset's values, without the cluster, and
// compares it with what the controller has built in it, after 10 s if options do not say otherwise.
func plannedIsBuilt(t *testing.T, mesh installed, options ...wait.Option) {
	elbsim, err := plan.Binary("", suite.root)
	require.NoError(t, err)
	manifest, err := mesh.helm.Template(t.Context(), mesh.Release)
	require.NoError(t, err)
	planned, err := plan.Make(t.Context(), elbsim, manifest)
	require.NoError(t, err)
	require.Empty(t, planned.Rejections)
	require.NotEmpty(t, planned.LoadBalancers)
	probe.Eventually(t, suite.elbs.List, func(built []loadbalancer.LoadBalancer) error {
		return plan.Built(planned.LoadBalancers, built)
	}, append([]wait.Option{wait.Within(10 * time.Second)}, options...)...)
}
