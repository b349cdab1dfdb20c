// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package lab

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/component"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/image"
	"github.com/istio-aws/istio-aws/internal/progress"
)

var errStopped = errors.New("stopped because another part failed")

// fromSource makes all images from what is built here.
func (w *workshop) fromSource(ctx context.Context, b *built, h host.Host, builder *component.Builder) error {
	var workload, base, os, envoy string
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Downloads and root filesystems wait for the network and one core, the compiler takes what is left.
	tasks := []func() error{
		func() (err error) { workload, err = builder.Build(ctx, component.Workload()); return },
		func() (err error) {
			if envoy, err = builder.Envoy(ctx); err != nil {
				return
			}
			if base, err = builder.Assemble(ctx, component.Base()); err != nil {
				return
			}
			os, err = builder.Assemble(ctx, component.Node())
			return
		},
	}
	errs := make([]error, len(tasks))
	var group sync.WaitGroup
	for i, task := range tasks {
		group.Go(func() {
			if errs[i] = task(); errs[i] != nil {
				cancel(errStopped)
			}
		})
	}
	group.Wait()
	causes := slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, errStopped) })
	if err := errors.Join(causes...); err != nil {
		return err
	}
	bootstrap, err := moduleFile(ctx, builder.Root, "hack/components", "istio.io/istio", "tools/packaging/common/envoy_bootstrap.json")
	if err != nil {
		return err
	}
	kindBase, err := moduleFile(ctx, builder.Root, ".", "sigs.k8s.io/kind", "images/base")
	if err != nil {
		return err
	}
	b.Cluster, err = w.layout(ctx, "cluster", "make the images of Kubernetes and Istio", []string{workload, base, envoy, bootstrap}, func(*progress.Step) (map[string]v1.Image, error) {
		return image.FromSource(b.versions, image.Source{Workload: workload, Base: base, Envoy: filepath.Join(envoy, "envoy"), Bootstrap: bootstrap})
	})
	if err != nil {
		return err
	}
	b.Nodes, err = w.layout(ctx, "node", "make the node image", []string{workload, os, kindBase, restriction(h)}, func(*progress.Step) (map[string]v1.Image, error) {
		spec, err := command.Run(ctx, command.Command{Program: filepath.Join(workload, "ctr"), Args: []string{"oci", "spec"}})
		if err != nil {
			return nil, err
		}
		img, err := image.NodeFromSource(b.versions, image.NodeSource{OS: os, Workload: workload, KindBase: kindBase, BaseSpec: spec})
		if err != nil {
			return nil, err
		}
		return adapted(b.versions, img, h)
	})
	return err
}

// pull copies all images from where the way leads.
func (w *workshop) pull(ctx context.Context, b *built, h host.Host, chosen way) (err error) {
	refs := image.ClusterNames(b.versions)
	b.Cluster, err = w.layout(ctx, "cluster", "pull the images of Kubernetes and Istio", append([]string{chosen.mirror}, refs...), func(*progress.Step) (map[string]v1.Image, error) {
		return image.Pull(ctx, refs, chosen.mirror)
	})
	if err != nil {
		return err
	}
	node := image.NodeName(b.versions)
	b.Nodes, err = w.layout(ctx, "node", "pull the node image", []string{chosen.mirror, node, restriction(h)}, func(*progress.Step) (map[string]v1.Image, error) {
		images, err := image.Pull(ctx, []string{node}, chosen.mirror)
		if err != nil {
			return nil, err
		}
		return adapted(b.versions, images[node], h)
	})
	return err
}

func adapted(v component.Versions, img v1.Image, h host.Host) (map[string]v1.Image, error) {
	img, err := image.AdaptNode(img, h.MissingSysResource)
	return map[string]v1.Image{image.NodeName(v): img}, err
}

// restriction is the part of a node image's key that depends on the host.
func restriction(h host.Host) string {
	return fmt.Sprintf("missing CAP_SYS_RESOURCE: %t", h.MissingSysResource)
}

// recipe is part of the key of every image: increase it when images are put together in another way.
const recipe = "1"

// layout returns the OCI layout of images, made if it is missing. Inputs are all they are made from.
func (w *workshop) layout(ctx context.Context, name, title string, inputs []string, make func(*progress.Step) (map[string]v1.Image, error)) (string, error) {
	key, err := artifact.NewKey().Add("recipe", recipe).Add("inputs", inputs...).Sum()
	if err != nil {
		return "", err
	}
	waiting := func() { w.log.Say("%s: another process is at it, waiting", title) }
	return w.store.Get(ctx, name, key, waiting, func(dir string) error {
		return w.log.Step(title, func(step *progress.Step) error {
			images, err := make(step)
			if err != nil {
				return err
			}
			return image.WriteLayout(dir, images)
		})
	})
}

// moduleFile is the path of a file or folder of a Go module that module, a folder of the repository, requires.
func moduleFile(ctx context.Context, root, module, name, file string) (string, error) {
	out, err := command.Run(ctx, command.Command{
		Program: "go", Args: []string{"-C", filepath.Join(root, module), "list", "-m", "-f", "{{.Dir}}", name},
		Env: map[string]string{"GOWORK": "off"},
	})
	if err != nil {
		return "", err
	}
	return filepath.Join(strings.TrimSpace(out), file), nil
}
