// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

// Package e2e shows on a kind cluster what the README promises: each preset is installed, asserted
// through its load balancers' addresses and removed. The cluster is its own, beside any lab.
package e2e

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/istio-aws/istio-aws/internal/lab"
)

// labName is the cluster's, its network's and its containers' name.
const labName = "istio-aws-test"

// suite is what all tests share. TestMain sets it once, before any of them runs.
var suite environment

// TestMain brings the cluster up, runs the tests one after another and takes it down, unless KEEP=1.
// With KEEP=1 a failed test also leaves its release; the next run starts by removing it.
func TestMain(m *testing.M) {
	code, err := run(m, os.Getenv("KEEP") == "1")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M, keep bool) (code int, err error) {
	// An interrupt while the cluster comes up ends that in order; later ones end the tests at once and
	// leave the cluster for the next run.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root, err := filepath.Abs("../..")
	if err != nil {
		return 1, err
	}
	cache, err := lab.CacheFromEnvironment(os.Getenv)
	if err != nil {
		return 1, err
	}
	options := lab.Options{Name: labName, Root: root, Cache: cache, ImageRegistry: os.Getenv("IMAGE_REGISTRY"), Progress: os.Stderr}
	cluster, err := lab.Up(ctx, options)
	if err != nil {
		return 1, err
	}
	stop()
	suite, err = newEnvironment(cluster, root, keep)
	if err == nil {
		code = m.Run()
	}
	if keep {
		fmt.Fprintf(os.Stderr, "kept: export KUBECONFIG=%s; `make down LAB=%s` removes it\n", cluster.Kubeconfig, labName)
		return code, err
	}
	if downErr := lab.Down(context.Background(), options); downErr != nil && err == nil {
		return 1, downErr
	}
	return code, err
}
