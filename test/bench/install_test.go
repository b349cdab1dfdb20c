// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build bench

// Package bench measures the figures of the README, side by side with a peer in one run. It is run by
// hand and asserts only that every install ends well.
package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-aws/istio-aws/internal/diagnose"
	"github.com/istio-aws/istio-aws/internal/kube"
	"github.com/istio-aws/istio-aws/internal/lab"
	"github.com/istio-aws/istio-aws/internal/release"
)

var (
	runs     = flag.Int("runs", 10, "installs of this chart with each Helm")
	peerRuns = flag.Int("peer-runs", 4, "of these runs, how many also install the official releases")
	// labOptions is set by TestMain, before the test runs.
	labOptions lab.Options
)

// TestMain reads flags and environment.
func TestMain(m *testing.M) {
	flag.Parse()
	root, rootErr := filepath.Abs("../..")
	cache, err := lab.CacheFromEnvironment(os.Getenv)
	if err := errors.Join(rootErr, err); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	labOptions = lab.Options{Name: "istio-aws-bench", Root: root, Cache: cache, ImageRegistry: os.Getenv("IMAGE_REGISTRY"), Progress: os.Stderr}
	os.Exit(m.Run())
}

// TestInstall installs each contender with each Helm on an empty cluster, in turns so that a slow minute
// of the machine hits all alike, and prints the times. One install that does not end well fails it.
func TestInstall(t *testing.T) {
	root := labOptions.Root
	cluster, err := lab.Up(t.Context(), labOptions)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lab.Down(context.Background(), labOptions)) })
	kubectl := kube.New(cluster.Kubectl, cluster.Kubeconfig)

	ours := umbrella(root, cluster.Values)
	peer, err := official(root, t.TempDir(), cluster.Values)
	require.NoError(t, err)
	helms := []struct{ name, path string }{{"Helm 3", cluster.Helm3}, {"Helm 4", cluster.Helm4}}

	type cell struct{ helm, contender string }
	times := map[cell][]time.Duration{}
	measure := func(helm, path string, c contender) time.Duration {
		h := release.New(path, cluster.Kubeconfig)
		require.NoError(t, erase(t.Context(), h, kubectl, ours, peer))
		start := time.Now()
		if err := c.install(t.Context(), h); err != nil {
			findings, collectErr := diagnose.Collect(t.Context(), filepath.Join(root, "_artifacts", t.Name()),
				diagnose.Source{Kube: kubectl, Namespaces: []string{namespace}, ElbsimURL: cluster.ElbsimURL})
			require.NoError(t, err, "%s with %s\n%s\n%v", c.name, helm, strings.Join(findings, "\n"), collectErr)
		}
		took := time.Since(start)
		pods, err := kube.List[corev1.Pod](t.Context(), kubectl, "pods", "-n", namespace)
		require.NoError(t, err)
		for _, pod := range pods {
			require.Empty(t, diagnose.NotReady(pod), "%s with %s: Pod %s", c.name, helm, pod.Name)
		}
		return took
	}

	measure(helms[0].name, helms[0].path, ours) // pulls the images; not counted
	for run := range *runs {
		for _, helm := range helms {
			for _, c := range []contender{ours, peer} {
				if c.name == peer.name && run >= *peerRuns {
					continue
				}
				took := measure(helm.name, helm.path, c)
				times[cell{helm.name, c.name}] = append(times[cell{helm.name, c.name}], took)
				t.Logf("run %d: %s, %s: %.1f s", run+1, helm.name, c.name, took.Seconds())
			}
		}
	}

	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nHELM\tWHAT\tINSTALLS\tMIN s\tMEDIAN s\tMAX s")
	for _, helm := range helms {
		for _, c := range []contender{ours, peer} {
			took := times[cell{helm.name, c.name}]
			slices.Sort(took)
			fmt.Fprintf(table, "%s\t%s\t%d\t%.1f\t%.1f\t%.1f\n", helm.name, c.name, len(took),
				took[0].Seconds(), median(took).Seconds(), took[len(took)-1].Seconds())
		}
	}
	require.NoError(t, table.Flush())
}

// erase removes every release of both contenders and leaves the cluster empty.
func erase(ctx context.Context, h *release.Helm, kubectl *kube.Kubectl, ours, peer contender) error {
	for _, r := range slices.Backward(peer.releases) {
		if err := h.Uninstall(ctx, r); err != nil {
			return err
		}
	}
	return h.Erase(ctx, kubectl, ours.releases[0])
}

// median of sorted times.
func median(sorted []time.Duration) time.Duration {
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
