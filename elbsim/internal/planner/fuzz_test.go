// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
	"github.com/istio-aws/istio-aws/elbsim/internal/planner"
)

// FuzzMake: no manifest makes the planner panic, whatever the controller does with it.
func FuzzMake(f *testing.F) {
	contract, err := os.ReadFile("../../contract/manifests.yaml")
	require.NoError(f, err)
	f.Add(string(contract))
	f.Add(web("group.name", "shared", "listen-ports", `[{"HTTP": 80}, {"HTTPS": 443}]`, "certificate-arn", certificate))
	f.Add(nlb("aws-load-balancer-ssl-cert", certificate, "actions.TCP-80", `{"type":"forward"}`))
	f.Fuzz(func(t *testing.T, text string) {
		objects, err := manifest.Read("fuzz.yaml", strings.NewReader(text))
		if err != nil {
			return // no answer is an answer
		}
		p, err := planner.Make(t.Context(), objects, planner.Options{})
		if err == nil && (p.LoadBalancers == nil || p.Rejections == nil || p.Warnings == nil) {
			t.Error("a list is null")
		}
	})
}
