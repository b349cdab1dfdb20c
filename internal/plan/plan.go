// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package plan asks elbsim what load balancers AWS would build from manifests, and compares load
// balancers: planned with expected, built with planned. It is the fourth arrow of the flow; it
// renders nothing and reads no cluster.
package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// Plan is the answer of `elbsim plan -o json`.
type Plan struct {
	LoadBalancers []loadbalancer.LoadBalancer `json:"loadBalancers"` // by stack
	Rejections    []Rejection                 `json:"rejections"`
	Warnings      []Warning                   `json:"warnings"`
}

// Rejection is an object that would not become (part of) a load balancer, and who says so.
type Rejection struct {
	Object  string `json:"object"` // "Ingress <namespace>/<name>"
	Stage   string `json:"stage"`  // admission | model | AWS
	Message string `json:"message"`
}

// Warning is something that is accepted and then ignored or surprising.
type Warning struct {
	Object  string `json:"object"`
	Message string `json:"message"`
}

// rejected is elbsim's exit status for a plan in which something is rejected: still an answer.
const rejected = 3

// Binary returns the elbsim to run: the one that is named, else bin/elbsim of the repository at root.
func Binary(named, root string) (string, error) {
	path := named
	if path == "" {
		path = filepath.Join(root, "bin", "elbsim")
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("find elbsim: %w; run: make elbsim", err)
	}
	return filepath.Abs(path)
}

// Make has the elbsim at binary plan manifests, a stream of YAML documents.
func Make(ctx context.Context, binary, manifests string) (Plan, error) {
	cmd := exec.CommandContext(ctx, binary, "plan", "-o", "json", "-")
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(manifests), &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == rejected) {
		return Plan{}, fmt.Errorf("%s: %w\n%s", cmd, err, stderr.String())
	}
	return Decode(&stdout)
}

// Decode reads a plan. A field that it does not know is an error.
func Decode(r io.Reader) (Plan, error) {
	var p Plan
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Plan{}, fmt.Errorf("decode plan: %w", err)
	}
	return p, nil
}
