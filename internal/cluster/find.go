// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"fmt"
	"strings"

	"github.com/istio-aws/istio-aws/internal/docker"
)

// describe returns a cluster that is up.
func describe(ctx context.Context, spec Spec) (*Running, error) {
	network, err := ensureNetwork(ctx, spec.Name)
	if err != nil {
		return nil, err
	}
	nodes := Nodes(spec.Name)
	for i := range nodes {
		address, err := docker.Run(ctx, "inspect", "--format", fmt.Sprintf("{{(index .NetworkSettings.Networks %q).IPAddress}}", spec.Name), nodes[i].Name)
		if err != nil {
			return nil, err
		}
		nodes[i].Address = address
	}
	return &Running{Kubeconfig: spec.kubeconfig(), ElbsimURL: elbsimURL(network), Elbsim: elbsimName(spec.Name), Registry: registryAddress(network), Nodes: nodes}, nil
}

// Find returns the lab's cluster if all of it is up and well; otherwise why not.
func Find(ctx context.Context, spec Spec) (running *Running, why error) {
	for _, name := range append(nodeNames(spec.Name), registryName(spec.Name), elbsimName(spec.Name)) {
		state, found, err := docker.Inspect(ctx, "container", name, "{{.State.Running}}")
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, fmt.Errorf("container %s is missing", name)
		}
		if state != "true" {
			return nil, fmt.Errorf("container %s has stopped", name)
		}
	}
	running, err := describe(ctx, spec)
	if err != nil {
		return nil, err
	}
	if err := get(ctx, running.ElbsimURL+"/healthz"); err != nil {
		return nil, fmt.Errorf("elbsim is not ready: %w", err)
	}
	return running, nodesReady(ctx, spec, len(running.Nodes))
}

func nodesReady(ctx context.Context, spec Spec, count int) error {
	out, err := runKubectl(ctx, spec.Kubectl, spec.kubeconfig(), "get", "nodes",
		`--output=jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}`)
	if err != nil {
		return err
	}
	if ready := strings.Count(out, "=True"); ready != count {
		return fmt.Errorf("%d of %d nodes are ready: %s", ready, count, out)
	}
	return nil
}
