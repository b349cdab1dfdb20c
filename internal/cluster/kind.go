// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	kind "sigs.k8s.io/kind/pkg/cluster"

	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/progress"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// awaitControlPlane returns a kubeconfig for containers on the lab's network once the API server answers.
func awaitControlPlane(ctx context.Context, lab string) (kubeconfig string, err error) {
	err = wait.For(ctx, func(ctx context.Context) error {
		_, err := docker.Exec(ctx, Nodes(lab)[0].Name, "kubectl --kubeconfig=/etc/kubernetes/admin.conf --request-timeout=2s get --raw=/readyz")
		return err
	}, wait.Within(controlPlaneLimit), wait.Every(time.Second))
	if err != nil {
		return "", fmt.Errorf("wait for the API server: %w", err)
	}
	return kind.NewProvider(kind.ProviderWithDocker()).KubeConfig(lab, true)
}

// controlPlaneLimit is beyond what kubeadm itself waits for, so that its error comes first.
const controlPlaneLimit = 6 * time.Minute

func createKind(ctx context.Context, spec Spec, step *progress.Step) error {
	config, err := kindConfig(spec.Name, Nodes(spec.Name), spec.Host, spec.certs())
	if err != nil {
		return err
	}
	// kind reads the network's name from nowhere else.
	if err := os.Setenv("KIND_EXPERIMENTAL_DOCKER_NETWORK", spec.Name); err != nil {
		return err
	}
	provider := kind.NewProvider(kind.ProviderWithDocker(), kind.ProviderWithLogger(kindLog{detail: step.Detail}))
	done := make(chan error, 1)
	go func() {
		done <- provider.Create(spec.Name, kind.CreateWithV1Alpha4Config(config), kind.CreateWithNodeImage(spec.NodeImage),
			kind.CreateWithKubeconfigPath(spec.kubeconfig()), kind.CreateWithRetain(true))
	}()
	select {
	case err := <-done:
		return explain(ctx, spec, err)
	case <-ctx.Done(): // kind cannot be interrupted; the half-made cluster is removed by the next up or down
		return context.Cause(ctx)
	}
}

// explain adds what the control plane's container says to an error of kind.
func explain(ctx context.Context, spec Spec, err error) error {
	if err == nil {
		return nil
	}
	node := Nodes(spec.Name)[0].Name
	logs, logErr := docker.Exec(ctx, node, "journalctl --no-pager --lines=15 --unit=kubelet --unit=containerd")
	if logErr != nil {
		if logs, logErr = docker.Logs(ctx, node, 15); logErr != nil {
			return errors.Join(err, logErr)
		}
	}
	return fmt.Errorf("%w\nlast lines of %s:\n%s", err, node, logs)
}
