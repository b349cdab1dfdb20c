// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/istio-aws/istio-aws/internal/docker"
)

// Exists is true if anything of a lab is there.
func Exists(ctx context.Context, lab string) (bool, error) {
	_, network, err := docker.Inspect(ctx, "network", lab, "{{.Id}}")
	if err != nil || network {
		return network, err
	}
	containers, err := containersOf(ctx, lab)
	return len(containers) > 0, err
}

// Delete removes all of a lab: containers, rules and network.
func Delete(ctx context.Context, lab string) error {
	containers, err := containersOf(ctx, lab)
	if err != nil {
		return err
	}
	// The fence needs an image that surely has iptables: that of a node, while there is one. It is known by
	// its ID: another lab may have removed the tag, if its own node image has the same content.
	image, found, err := docker.Inspect(ctx, "container", Nodes(lab)[0].Name, "{{.Image}}")
	if err != nil {
		return err
	}
	if !found {
		if image, err = anyNodeImage(ctx); err != nil {
			return err
		}
	}
	errs := make([]error, len(containers))
	var group sync.WaitGroup
	for i, container := range containers {
		group.Go(func() { errs[i] = docker.Remove(ctx, container) })
	}
	group.Wait()
	if image != "" {
		errs = append(errs, fence(ctx, lab, image, "down"))
	}
	if _, found, err := docker.Inspect(ctx, "network", lab, "{{.Id}}"); err != nil {
		errs = append(errs, err)
	} else if found {
		_, err := docker.Run(ctx, "network", "rm", lab)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// NodeRepository is what node images are called in Docker; their tags are keys.
const NodeRepository = "istio-aws/node"

// anyNodeImage is some node image that Docker has; empty if it has none, and then no rules were set.
func anyNodeImage(ctx context.Context) (string, error) {
	out, err := docker.Run(ctx, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", NodeRepository)
	if images := strings.Fields(out); err == nil && len(images) > 0 {
		return images[0], nil
	}
	return "", err
}

func containersOf(ctx context.Context, lab string) ([]string, error) {
	own, err := docker.Containers(ctx, labLabel+"="+lab)
	if err != nil {
		return nil, err
	}
	nodes, err := docker.Containers(ctx, "io.x-k8s.kind.cluster="+lab)
	return append(own, nodes...), err
}

func nodeNames(lab string) []string {
	var names []string
	for _, node := range Nodes(lab) {
		names = append(names, node.Name)
	}
	return names
}
