// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/check"
	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// TestFailures is values/kind.yaml, a public ALB and an internal NLB, while elbsim ends and while AWS throttles.
func TestFailures(t *testing.T) {
	mesh := suite.install(t, input{helm: suite.Helm3, values: []string{"values/kind.yaml"}})
	before := suite.loadBalancers(t, 2)
	alb := suite.client(find(t, before, loadbalancer.Application, "internet-facing")).Get("https://shop.example.com/")
	nlb := suite.client(find(t, before, loadbalancer.Network, "internal")).Get("https://shop.example.com/")
	serving := func(t *testing.T) {
		for _, send := range []probe.Observe{alb, nlb} {
			probe.Eventually(t, send, check.Echo(), wait.Within(30*time.Second), wait.Converge(10))
		}
	}
	serving(t)

	for _, end := range []struct {
		name    string
		restart func(context.Context) error
	}{
		{"elbsim ends and starts again", func(ctx context.Context) error {
			_, err := docker.Run(ctx, "restart", suite.Elbsim)
			return err
		}},
		{"elbsim is killed and starts again", func(ctx context.Context) error {
			_, err := docker.Run(ctx, "kill", suite.Elbsim)
			if err == nil {
				_, err = docker.Run(ctx, "start", suite.Elbsim)
			}
			return err
		}},
	} {
		keepEvidence(t)
		t.Run(end.name, func(t *testing.T) {
			started := time.Now()
			// Its load balancers end with it, so what is sent meanwhile may be lost.
			under(t, alb, nlb, echoOrNothing, func(ctx context.Context) error {
				if err := end.restart(ctx); err != nil {
					return err
				}
				return wait.For(ctx, suite.elbs.Ready)
			})
			serving(t)
			after := suite.loadBalancers(t, 2)
			assert.Equal(t, identities(before), identities(after), "the same load balancers at the same addresses")
			calls, err := suite.elbs.Calls(t.Context(), started)
			require.NoError(t, err)
			require.NotEmpty(t, calls, "the controller has not looked at AWS")
			for _, call := range calls {
				assert.True(t, strings.HasPrefix(call.Operation, "Describe") || strings.HasPrefix(call.Operation, "Get"),
					"after a restart there is nothing to change, and the controller has called %s", call.Operation)
			}
		})
	}

	keepEvidence(t)
	t.Run("after the restarts an upgrade reaches both load balancers and loses no request", func(t *testing.T) {
		mesh = mesh.with(map[string]string{"loadBalancers.albPublic.idleTimeoutSeconds": "120", "loadBalancers.nlbInternal.crossZone": "true"})
		under(t, alb, nlb, check.Echo(), func(ctx context.Context) error { return mesh.helm.Upgrade(ctx, mesh.Release) })
		plannedIsBuilt(t, mesh)
		assert.Equal(t, identities(before), identities(suite.loadBalancers(t, 2)))
	})

	keepEvidence(t)
	t.Run("AWS throttles: traffic goes on, and the upgrade arrives when that is over", func(t *testing.T) {
		// The AWS SDK doubles its pause up to 20 s, each time a call of the controller is refused.
		const refused, pause = 6, 20 * time.Second
		began := time.Now()
		t.Cleanup(func() { assert.NoError(t, suite.elbs.ClearFaults(context.Background())) })
		require.NoError(t, suite.elbs.AddFault(t.Context(), loadbalancer.Fault{Type: "error", Operation: "*", Code: "Throttling"}))
		mesh = mesh.with(map[string]string{"loadBalancers.albPublic.idleTimeoutSeconds": "180", "loadBalancers.nlbInternal.crossZone": "false"})
		under(t, alb, nlb, check.Echo(), func(ctx context.Context) error {
			if err := mesh.helm.Upgrade(ctx, mesh.Release); err != nil {
				return err
			}
			return wait.For(ctx, func(ctx context.Context) error {
				calls, err := suite.elbs.Calls(ctx, began)
				if err != nil {
					return err
				}
				return throttled(calls, refused)
			})
		})
		built, err := suite.elbs.List(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "120", find(t, built, loadbalancer.Application, "internet-facing").Attributes["idle_timeout.timeout_seconds"], "AWS has refused the change")
		require.NoError(t, suite.elbs.ClearFaults(t.Context()))
		plannedIsBuilt(t, mesh, wait.Within(2*pause))
		assert.Equal(t, identities(before), identities(suite.loadBalancers(t, 2)))
	})
}

// under makes a change while requests go through both load balancers.
func under(t *testing.T, alb, nlb probe.Observe, want check.Check, change func(context.Context) error) {
	t.Helper()
	probe.During(t, alb, want, func(ctx context.Context) (err error) {
		probe.During(t, nlb, want, func(context.Context) error {
			err = change(ctx)
			return err
		})
		return err
	})
}

// echoOrNothing wants the app's answer or none: a load balancer that is half there would answer for itself.
func echoOrNothing(r *probe.Response) error {
	if r.Err != nil {
		return nil
	}
	return check.Echo()(r)
}

// throttled wants so many calls, and AWS to have refused all of them.
func throttled(calls []loadbalancer.Call, want int) error {
	for _, call := range calls {
		if !strings.HasPrefix(call.Error, "Throttling: ") {
			return wait.Permanent(fmt.Errorf("%s: want it throttled, got error %q", call.Operation, call.Error))
		}
	}
	if len(calls) < want {
		return fmt.Errorf("want %d calls that AWS has refused, got %d", want, len(calls))
	}
	return nil
}

// identities are what tells a load balancer from one that has replaced it: ARN, DNS name, addresses by zone.
func identities(lbs []loadbalancer.LoadBalancer) map[string][]string {
	out := map[string][]string{}
	for _, lb := range lbs {
		out[lb.Stack] = []string{lb.ARN, lb.DNSName}
		for _, a := range lb.Addresses {
			out[lb.Stack] = append(out[lb.Stack], a.Zone+" "+a.IP)
		}
	}
	return out
}

// with is the release with further values, for an upgrade.
func (i installed) with(set map[string]string) installed {
	i.Set = maps.Clone(i.Set)
	if i.Set == nil {
		i.Set = map[string]string{}
	}
	maps.Copy(i.Set, set)
	return i
}
