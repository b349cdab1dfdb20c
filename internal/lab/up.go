// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package lab

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/istio-aws/istio-aws/internal/cluster"
	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/filelock"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/image"
)

//go:embed stock-envoy.yaml
var stockEnvoyValues []byte

// memory is what a lab's containers use at most while the chart is installed and traffic runs.
const memory = 6 * host.GiB

// Up brings the lab up: everything built or pulled, Docker running, a cluster with the load balancer
// simulator, and no chart. A lab that is up and made of the same things is used as it is; any other is
// made anew. It may be called again after an interruption.
func Up(ctx context.Context, options Options) (*Lab, error) {
	w, err := open(options)
	if err != nil {
		return nil, err
	}
	h, err := host.Inspect()
	if err != nil {
		return nil, err
	}
	if err := docker.Install(ctx, w.log, h); err != nil {
		return nil, err
	}
	b, err := w.build(ctx, h)
	if err != nil {
		return nil, err
	}
	unlock, err := w.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	release, err := filelock.Shared(ctx, w.usesDocker(), func() { w.log.Say("Docker is being stopped: waiting for it") })
	if err != nil {
		return nil, err
	}
	defer release()
	if err := w.daemon(runtime(h, b.Tools)).Ensure(ctx, w.log); err != nil {
		return nil, err
	}
	spec := cluster.Spec{
		Name: options.Name, Dir: w.dir(), Host: h, Layouts: b.layouts(), Kubectl: filepath.Join(b.Tools, "kubectl"),
		NodeImage:     cluster.NodeRepository + ":" + filepath.Base(b.Nodes),
		RegistryImage: "istio-aws/registry:" + filepath.Base(b.Own),
		ElbsimImage:   "istio-aws/elbsim:" + filepath.Base(b.Elbsim),
	}
	running, err := w.reuse(ctx, spec, b)
	if err != nil {
		return nil, err
	}
	reused := running != nil
	if !reused {
		if running, err = w.create(ctx, spec, b, h); err != nil {
			return nil, err
		}
	}
	values, err := w.values(b)
	if err != nil {
		return nil, err
	}
	return &Lab{
		Name: options.Name, Dir: w.dir(), Kubeconfig: running.Kubeconfig, ElbsimURL: running.ElbsimURL, Elbsim: running.Elbsim, Nodes: running.Nodes,
		Registry: running.Registry, Kubectl: spec.Kubectl, Helm3: filepath.Join(b.Tools, "helm"), Helm4: filepath.Join(b.Tools, "helm4"),
		Values: values, EchoImage: image.EchoRepository, Reused: reused,
	}, nil
}

// runtime is the OCI runtime that Docker needs on this host; empty where its own will do.
func runtime(h host.Host, tools string) string {
	if !h.MissingSysResource {
		return ""
	}
	return filepath.Join(tools, "runc-reduced")
}

// reuse returns the lab's cluster if it is up, well and made of b; nil if there is none (any more).
func (w *workshop) reuse(ctx context.Context, spec cluster.Spec, b *built) (*cluster.Running, error) {
	exists, err := cluster.Exists(ctx, spec.Name)
	if err != nil || !exists {
		return nil, err
	}
	why := w.sameAs(b)
	if why == nil {
		var running *cluster.Running
		if running, why = cluster.Find(ctx, spec); why == nil {
			w.log.Say("lab %s is up and used as it is", spec.Name)
			return running, nil
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w.log.Say("lab %s is made anew: %v", spec.Name, why)
	return nil, w.delete(ctx)
}

func (w *workshop) create(ctx context.Context, spec cluster.Spec, b *built, h host.Host) (*cluster.Running, error) {
	if err := h.Check(host.Need{Memory: memory}, 0); err != nil {
		return nil, err
	}
	if err := host.RaiseInotify(w.log, h); err != nil {
		return nil, err
	}
	load := func(tag string, img func() (v1.Image, error)) error {
		if err := docker.Load(ctx, tag, img); err != nil {
			return fmt.Errorf("load image %s into Docker: %w", tag, err)
		}
		return nil
	}
	err := errors.Join(
		load(spec.RegistryImage, func() (v1.Image, error) { return image.Static(filepath.Join(b.Own, "registry")) }),
		load(spec.ElbsimImage, func() (v1.Image, error) { return image.Static(filepath.Join(b.Elbsim, "elbsim")) }),
		load(spec.NodeImage, func() (v1.Image, error) { return image.ReadLayout(b.Nodes, image.NodeName(b.versions)) }),
	)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(w.dir(), 0o755); err != nil {
		return nil, err
	}
	running, err := cluster.Create(ctx, w.log, spec)
	if err != nil {
		return nil, fmt.Errorf("%w\nthe containers stay, to be looked at; `make down LAB=%s` removes them, the same command starts again", err, spec.Name)
	}
	// What earlier labs ran is not needed again; what other labs run stays.
	for _, image := range []string{spec.RegistryImage, spec.ElbsimImage, spec.NodeImage} {
		if err := docker.Prune(ctx, image); err != nil {
			return nil, err
		}
	}
	return running, os.WriteFile(w.madeOf(), []byte(strings.Join(append(b.paths(), b.Tools), "\n")), 0o644)
}

// madeOf is the file that is written last: a lab without it is half made. It lists the artifacts that the
// lab runs, and the tools that `make up` has told the user of.
func (w *workshop) madeOf() string { return filepath.Join(w.dir(), "made-of") }

// inUse are the artifacts that the labs of a cache are made of.
func inUse(cache string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(cache, "labs", "*", "made-of"))
	var used []string
	for _, file := range files {
		text, readErr := os.ReadFile(file)
		if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) { // a lab that is being removed
			err = errors.Join(err, readErr)
		}
		used = append(used, strings.Split(string(text), "\n")...)
	}
	return used, err
}

// sameAs is nil if the lab was made of b, and otherwise says what is different.
func (w *workshop) sameAs(b *built) error {
	recorded, err := os.ReadFile(w.madeOf())
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("it was not finished")
	}
	if err != nil {
		return err
	}
	before := strings.Split(string(recorded), "\n")
	for i, path := range b.paths() {
		if i >= len(before) || before[i] != path {
			return fmt.Errorf("its %s has changed", filepath.Base(filepath.Dir(path)))
		}
	}
	return nil
}

// values are the values files that the chart needs because of the lab's images.
func (w *workshop) values(b *built) ([]string, error) {
	proxy, err := image.ReadLayout(b.Cluster, image.Proxy(b.versions))
	if err != nil {
		return nil, err
	}
	stock, err := image.Label(proxy, image.StockEnvoy)
	if err != nil || stock == "" {
		return nil, err
	}
	file := filepath.Join(w.dir(), "stock-envoy.yaml")
	return []string{file}, os.WriteFile(file, stockEnvoyValues, 0o644)
}
