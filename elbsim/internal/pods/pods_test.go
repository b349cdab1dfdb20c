// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package pods_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/istio-aws/istio-aws/elbsim/internal/pods"
)

func pod(name, ip string, phase corev1.PodPhase, host bool) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name},
		Spec:       corev1.PodSpec{HostNetwork: host},
		Status:     corev1.PodStatus{Phase: phase, PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}}},
	}
}

func TestAddressesLeadToThePodThatHasThemNow(t *testing.T) {
	client := fake.NewClientset(
		pod("web", "10.244.1.5", corev1.PodRunning, false),
		pod("job", "10.244.1.6", corev1.PodSucceeded, false),
		pod("agent", "172.19.0.3", corev1.PodRunning, true),
	)
	names, err := pods.Watch(t.Context(), client)
	require.NoError(t, err)
	got, err := names.ByAddress()
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"10.244.1.5": "shop/web"}, got)

	_, err = client.CoreV1().Pods("shop").Create(t.Context(), pod("api", "10.244.1.6", corev1.PodRunning, false), metav1.CreateOptions{})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		got, err := names.ByAddress()
		return err == nil && got["10.244.1.6"] == "shop/api"
	}, 10*time.Second, 5*time.Millisecond)
}

func TestAReadyPodOfEachNode(t *testing.T) {
	on := func(node string, ready corev1.ConditionStatus, p *corev1.Pod) *corev1.Pod {
		p.Spec.NodeName = node
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}
		return p
	}
	names, err := pods.Watch(t.Context(), fake.NewClientset(
		on("one", corev1.ConditionTrue, pod("web", "10.244.1.5", corev1.PodRunning, false)),
		on("two", corev1.ConditionFalse, pod("starting", "10.244.2.5", corev1.PodRunning, false)),
		on("three", corev1.ConditionTrue, pod("agent", "172.19.0.3", corev1.PodRunning, true)),
		on("four", corev1.ConditionTrue, pod("six", "fd00::5", corev1.PodRunning, false)),
	))
	require.NoError(t, err)
	got, err := names.ReadyByNode()
	require.NoError(t, err)
	assert.Equal(t, map[string]netip.Addr{"one": netip.MustParseAddr("10.244.1.5")}, got)
}
