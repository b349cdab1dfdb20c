// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package cluster

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"time"

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
	Elbsim     string // its container's name
	Registry   string // host:port
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
	// The simulator needs the API server and neither workers nor pods, so it starts beside them.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	errs := make([]error, 2)
	stop := func(err error) {
		if err != nil {
			cancel(errStopped)
		}
	}
	var group sync.WaitGroup
	group.Go(func() {
		defer func() { stop(errs[0]) }()
		var kubeconfig string
		if kubeconfig, errs[0] = awaitControlPlane(ctx, spec.Name); errs[0] != nil {
			return
		}
		errs[0] = log.Step("start elbsim with the AWS Load Balancer Controller", func(*progress.Step) error {
			return startElbsim(ctx, spec.Name, spec.ElbsimImage, network, kubeconfig, filepath.Join(spec.Dir, "elbsim"))
		})
	})
	group.Go(func() {
		defer func() { stop(errs[1]) }()
		errs[1] = log.Step("create the cluster", func(step *progress.Step) error { return createKind(ctx, spec, step) })
		if errs[1] != nil {
			return
		}
		errs[1] = log.Step("connect pods and wait for the nodes", func(*progress.Step) error {
			nodes := Nodes(spec.Name)
			if err := returnAnswers(ctx, nodes, network); err != nil {
				return err
			}
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
	if err := errors.Join(causes(errs)...); err != nil {
		return nil, err
	}
	return describe(ctx, spec)
}

var errStopped = errors.New("stopped because another step failed")

// causes leaves out the errors of steps that were stopped because another one failed.
func causes(errs []error) []error {
	return slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, errStopped) })
}
