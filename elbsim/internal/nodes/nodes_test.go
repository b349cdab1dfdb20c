// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nodes

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func node(change func(*corev1.Node)) *corev1.Node {
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "worker", Labels: map[string]string{corev1.LabelTopologyZone: "eu-west-1b"}},
		Spec:       corev1.NodeSpec{ProviderID: "aws:///eu-west-1b/i-0123", PodCIDR: "10.244.1.0/24", PodCIDRs: []string{"10.244.1.0/24"}},
		Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{
			{Type: corev1.NodeHostName, Address: "worker"},
			{Type: corev1.NodeInternalIP, Address: "fc00::7"},
			{Type: corev1.NodeInternalIP, Address: "172.18.0.7"},
		}},
	}
	if change != nil {
		change(n)
	}
	return n
}

func TestInstance(t *testing.T) {
	whole := Instance{
		Node: "worker", ID: "i-0123", Zone: "eu-west-1b",
		Address: netip.MustParseAddr("172.18.0.7"), Pods: []netip.Prefix{netip.MustParsePrefix("10.244.1.0/24")},
	}
	for _, c := range []struct {
		name      string
		change    func(*corev1.Node)
		want      func(*Instance)
		notReady  bool
		wantError string
	}{
		{name: "a node is an instance by its provider ID, IPv4 InternalIP, zone label and pod range"},
		{
			name:   "of two stacks the IPv4 pod range counts",
			change: func(n *corev1.Node) { n.Spec.PodCIDRs = []string{"fd00:10::/64", "10.244.1.0/24"} },
		},
		{
			name:   "the older single pod range counts",
			change: func(n *corev1.Node) { n.Spec.PodCIDRs = nil },
		},
		{
			name:     "a node without pod range and not Ready is not shown yet",
			change:   func(n *corev1.Node) { n.Spec.PodCIDR, n.Spec.PodCIDRs = "", nil },
			want:     func(i *Instance) { i.Pods = nil },
			notReady: true,
		},
		{
			name: "a Ready node without pod range is shown",
			change: func(n *corev1.Node) {
				n.Spec.PodCIDR, n.Spec.PodCIDRs = "", nil
				n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
			},
			want: func(i *Instance) { i.Pods = nil },
		},
		{
			name:     "a node without address is not shown yet",
			change:   func(n *corev1.Node) { n.Status.Addresses = nil },
			want:     func(i *Instance) { i.Address = netip.Addr{} },
			notReady: true,
		},
		{
			name:      "a pod range that is none is named",
			change:    func(n *corev1.Node) { n.Spec.PodCIDRs = []string{"10.244"} },
			wantError: `pod range "10.244"`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ready, err := instance(node(c.change))
			if c.wantError != "" {
				require.ErrorContains(t, err, c.wantError)
				assert.False(t, ready)
				return
			}
			require.NoError(t, err)
			want := whole
			if c.want != nil {
				c.want(&want)
			}
			assert.Equal(t, want, got)
			assert.Equal(t, !c.notReady, ready)
		})
	}
}

func TestHostOfAnAddress(t *testing.T) {
	found := []Instance{
		{ID: "i-1", Address: netip.MustParseAddr("172.18.0.3"), Pods: []netip.Prefix{netip.MustParsePrefix("10.244.1.0/24")}},
		{ID: "i-2", Address: netip.MustParseAddr("172.18.0.4"), Pods: []netip.Prefix{netip.MustParsePrefix("10.244.2.0/24")}},
	}
	for address, want := range map[string]string{"172.18.0.3": "i-1", "10.244.1.9": "i-1", "10.244.2.9": "i-2", "172.18.0.1": ""} {
		assert.Equal(t, want, Host(found, netip.MustParseAddr(address)), address)
	}
}
