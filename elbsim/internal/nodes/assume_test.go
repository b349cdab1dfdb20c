// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nodes

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var threeZones = []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}

func TestNodesOfAPlainKindClusterAreInstancesInDifferentZones(t *testing.T) {
	ids, zones := map[string]string{}, map[string]string{}
	for _, name := range []string{"kind-control-plane", "kind-worker", "kind-worker2", "kind-worker3"} {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/os": "linux"}}, Spec: corev1.NodeSpec{ProviderID: "kind://docker/kind/" + name}}
		Assume(n, threeZones)
		assert.Regexp(t, `^aws:///eu-west-1[abc]/i-[0-9a-f]{17}$`, n.Spec.ProviderID)
		assert.Equal(t, "linux", n.Labels["kubernetes.io/os"])
		ids[n.Spec.ProviderID], zones[name] = name, n.Labels[corev1.LabelTopologyZone]

		again := n.DeepCopy()
		Assume(again, threeZones)
		assert.Equal(t, n, again, "stable")
	}
	assert.Len(t, ids, 4)
	assert.Equal(t, map[string]string{
		"kind-control-plane": "eu-west-1a", "kind-worker": "eu-west-1b", "kind-worker2": "eu-west-1c", "kind-worker3": "eu-west-1a",
	}, zones)
}

func TestWhatANodeHasItKeeps(t *testing.T) {
	whole := node(nil)
	want := whole.DeepCopy()
	Assume(whole, threeZones)
	assert.Equal(t, want, whole)

	inProvider := node(func(n *corev1.Node) { n.Labels = nil; n.Spec.ProviderID = "aws:///eu-west-1c/i-0123" })
	Assume(inProvider, threeZones)
	assert.Equal(t, "eu-west-1c", inProvider.Labels[corev1.LabelTopologyZone])

	named := node(func(n *corev1.Node) { n.Labels = nil; n.Spec.ProviderID = "kind://docker/i-lab/i-lab-worker" })
	Assume(named, threeZones)
	assert.Equal(t, "kind://docker/i-lab/i-lab-worker", named.Spec.ProviderID)
	assert.Equal(t, "eu-west-1b", named.Labels[corev1.LabelTopologyZone])
}

func TestTransformLeavesWhatIsNoNode(t *testing.T) {
	pod := &corev1.Pod{}
	got, err := Transform(threeZones)(pod)
	require.NoError(t, err)
	assert.Same(t, pod, got)
}
