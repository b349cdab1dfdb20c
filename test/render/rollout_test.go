// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/render"
)

// everyGateway is all five gateways with their defaults.
const everyGateway = `{base: {enabled: false}, egressGateway: {enabled: true},
  loadBalancers: {albPublic: {enabled: true}, albInternal: {enabled: true}, nlbPublic: {enabled: true}, nlbInternal: {enabled: true}}}`

func TestDefaultsOfGatewaysAreFitForProduction(t *testing.T) {
	release := rendered(t, everyGateway)
	ending := map[string]struct {
		sleep, grace int64
		drain        string
	}{
		"istio-ingress-alb-public":   {15, 60, "30s"},
		"istio-ingress-alb-internal": {15, 60, "30s"},
		"istio-ingress-nlb-public":   {180, 225, "30s"},
		"istio-ingress-nlb-internal": {180, 225, "30s"},
		"istio-egress":               {5, 30, "20s"},
	}
	for name, want := range ending {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deployment, err := render.Get[appsv1.Deployment](release, "Deployment", name)
			require.NoError(t, err)
			pod := deployment.Spec.Template

			var config struct {
				TerminationDrainDuration string `json:"terminationDrainDuration"`
			}
			require.NoError(t, yaml.Unmarshal([]byte(pod.Annotations["proxy.istio.io/config"]), &config))
			assert.Equal(t, want.sleep, pod.Spec.Containers[0].Lifecycle.PreStop.Sleep.Seconds, "while the load balancer still sends")
			assert.Equal(t, want.drain, config.TerminationDrainDuration, "while requests in flight end")
			assert.Equal(t, want.grace, *pod.Spec.TerminationGracePeriodSeconds)

			assert.Nil(t, deployment.Spec.Replicas, "the autoscaler's, which a sync would reset")
			assert.Equal(t, "25% 0", deployment.Spec.Strategy.RollingUpdate.MaxSurge.String()+" "+deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.String())
			scaler, err := render.Get[autoscalingv2.HorizontalPodAutoscaler](release, "HorizontalPodAutoscaler", name)
			require.NoError(t, err)
			assert.Equal(t, int32(2), *scaler.Spec.MinReplicas)
			assert.Len(t, scaler.Spec.Metrics, 1, "one metric keeps its order in GitOps tools")
			budget, err := render.Get[policyv1.PodDisruptionBudget](release, "PodDisruptionBudget", name)
			require.NoError(t, err)
			assert.Equal(t, "1", budget.Spec.MaxUnavailable.String())

			resources := pod.Spec.Containers[0].Resources
			assert.False(t, resources.Requests.Cpu().IsZero() || resources.Requests.Memory().IsZero() || resources.Limits.Memory().IsZero(), "%v", resources)
			require.Len(t, pod.Spec.TopologySpreadConstraints, 1)
			assert.Equal(t, "topology.kubernetes.io/zone ScheduleAnyway", pod.Spec.TopologySpreadConstraints[0].TopologyKey+" "+string(pod.Spec.TopologySpreadConstraints[0].WhenUnsatisfiable))
		})
	}
}

// The constraint is written once for all gateways and holds for each alone, also after a rename.
func TestSpreadCountsThePodsOfOneGateway(t *testing.T) {
	release := rendered(t, everyGateway, `albPublicGateway: {name: edge, serviceAccount: {name: edge}, labels: {istio: other}}`)
	deployments := release.Kind("Deployment")
	for _, object := range deployments {
		deployment, err := render.Get[appsv1.Deployment](release, "Deployment", object.GetName())
		require.NoError(t, err)
		for _, constraint := range deployment.Spec.Template.Spec.TopologySpreadConstraints {
			var counted []string
			for _, other := range deployments {
				pods, err := render.Get[appsv1.Deployment](release, "Deployment", other.GetName())
				require.NoError(t, err)
				if counts(t, constraint, deployment.Spec.Template.Labels, pods.Spec.Template.Labels) {
					counted = append(counted, pods.Name)
				}
			}
			assert.Equal(t, []string{deployment.Name}, counted)
		}
	}
}

// counts tells whether a constraint of a pod with labels own counts a pod with labels other, as Kubernetes does: by the selector, and by
// what the keys of matchLabelKeys have as value in the pod itself.
func counts(t *testing.T, constraint corev1.TopologySpreadConstraint, own, other map[string]string) bool {
	t.Helper()
	require.NotNil(t, constraint.LabelSelector)
	selector, err := metav1.LabelSelectorAsSelector(constraint.LabelSelector)
	require.NoError(t, err)
	for _, key := range constraint.MatchLabelKeys {
		assert.NotContains(t, constraint.LabelSelector.MatchLabels, key, "Kubernetes takes a key once")
		if value, found := own[key]; found && other[key] != value {
			return false
		}
	}
	return selector.Matches(labels.Set(other))
}

func TestGatewaysRunAsDaemonSets(t *testing.T) {
	release := rendered(t, albGateway(`kind: DaemonSet, global: {strategy: null}, autoscaling: {enabled: false}`))
	_, err := render.Get[appsv1.DaemonSet](release, "DaemonSet", "istio-ingress-alb-public") // strict: a strategy would be an unknown field
	require.NoError(t, err)
	for _, kind := range []string{"Deployment", "HorizontalPodAutoscaler"} {
		_, found := release.Find(kind, "istio-ingress-alb-public")
		assert.False(t, found, kind)
	}
}

// The API server judges pods as injected; the webhook adds a user, environment, volumes of emptyDir, configMap, projected and downwardAPI.
func TestGatewayPodsSatisfyTheRestrictedPodSecurityStandard(t *testing.T) {
	release := rendered(t, everyGateway)
	for _, object := range release.Kind("Deployment") {
		deployment, err := render.Get[appsv1.Deployment](release, "Deployment", object.GetName())
		require.NoError(t, err)
		if deployment.Name == "istiod" {
			continue
		}
		pod := deployment.Spec.Template
		assert.Empty(t, forbidden(t, &pod.ObjectMeta, &pod.Spec), deployment.Name)
		require.Len(t, pod.Spec.SecurityContext.Sysctls, 1)
		assert.Equal(t, corev1.Sysctl{Name: "net.ipv4.ip_unprivileged_port_start", Value: "0"}, pod.Spec.SecurityContext.Sysctls[0], "a listener on 80 needs no root")

		pod.Spec.SecurityContext.SeccompProfile = nil
		assert.Contains(t, forbidden(t, &pod.ObjectMeta, &pod.Spec), "seccompProfile", "the check itself")
	}
}

// forbidden is what Kubernetes' own check has against a pod in a namespace with the label pod-security.kubernetes.io/enforce: restricted.
func forbidden(t *testing.T, metadata *metav1.ObjectMeta, spec *corev1.PodSpec) string {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	require.NoError(t, err)
	verdict := policy.AggregateCheckResults(evaluator.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}, metadata, spec))
	if verdict.Allowed {
		return ""
	}
	return verdict.ForbiddenDetail()
}
