// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/istio-aws/istio-aws/internal/check"
	"github.com/istio-aws/istio-aws/internal/diagnose"
	"github.com/istio-aws/istio-aws/internal/kube"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/wait"
)

const (
	// autoMode is the preset whose load balancers are made by EKS Auto Mode's own controller. It is planned as if
	// it were the AWS Load Balancer Controller's, which runs here and must leave it alone.
	autoMode = "eks-auto-mode"
	// terraform is the preset whose target group is made outside the cluster.
	terraform = "external-load-balancer"
)

// TestPresets builds what every preset wishes for and compares it with the plan. Only the objects that make load
// balancers are applied: no Istio and no pod, so that no target is healthy.
func TestPresets(t *testing.T) {
	before, err := suite.account(t.Context(), t.TempDir())
	require.NoError(t, err)
	for _, wave := range waves(suite.presets(t)) {
		t.Cleanup(func() { assert.NoError(t, remove(context.Background(), wave)) })
		diagnose.OnFailure(t, filepath.Join(suite.root, "_artifacts"), evidence(wave))
		require.NoError(t, apply(t.Context(), wave))
		total := 0
		for _, p := range wave {
			t.Run(p.name+": what was planned is what is built", func(t *testing.T) {
				probe.Eventually(t, suite.elbs.List, p.isBuilt, wait.Within(time.Minute))
			})
			total += len(p.built)
		}
		t.Run(fmt.Sprintf("the %d presets have %d load balancers and no others", len(wave), total), func(t *testing.T) {
			probe.Eventually(t, suite.elbs.List, check.All(check.Count(total), check.Serving()), wait.Within(10*time.Second))
		})
		for _, p := range wave {
			switch p.name {
			case autoMode:
				t.Run(p.name+": the AWS Load Balancer Controller leaves it to Auto Mode", func(t *testing.T) {
					require.NotEmpty(t, p.planned)
					leftAlone(t, p.namespace)
				})
			case terraform:
				t.Run(p.name+": a target group that AWS does not have is refused", func(t *testing.T) {
					err := suite.kube.Apply(t.Context(), manifest(p.bindings))
					require.ErrorContains(t, err, "TargetGroupNotFound")
				})
			}
		}
		keepEvidence(t)
		require.NoError(t, remove(t.Context(), wave))
		t.Run(fmt.Sprintf("nothing of the %d presets is left in the cluster and at AWS", len(wave)), func(t *testing.T) {
			nothingLeft(t)
			probe.Eventually(t, func(ctx context.Context) (map[string]any, error) { return suite.account(ctx, t.TempDir()) }, func(after map[string]any) error {
				if d := cmp.Diff(before, after); d != "" {
					return fmt.Errorf("the account is not what it was before (-), it has (+):\n%s", d)
				}
				return nil
			}, wait.Within(10*time.Second))
		})
		keepEvidence(t)
	}
}

// leftAlone: no controller has put a finalizer on the namespace's Ingresses and Services, nor an address into them.
func leftAlone(t *testing.T, namespace string) {
	ingresses, err := kube.List[networkingv1.Ingress](t.Context(), suite.kube, "ingresses", "-n", namespace)
	require.NoError(t, err)
	require.NotEmpty(t, ingresses)
	for _, o := range ingresses {
		assert.Empty(t, o.Finalizers, "Ingress %s", o.Name)
		assert.Empty(t, o.Status.LoadBalancer.Ingress, "Ingress %s", o.Name)
	}
	services, err := kube.List[corev1.Service](t.Context(), suite.kube, "services", "-n", namespace)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(services, func(o corev1.Service) bool { return o.Spec.Type == corev1.ServiceTypeLoadBalancer }))
	for _, o := range services {
		assert.Empty(t, o.Finalizers, "Service %s", o.Name)
		assert.Empty(t, o.Status.LoadBalancer.Ingress, "Service %s", o.Name)
	}
}

// evidence is what explains a failure of presets.
func evidence(presets []presetObjects) diagnose.Source {
	source := diagnose.Source{Kube: suite.kube, ElbsimURL: suite.ElbsimURL}
	text := ""
	for _, p := range presets {
		source.Namespaces = append(source.Namespaces, p.namespace)
		text += manifest(p.objects)
	}
	source.Manifest = func(context.Context) (string, error) { return text, nil }
	return source
}
