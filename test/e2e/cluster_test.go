// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"path"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/istio-aws/istio-aws/internal/diagnose"
	"github.com/istio-aws/istio-aws/internal/kube"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// albPublicAccount is the service account of the gateway behind the public ALB of values/alb-public.yaml.
const albPublicAccount = "istio-ingress-alb-public"

// noPodWithImageAuto: a gateway pod that was created before the injection webhook keeps image "auto".
func noPodWithImageAuto(t *testing.T) {
	pods, err := kube.List[corev1.Pod](t.Context(), suite.kube, "pods", "-n", meshNamespace)
	require.NoError(t, err)
	require.NotEmpty(t, pods)
	for _, pod := range pods {
		assert.Empty(t, diagnose.NotReady(pod), "Pod %s", pod.Name)
	}
}

// gatewaysSelectPods: a Gateway whose selector matches no pod is accepted by Istio and serves nothing.
func gatewaysSelectPods(t *testing.T) {
	pods, err := kube.List[corev1.Pod](t.Context(), suite.kube, "pods", "-n", meshNamespace)
	require.NoError(t, err)
	gateways, err := kube.List[diagnose.Gateway](t.Context(), suite.kube, "gateways.networking.istio.io", "-A")
	require.NoError(t, err)
	require.NotEmpty(t, gateways)
	assert.Empty(t, diagnose.Findings(diagnose.State{Pods: pods, Gateways: gateways}))
}

// find is the one load balancer of a type and scheme.
func find(t *testing.T, built []loadbalancer.LoadBalancer, kind loadbalancer.Type, scheme string) loadbalancer.LoadBalancer {
	t.Helper()
	for _, lb := range built {
		if lb.Type == kind && lb.Scheme == scheme {
			return lb
		}
	}
	require.FailNow(t, "no such load balancer", "type %s, scheme %s in %+v", kind, scheme, built)
	return loadbalancer.LoadBalancer{}
}

// targetsAreNodes: every target group of an ALB has exactly the instances as targets whose nodes take
// traffic of load balancers, at a node port, and checks their health at statusNodePort.
func targetsAreNodes(t *testing.T, lb loadbalancer.LoadBalancer, statusNodePort string) {
	t.Helper()
	nodes, err := kube.List[corev1.Node](t.Context(), suite.kube, "nodes", "-l", "!"+corev1.LabelNodeExcludeBalancers)
	require.NoError(t, err)
	var instances []string
	for _, node := range nodes {
		instances = append(instances, path.Base(node.Spec.ProviderID))
	}
	require.NotEmpty(t, instances)
	require.NotEmpty(t, lb.TargetGroups)
	for _, group := range lb.TargetGroups {
		assert.Equal(t, "instance", group.TargetType, group.Name)
		assert.Equal(t, statusNodePort, group.HealthCheck.Port, group.Name)
		assert.Equal(t, "/healthz/ready", group.HealthCheck.Path, group.Name)
		var ids []string
		for _, target := range group.Targets {
			ids = append(ids, target.ID)
			assert.GreaterOrEqual(t, target.Port, int32(30000), "%s: target %s", group.Name, target.ID)
		}
		assert.ElementsMatch(t, instances, ids, group.Name)
	}
}

// targetsArePods: every target group of an NLB has exactly the ready pods of its gateway as targets.
func targetsArePods(t *testing.T, lb loadbalancer.LoadBalancer) {
	t.Helper()
	services, err := kube.List[corev1.Service](t.Context(), suite.kube, "services", "-n", meshNamespace)
	require.NoError(t, err)
	var addresses []string
	for _, service := range services {
		if service.Namespace+"/"+service.Name != lb.Stack {
			continue
		}
		selector := metav1.FormatLabelSelector(&metav1.LabelSelector{MatchLabels: service.Spec.Selector})
		pods, err := kube.List[corev1.Pod](t.Context(), suite.kube, "pods", "-n", service.Namespace, "-l", selector)
		require.NoError(t, err)
		for _, pod := range pods {
			addresses = append(addresses, pod.Status.PodIP)
		}
	}
	require.NotEmpty(t, addresses, "pods of Service %s", lb.Stack)
	require.NotEmpty(t, lb.TargetGroups)
	for _, group := range lb.TargetGroups {
		assert.Equal(t, "ip", group.TargetType, group.Name)
		var ids []string
		for _, target := range group.Targets {
			ids = append(ids, target.ID)
		}
		assert.ElementsMatch(t, addresses, ids, group.Name)
	}
}

// leftovers is what must be gone once a release is uninstalled.
type leftovers struct {
	loadBalancers []loadbalancer.LoadBalancer
	ingresses     []networkingv1.Ingress
	services      []corev1.Service
	bindings      []metav1.PartialObjectMetadata
}

// nothingLeft waits a short while: elbsim's data plane and the API server follow the controller.
func nothingLeft(t *testing.T) {
	t.Helper()
	probe.Eventually(t, lookForLeftovers, func(l leftovers) error {
		for _, lb := range l.loadBalancers {
			return fmt.Errorf("load balancer %s is still there", lb.Stack)
		}
		for _, o := range l.ingresses {
			return fmt.Errorf("Ingress %s is still there, with finalizers %v", o.Name, o.Finalizers)
		}
		for _, o := range l.bindings {
			return fmt.Errorf("TargetGroupBinding %s is still there, with finalizers %v", o.Name, o.Finalizers)
		}
		for _, o := range l.services {
			return fmt.Errorf("Service %s is still there, with finalizers %v", o.Name, o.Finalizers)
		}
		return nil
	}, wait.Within(30*time.Second))
}

func lookForLeftovers(ctx context.Context) (l leftovers, err error) {
	if l.loadBalancers, err = suite.elbs.List(ctx); err != nil {
		return l, err
	}
	if l.ingresses, err = kube.List[networkingv1.Ingress](ctx, suite.kube, "ingresses", "-A"); err != nil {
		return l, err
	}
	if l.services, err = kube.List[corev1.Service](ctx, suite.kube, "services", "-n", meshNamespace); err != nil {
		return l, err
	}
	l.bindings, err = kube.List[metav1.PartialObjectMetadata](ctx, suite.kube, "targetgroupbindings.elbv2.k8s.aws", "-A")
	return l, err
}
