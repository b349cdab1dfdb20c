// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package release installs, upgrades and removes charts with a helm binary, version 3 or 4, as a user
// would. The lab, the e2e tests and the benchmark use it. It never reads a chart itself: that is
// package render.
package release

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/istio-aws/istio-aws/internal/command"
)

// DefaultTimeout is helm's --timeout where [Release.Timeout] is 0.
const DefaultTimeout = 5 * time.Minute

// Helm is a helm binary and the cluster that it talks to.
type Helm struct{ binary, kubeconfig string }

// New takes the paths of a helm binary and of the kubeconfig whose current context is the cluster;
// [Helm.Template] alone needs no cluster.
func New(binary, kubeconfig string) *Helm { return &Helm{binary: binary, kubeconfig: kubeconfig} }

// Release is a chart, its values and the name it is installed under.
type Release struct {
	Name      string
	Namespace string            // created when absent
	Chart     string            // folder or package
	Values    []string          // files, the later win
	Set       map[string]string // as --set, over the files
	Timeout   time.Duration     // of each command
}

// Install installs r and waits until everything in it is ready.
func (h *Helm) Install(ctx context.Context, r Release) error {
	_, err := h.run(ctx, "install", r, r.withValues(r.Name, r.Chart, "--create-namespace", "--wait", "--timeout", r.timeout()))
	return err
}

// Upgrade upgrades r, which must be installed, and waits until everything in it is ready.
func (h *Helm) Upgrade(ctx context.Context, r Release) error {
	_, err := h.run(ctx, "upgrade", r, r.withValues(r.Name, r.Chart, "--wait", "--timeout", r.timeout()))
	return err
}

// Apply installs r or upgrades it, whatever an earlier, perhaps interrupted, attempt left, and waits
// until everything in it is ready.
func (h *Helm) Apply(ctx context.Context, r Release) error {
	stuck, err := h.stuck(ctx, r)
	if err != nil {
		return err
	}
	if stuck != "" {
		if err := h.Uninstall(ctx, r); err != nil {
			return fmt.Errorf("remove what an interrupted helm left in status %s: %w", stuck, err)
		}
	}
	_, err = h.run(ctx, "upgrade", r, r.withValues(r.Name, r.Chart, "--install", "--create-namespace", "--wait", "--timeout", r.timeout()))
	return err
}

// Uninstall removes r and waits until its objects are gone. A release that is not there is no error.
func (h *Helm) Uninstall(ctx context.Context, r Release) error {
	_, err := h.run(ctx, "uninstall", r, []string{r.Name, "--ignore-not-found", "--wait", "--timeout", r.timeout()})
	return err
}

// Template renders r without a cluster, in the order in which helm would install it. CRDs of the
// chart's crds folder are left out.
func (h *Helm) Template(ctx context.Context, r Release) (manifest string, err error) {
	return h.run(ctx, "template", r, r.withValues(r.Name, r.Chart))
}

// Manifest is what helm installed for r.
func (h *Helm) Manifest(ctx context.Context, r Release) (string, error) {
	return h.run(ctx, "get manifest", r, []string{r.Name})
}

// stuck is the status that a helm which did not live to its end left r in, which helm refuses to touch;
// empty otherwise.
func (h *Helm) stuck(ctx context.Context, r Release) (string, error) {
	out, err := h.run(ctx, "list", r, []string{"--pending", "--uninstalling", "--filter", "^" + r.Name + "$", "-o", "json"})
	if err != nil {
		return "", err
	}
	var releases []struct{ Status string }
	if err := json.Unmarshal([]byte(out), &releases); err != nil {
		return "", fmt.Errorf("decode the answer to helm list: %w", err)
	}
	if len(releases) == 0 {
		return "", nil
	}
	return releases[0].Status, nil
}

func (h *Helm) run(ctx context.Context, verb string, r Release, args []string) (string, error) {
	line := append(strings.Fields(verb), args...)
	line = append(line, "--namespace", r.Namespace)
	if h.kubeconfig != "" {
		line = append(line, "--kubeconfig", h.kubeconfig)
	}
	out, err := command.Run(ctx, command.Command{Program: h.binary, Args: line})
	if err != nil {
		return out, fmt.Errorf("%s release %q: %w", verb, r.Name, err)
	}
	return out, nil
}

// withValues adds the flags for r's values to args.
func (r Release) withValues(args ...string) []string {
	for _, file := range r.Values {
		args = append(args, "--values", file)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Set)) {
		args = append(args, "--set", key+"="+r.Set[key])
	}
	return args
}

func (r Release) timeout() string {
	if r.Timeout == 0 {
		return DefaultTimeout.String()
	}
	return r.Timeout.String()
}
