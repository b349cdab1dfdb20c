// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package release

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/istio-aws/istio-aws/internal/kube"
)

// Erase removes r and what helm leaves behind by design: the CRDs of the chart's crds folder and the
// namespace. The cluster is then as empty as before the first install. Pods that still drain are ended
// at once. Nothing there is no error.
func (h *Helm) Erase(ctx context.Context, cluster *kube.Kubectl, r Release) error {
	if err := h.Uninstall(ctx, r); err != nil {
		return err
	}
	if _, err := cluster.Run(ctx, "delete", "pods", "--all", "-n", r.Namespace, "--grace-period=0", "--force", "--wait=false"); err != nil {
		return fmt.Errorf("end the pods of namespace %s: %w", r.Namespace, err)
	}
	// The namespace first: while the CRDs are still there, its deletion finds the custom resources.
	if _, err := cluster.Run(ctx, "delete", "namespace", r.Namespace, "--ignore-not-found", "--wait", "--timeout", r.timeout()); err != nil {
		return fmt.Errorf("delete namespace %s: %w", r.Namespace, err)
	}
	if err := cluster.DeleteFile(ctx, filepath.Join(r.Chart, "crds")); err != nil {
		return fmt.Errorf("delete the chart's CRDs: %w", err)
	}
	return nil
}
