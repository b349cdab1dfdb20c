// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	kind "sigs.k8s.io/kind/pkg/cluster"

	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/progress"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// labLabel is on every container and network of a lab but kind's own.
const labLabel = "istio-aws.lab"

func registryName(lab string) string { return lab + "-registry" }
func elbsimName(lab string) string   { return lab + "-elbsim" }

// Spec is what a cluster is made of.
type Spec struct {
	Name string // of the lab, which is that of the cluster and the network
	Dir  string // of the lab's files on this machine
	Host host.Host
	// Images as Docker has them.
	NodeImage, RegistryImage, ElbsimImage string
	Layouts                               []string // OCI layouts that the registry serves
	Kubectl                               string
}

// Running is a cluster that is up.
type Running struct {
	Kubeconfig string // file; its server is an address of this machine
	ElbsimURL  string
	Nodes      []Node
}

func (s Spec) kubeconfig() string { return filepath.Join(s.Dir, "kubeconfig") }
func (s Spec) certs() string      { return filepath.Join(s.Dir, "certs.d") }

// Create makes a cluster out of nothing. What it made stays when it fails: it explains the failure, and
// Delete removes it.
func Create(ctx context.Context, log *progress.Log, spec Spec) (*Running, error) {
	var network Network
	err := log.Step("make the network "+spec.Name+", which nothing leaves", func(*progress.Step) (err error) {
		if network, err = ensureNetwork(ctx, spec.Name); err != nil {
			return err
		}
		return fence(ctx, spec.Name, spec.NodeImage, "up")
	})
	if err != nil {
		return nil, err
	}
	err = log.Step("start the registry", func(*progress.Step) error {
		return startRegistry(ctx, spec.Name, spec.RegistryImage, network, spec.Layouts, spec.certs())
	})
	if err != nil {
		return nil, err
	}
	if err := log.Step("create the cluster", func(step *progress.Step) error { return createKind(ctx, spec, step) }); err != nil {
		return nil, err
	}
	// The simulator needs the API server, not the pods.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	errs := make([]error, 2)
	stop := func(err error) {
		if err != nil {
			cancel(errors.New("stopped because another step failed"))
		}
	}
	var group sync.WaitGroup
	group.Go(func() {
		defer func() { stop(errs[0]) }()
		errs[0] = log.Step("start elbsim with the AWS Load Balancer Controller", func(*progress.Step) error {
			kubeconfig, err := kind.NewProvider(kind.ProviderWithDocker()).KubeConfig(spec.Name, true)
			if err != nil {
				return err
			}
			return startElbsim(ctx, spec.Name, spec.ElbsimImage, network, kubeconfig, filepath.Join(spec.Dir, "elbsim"))
		})
	})
	group.Go(func() {
		defer func() { stop(errs[1]) }()
		errs[1] = log.Step("connect pods and wait for the nodes", func(*progress.Step) error {
			nodes := Nodes(spec.Name)
			if err := connectPods(ctx, spec.Kubectl, spec.kubeconfig(), len(nodes)); err != nil {
				return err
			}
			if err := checkFence(ctx, nodes[0].Name); err != nil {
				return err
			}
			return wait.For(ctx, func(ctx context.Context) error { return nodesReady(ctx, spec, len(nodes)) }, wait.Within(2*time.Minute))
		})
	})
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return describe(ctx, spec)
}

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
	return &Running{Kubeconfig: spec.kubeconfig(), ElbsimURL: elbsimURL(network), Nodes: nodes}, nil
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
	// The fence needs an image that surely has iptables: that of a node, while there is one.
	image, found, err := docker.Inspect(ctx, "container", Nodes(lab)[0].Name, "{{.Config.Image}}")
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
