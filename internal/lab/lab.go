// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package lab brings up a whole lab and removes it: it puts packages host, component, image, docker and
// cluster together. Commands and tests stand above it. It never installs the chart.
package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/cluster"
	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/filelock"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// Options are what a caller may say about a lab.
type Options struct {
	// Name is that of the cluster and its network. Labs of different names run side by side.
	Name string
	// Root is the repository; empty: the one that the working directory is in.
	Root string
	// Cache is where artifacts and the files of labs are kept.
	Cache string
	// ImageRegistry, host[:port][/path], is a mirror to pull images from; empty: the official registries,
	// or everything built from source where they cannot be reached.
	ImageRegistry string
	// Progress is where steps are reported; nil: nowhere.
	Progress io.Writer
	Verbose  bool
}

// Lab is a lab that is up.
type Lab struct {
	Name       string
	Dir        string // its files on this machine
	Kubeconfig string // file; works on this machine
	ElbsimURL  string
	Elbsim     string // the name of its container
	Registry   string // host:port of its registry; serves as Options.ImageRegistry of another lab
	Kubectl    string // binaries
	Helm3      string
	Helm4      string
	// Values are values files that the chart needs in this lab, beside the user's.
	Values    []string
	Nodes     []cluster.Node
	EchoImage string // repository of the echo app; its tags are v1 and v2
	Reused    bool   // it was up already
}

// CacheFromEnvironment is the cache's place: ISTIO_AWS_CACHE, or istio-aws in the user's cache folder.
func CacheFromEnvironment(getenv func(string) string) (string, error) {
	if dir := getenv("ISTIO_AWS_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, "istio-aws"), nil
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".cache", "istio-aws"), nil
	}
	return "", errors.New("no place for the cache: set ISTIO_AWS_CACHE, XDG_CACHE_HOME or HOME")
}

// workshop is what both Up and Down need.
type workshop struct {
	options Options
	store   *artifact.Store
	log     *progress.Log
}

func open(options Options) (*workshop, error) {
	if err := checkName(options.Name); err != nil {
		return nil, err
	}
	if options.Cache == "" {
		return nil, errors.New("lab.Options.Cache is empty: see CacheFromEnvironment")
	}
	store, err := artifact.Open(options.Cache, artifact.Keep(func() ([]string, error) { return inUse(options.Cache) }))
	if err != nil {
		return nil, err
	}
	if options.Progress == nil {
		options.Progress = io.Discard
	}
	var verbosity []progress.Option
	if options.Verbose {
		verbosity = append(verbosity, progress.Verbose())
	}
	return &workshop{options: options, store: store, log: progress.New(options.Progress, verbosity...)}, nil
}

// checkName keeps to what is a name in Docker, in Kubernetes and of a host, with room for "-control-plane".
func checkName(name string) error {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,38}[a-z0-9]$`).MatchString(name) {
		return fmt.Errorf("lab name %q: use 2 to 40 lower-case letters, digits and hyphens, a letter first and no hyphen last", name)
	}
	return nil
}

// dir is where the lab's own files are.
func (w *workshop) dir() string { return filepath.Join(w.store.Root(), "labs", w.options.Name) }

// daemon is Docker as the lab would start it; runtime is empty where Docker's own will do.
func (w *workshop) daemon(runtime string) docker.Daemon {
	return docker.Daemon{Dir: filepath.Join(w.store.Root(), "docker"), Runtime: runtime}
}

// alone keeps other processes from touching the lab until unlock is called.
func (w *workshop) alone(ctx context.Context) (unlock func(), err error) {
	return filelock.Exclusive(ctx, w.dir()+".lock", func() {
		w.log.Say("another process is at work on lab %s: waiting for it", w.options.Name)
	})
}

// usesDocker is locked together by all who use Docker, so that nobody stops it under them.
func (w *workshop) usesDocker() string { return filepath.Join(w.store.Root(), "docker", "in-use.lock") }

// removeDir forgets the lab's files.
func (w *workshop) removeDir() error { return os.RemoveAll(w.dir()) }
