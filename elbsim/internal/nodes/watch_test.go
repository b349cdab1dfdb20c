// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nodes

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

// recorder keeps the IDs of each call.
type recorder struct {
	mu    sync.Mutex
	calls [][]string
}

func (r *recorder) record(instances []Instance) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := []string{}
	for _, i := range instances {
		ids = append(ids, i.ID)
	}
	r.calls = append(r.calls, ids)
	return nil
}

func (r *recorder) seen() [][]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([][]string(nil), r.calls...)
}

func TestWatchTellsEachChangeOfInstancesOnce(t *testing.T) {
	first := node(nil)
	client := fake.NewClientset(first)
	var told recorder
	require.NoError(t, Watch(t.Context(), client, threeZones, slog.New(slog.DiscardHandler), told.record))
	require.Equal(t, [][]string{{"i-0123"}}, told.seen(), "told before Watch returns")

	// A heartbeat is no change; the second node after it is, and shows that the heartbeat was seen.
	first.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	_, err := client.CoreV1().Nodes().UpdateStatus(t.Context(), first, metav1.UpdateOptions{})
	require.NoError(t, err)
	second := node(func(n *corev1.Node) { n.Name = "other"; n.Spec.ProviderID = "aws:///eu-west-1a/i-0001" })
	_, err = client.CoreV1().Nodes().Create(t.Context(), second, metav1.CreateOptions{})
	require.NoError(t, err)
	want := [][]string{{"i-0123"}, {"i-0001", "i-0123"}}
	require.Eventually(t, func() bool { return len(told.seen()) == len(want) }, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, want, told.seen())

	require.NoError(t, client.CoreV1().Nodes().Delete(t.Context(), "worker", metav1.DeleteOptions{}))
	want = append(want, []string{"i-0001"})
	require.Eventually(t, func() bool { return len(told.seen()) == len(want) }, 10*time.Second, 5*time.Millisecond)
	assert.Equal(t, want, told.seen())
}

func TestClusterWithoutNodesIsTold(t *testing.T) {
	var told recorder
	require.NoError(t, Watch(t.Context(), fake.NewClientset(), threeZones, slog.New(slog.DiscardHandler), told.record))
	assert.Equal(t, [][]string{{}}, told.seen())
}

func TestNodeThatCannotBeAnInstanceIsWarnedOfOnce(t *testing.T) {
	var out bytes.Buffer
	w := &watcher{log: slog.New(slog.NewTextHandler(&out, nil)), changed: func([]Instance) error { return nil }, warned: map[string]string{}}
	bad := node(func(n *corev1.Node) { n.Spec.PodCIDRs = []string{"10.244"} })
	require.NoError(t, w.look([]*corev1.Node{bad}))
	require.NoError(t, w.look([]*corev1.Node{bad}))
	assert.Equal(t, 1, strings.Count(out.String(), "node is left out"), out.String())
}

func TestWatchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Watch(ctx, fake.NewClientset(), threeZones, slog.New(slog.DiscardHandler), (&recorder{}).record)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWatchFailsWithTheFirstLook(t *testing.T) {
	refused := errors.New("no permission")
	err := Watch(t.Context(), fake.NewClientset(node(nil)), threeZones, slog.New(slog.DiscardHandler), func([]Instance) error { return refused })
	require.ErrorIs(t, err, refused)
}
