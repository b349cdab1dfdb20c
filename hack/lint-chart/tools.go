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
}

// prepare builds and fetches the linters, each in the version that its manifest pins.
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
	if t.python, err = fetchPython(ctx, log, store); err != nil {
		return nil, err
	}
	if err := t.build(ctx, log); err != nil {
		return nil, err
	}
	versions, err := component.ReadVersions(root)
	if err != nil {
		return nil, err
	}
	goVersion, err := component.GoVersion(ctx, root)
	if err != nil {
		return nil, err
	}
	builder := &component.Builder{Root: root, Versions: versions, Store: store, Log: log, GoVersion: goVersion}
	t.istioctl, err = builder.Build(ctx, component.Istioctl())
	return t, err
}

// build builds the Go tools of hack/tools, and the helm that ct calls.
func (t *tools) build(ctx context.Context, log *progress.Log) error {
	bin := t.bin + string(filepath.Separator)
	return log.Step("build ct, kubeconform and helm", func(step *progress.Step) error {
		for _, args := range [][]string{
			{"-C", "hack/tools", "build", "-v", "-o", bin, "tool"},
			{"build", "-v", "-o", bin, "./hack/schemas", "helm.sh/helm/v3/cmd/helm"},
		} {
			if err := process.Run(ctx, process.Process{Program: "go", Args: args, Line: func(line string) { step.Detail("%s", line) }}); err != nil {
				return err
			}
		}
		const module = "github.com/helm/chart-testing/v3"
		dir, err := exec.CommandContext(ctx, "go", "-C", "hack/tools", "list", "-m", "-f", "{{.Dir}}", module).Output()
		t.chartSchema = filepath.Join(strings.TrimSpace(string(dir)), "etc", "chart_schema.yaml")
		return err
	})
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
				Args:    []string{"-m", "pip", "install", "--no-deps", "--requirement", requirements, "--target", dir},
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
