// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"crypto/x509"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/check"
	"github.com/istio-aws/istio-aws/internal/diagnose"
	"github.com/istio-aws/istio-aws/internal/kube"
	"github.com/istio-aws/istio-aws/internal/lab"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/probe"
	"github.com/istio-aws/istio-aws/internal/release"
	"github.com/istio-aws/istio-aws/internal/wait"
)

const (
	meshNamespace = "istio-system"
	appNamespace  = "shop"
	// installLimit is what helm install --wait may take on a loaded machine; it takes about 20 s.
	installLimit = 5 * time.Minute
)

// environment is the cluster and the programs that tests use on it.
type environment struct {
	*lab.Lab
	root  string // of the repository
	keep  bool
	kube  *kube.Kubectl
	elbs  *loadbalancer.Client
	roots *x509.CertPool // the authority of the load balancers' certificates
}

func newEnvironment(l *lab.Lab, root string, keep bool) (environment, error) {
	elbs := loadbalancer.NewClient(l.ElbsimURL)
	roots, _, err := elbs.Roots(context.Background())
	if err != nil {
		return environment{}, err
	}
	return environment{Lab: l, root: root, keep: keep, kube: kube.New(l.Kubectl, l.Kubeconfig), elbs: elbs, roots: roots}, nil
}

// input is what a test installs: values files, relative to the repository, and the helm that installs them.
type input struct {
	helm   string
	values []string
}

// preset is a file of values/, with routes of test/e2e/values to the echo app.
func preset(name, helm string) input {
	return input{helm: helm, values: []string{"values/" + name + ".yaml", "test/e2e/values/" + name + "-routes.yaml"}}
}

// files are the values files of an input, and what the chart needs in this lab.
func (e environment) files(values []string) []string {
	var files []string
	for _, file := range values {
		files = append(files, filepath.Join(e.root, filepath.FromSlash(file)))
	}
	return append(files, e.Values...)
}

// installed is an input on the cluster, with the echo app in the mesh.
type installed struct {
	release.Release
	helm *release.Helm
}

// install puts an input on an empty cluster and the echo app into the mesh, and removes both when t
// ends. What it installs is ready, except that load balancers may still find that out.
func (e environment) install(t *testing.T, in input) installed {
	t.Helper()
	i := installed{
		helm: release.New(in.helm, e.Kubeconfig),
		Release: release.Release{
			Name:      "istio-aws",
			Namespace: meshNamespace,
			Chart:     filepath.Join(e.root, "charts", "istio-aws"),
			Values:    e.files(in.values),
			Timeout:   installLimit,
		},
	}
	app := filepath.Join(e.root, "test", "echo", "echo.yaml")
	erase := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 2*installLimit)
		defer cancel()
		if err := e.kube.DeleteFile(ctx, app); err != nil {
			return err
		}
		return i.helm.Erase(ctx, e.kube, i.Release)
	}
	evidence := diagnose.Source{
		Kube:       e.kube,
		Namespaces: []string{meshNamespace, appNamespace},
		ElbsimURL:  e.ElbsimURL,
		Manifest:   func(ctx context.Context) (string, error) { return i.helm.Manifest(ctx, i.Release) },
	}
	artifacts := filepath.Join(e.root, "_artifacts")
	t.Cleanup(func() {
		if e.keep && t.Failed() {
			return
		}
		if err := erase(); err != nil {
			t.Errorf("leave the cluster empty: %v", err)
			diagnose.Report(t, filepath.Join(artifacts, "removal"), evidence)
		}
	})
	diagnose.OnFailure(t, artifacts, evidence)

	require.NoError(t, erase(), "remove what an earlier run left")
	// Policies for a namespace need it; its pods wait for the webhook.
	require.NoError(t, e.kube.Apply(t.Context(), "{apiVersion: v1, kind: Namespace, metadata: {name: "+appNamespace+"}}"))
	start := time.Now()
	require.NoError(t, i.helm.Install(t.Context(), i.Release))
	t.Logf("helm install --wait with %s: %s", in.values[0], time.Since(start).Round(100*time.Millisecond))
	require.NoError(t, e.kube.ApplyFile(t.Context(), app))
	require.NoError(t, e.kube.Rollout(t.Context(), appNamespace, 3*time.Minute))
	return i
}

// keepEvidence ends t if something in it has failed, before the next step changes what would explain it.
func keepEvidence(t *testing.T) {
	t.Helper()
	if t.Failed() {
		t.FailNow()
	}
}

// loadBalancers waits until the controller has built want load balancers and every target is healthy.
func (e environment) loadBalancers(t *testing.T, want int) []loadbalancer.LoadBalancer {
	t.Helper()
	return probe.Eventually(t, e.elbs.List, check.All(check.Count(want), check.Serving(), check.Healthy()), wait.Within(3*time.Minute))
}

// client sends to the first address that a load balancer's name leads to: without cross-zone load balancing, those in
// zones without a target do not answer.
func (e environment) client(lb loadbalancer.LoadBalancer) *probe.Client {
	i := slices.IndexFunc(lb.Addresses, func(a loadbalancer.Address) bool { return a.InDNS })
	return probe.NewClient(lb.Addresses[max(i, 0)].IP, e.roots)
}

// eachAddressAnswers: a load balancer has one address per availability zone, and clients use them all.
func eachAddressAnswers(t *testing.T, lb loadbalancer.LoadBalancer, url string) {
	t.Helper()
	require.Len(t, lb.Addresses, len(lb.Zones), "one address per zone")
	for _, address := range lb.Addresses {
		probe.Eventually(t, probe.NewClient(address.IP, suite.roots).Get(url), check.Echo(), wait.Within(10*time.Second))
	}
}

// identity is the SPIFFE ID of a service account of the mesh's namespace.
func identity(account string) string {
	return "spiffe://cluster.local/ns/" + meshNamespace + "/sa/" + account
}
