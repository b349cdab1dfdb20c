// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package kube reads and writes objects of a cluster the way a user does, with kubectl, and decodes them
// into the types of k8s.io/api. Tests, diagnosis and the lab use it. It never asserts.
package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/istio-aws/istio-aws/internal/command"
)

// Kubectl is a kubectl binary and the cluster that it talks to.
type Kubectl struct{ binary, kubeconfig string }

// New takes the paths of a kubectl binary and of the kubeconfig whose current context is the cluster.
func New(binary, kubeconfig string) *Kubectl { return &Kubectl{binary: binary, kubeconfig: kubeconfig} }

// Run runs kubectl with args and returns its standard output.
func (k *Kubectl) Run(ctx context.Context, args ...string) (string, error) {
	return k.run(ctx, "", args...)
}

// Apply applies the objects of a YAML text.
func (k *Kubectl) Apply(ctx context.Context, manifest string) error {
	_, err := k.run(ctx, manifest, "apply", "-f", "-")
	return err
}

// ApplyFile applies the objects of a YAML file.
func (k *Kubectl) ApplyFile(ctx context.Context, path string) error {
	_, err := k.Run(ctx, "apply", "-f", path)
	return err
}

// Delete deletes the objects of a YAML text, waits until they are gone, at most for timeout, and accepts absent ones.
func (k *Kubectl) Delete(ctx context.Context, manifest string, timeout time.Duration) error {
	_, err := k.run(ctx, manifest, "delete", "-f", "-", "--ignore-not-found", "--wait", "--timeout", timeout.String())
	return err
}

// DeleteFile deletes the objects of a YAML file, waits until they are gone and accepts absent ones.
func (k *Kubectl) DeleteFile(ctx context.Context, path string) error {
	_, err := k.Run(ctx, "delete", "-f", path, "--ignore-not-found", "--wait")
	return err
}

// Rollout waits until every replica of the namespace's Deployments is updated and available, at most
// for timeout in all.
func (k *Kubectl) Rollout(ctx context.Context, namespace string, timeout time.Duration) error {
	deployments, err := k.Run(ctx, "get", "deployments", "-n", namespace, "-o", "name")
	if err != nil {
		return err
	}
	if deployments == "" {
		return fmt.Errorf("no Deployment in namespace %s", namespace)
	}
	deadline := time.Now().Add(timeout)
	for _, name := range strings.Fields(deployments) {
		left := time.Until(deadline).Truncate(time.Second)
		if left < time.Second {
			left = time.Second // kubectl takes 0 for "no limit"
		}
		if _, err := k.Run(ctx, "rollout", "status", name, "-n", namespace, "--timeout", left.String()); err != nil {
			return err
		}
	}
	return nil
}

// List decodes all objects of a kind (plural resource name, with group where needed) that args select,
// for example "-n", "shop" or "-A" or "-l", "app=echo".
func List[T any](ctx context.Context, k *Kubectl, resource string, args ...string) ([]T, error) {
	var list struct {
		Items []T `json:"items"`
	}
	if err := k.decode(ctx, &list, append([]string{"get", resource, "-o", "json"}, args...)); err != nil {
		return nil, fmt.Errorf("list %s: %w", resource, err)
	}
	return list.Items, nil
}

// Get decodes one object.
func Get[T any](ctx context.Context, k *Kubectl, resource, namespace, name string) (T, error) {
	var object T
	if err := k.decode(ctx, &object, []string{"get", resource, name, "-n", namespace, "-o", "json"}); err != nil {
		return object, fmt.Errorf("get %s %s/%s: %w", resource, namespace, name, err)
	}
	return object, nil
}

func (k *Kubectl) decode(ctx context.Context, into any, args []string) error {
	out, err := k.Run(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		return fmt.Errorf("decode the answer to kubectl %v: %w", args, err)
	}
	return nil
}

func (k *Kubectl) run(ctx context.Context, stdin string, args ...string) (string, error) {
	return command.Run(ctx, command.Command{
		Program: k.binary,
		Args:    append([]string{"--kubeconfig", k.kubeconfig}, args...),
		Stdin:   stdin,
	})
}
