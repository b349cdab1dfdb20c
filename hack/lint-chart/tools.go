// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/command"
	"github.com/istio-aws/istio-aws/internal/component"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/lab"
	"github.com/istio-aws/istio-aws/internal/process"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// tools is where the linters are.
type tools struct {
	bin      string // folder of ct, kubeconform, schemas and helm
	python   string // folder of Python packages, whose programs are in bin/
	istioctl string // folder
	// chartSchema is ct's own schema of Chart.yaml.
	chartSchema string
	// kubernetes is the version of the cluster that istioctl is shown: the lab's.
	kubernetes string
}

// prepare fetches and builds what make does not put into bin/, each in the version that its manifest pins.
func prepare(ctx context.Context, log *progress.Log) (*tools, error) {
	root, err := component.Root(".")
	if err != nil {
		return nil, err
	}
	cache, err := lab.CacheFromEnvironment(os.Getenv)
	if err != nil {
		return nil, err
	}
	store, err := artifact.Open(cache)
	if err != nil {
		return nil, err
	}
	t := &tools{bin: filepath.Join(root, "bin")}
	for _, program := range []string{"ct", "kubeconform", "schemas", "helm"} {
		if _, err := os.Stat(filepath.Join(t.bin, program)); err != nil {
			return nil, fmt.Errorf("%w; run: make tools helm", err)
		}
	}
	if t.chartSchema, err = chartSchema(ctx); err != nil {
		return nil, err
	}
	if t.python, err = fetchPython(ctx, log, store); err != nil {
		return nil, err
	}
	versions, err := component.ReadVersions(root)
	if err != nil {
		return nil, err
	}
	t.kubernetes = versions.Kubernetes
	goVersion, err := component.GoVersion(ctx, root)
	if err != nil {
		return nil, err
	}
	builder := &component.Builder{Root: root, Versions: versions, Store: store, Log: log, GoVersion: goVersion}
	t.istioctl, err = builder.Build(ctx, component.Istioctl())
	return t, err
}

// chartSchema is a file of ct's module.
func chartSchema(ctx context.Context) (string, error) {
	dir, err := command.Run(ctx, command.Command{Program: "go", Args: []string{"-C", "hack/tools", "list", "-m", "-f", "{{.Dir}}", "github.com/helm/chart-testing/v3"}})
	return filepath.Join(strings.TrimSpace(dir), "etc", "chart_schema.yaml"), err
}

// fetchPython returns a folder that holds the packages of requirements.txt. It needs no virtual
// environment: Debian packages those apart from pip.
func fetchPython(ctx context.Context, log *progress.Log, store *artifact.Store) (string, error) {
	h, err := host.Inspect()
	if err != nil {
		return "", err
	}
	pip := host.Tool{Program: "python3", Packages: []string{"python3-pip"}, For: "yamllint and yamale", Works: func() bool {
		return exec.CommandContext(ctx, "python3", "-m", "pip", "--version").Run() == nil
	}}
	if err := h.Ensure(ctx, log, pip); err != nil {
		return "", err
	}
	const requirements = "hack/lint-chart/requirements.txt"
	version, err := exec.CommandContext(ctx, "python3", "--version").Output() // compiled packages fit one version
	if err != nil {
		return "", err
	}
	key, err := artifact.NewKey().Add("python", string(version)).Files(".", requirements).Sum()
	if err != nil {
		return "", err
	}
	waiting := func() { log.Say("another process fetches yamllint and yamale: waiting for it") }
	return store.Get(ctx, "python", key, waiting, func(dir string) error {
		return log.Step("fetch yamllint and yamale", func(step *progress.Step) error {
			return process.Run(ctx, process.Process{
				Program: "python3",
				Args:    []string{"-m", "pip", "install", "--no-deps", "--require-hashes", "--requirement", requirements, "--target", dir},
				Env:     []string{"PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_ROOT_USER_ACTION=ignore"},
				Line:    func(line string) { step.Detail("%s", line) },
			})
		})
	})
}

// run runs one of the linters and returns its standard output. Its error has all that the linter says.
func (t *tools) run(ctx context.Context, program string, args ...string) (output string, err error) {
	path := []string{t.bin, filepath.Join(t.python, "bin"), t.istioctl, os.Getenv("PATH")}
	cmd := exec.CommandContext(ctx, program, args...)
	for _, dir := range path[:3] {
		if _, err := os.Stat(filepath.Join(dir, program)); err == nil {
			cmd = exec.CommandContext(ctx, filepath.Join(dir, program), args...)
		}
	}
	// ct looks for helm, yamllint and yamale.
	cmd.Env = append(os.Environ(), "PYTHONPATH="+t.python, "PATH="+strings.Join(path, string(filepath.ListSeparator)))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w\n%s", err, strings.TrimSpace(stdout.String()+stderr.String()))
	}
	return stdout.String(), nil
}
