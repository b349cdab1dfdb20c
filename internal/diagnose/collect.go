// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package diagnose gathers evidence when a test has failed: what cluster, gateways and load balancers
// looked like at that moment, in one folder, and a few sentences on what is wrong. It reads only, and it
// never decides whether a test passes.
package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/istio-aws/istio-aws/internal/kube"
	"github.com/istio-aws/istio-aws/internal/loadbalancer"
)

// limit bounds the gathering; a test's own context has ended by then.
const limit = 90 * time.Second

// Source is where evidence comes from.
type Source struct {
	Kube       *kube.Kubectl
	Namespaces []string // whose pods' logs and Envoy configurations are kept
	ElbsimURL  string   // without path
	// Manifest is what was installed.
	Manifest func(context.Context) (string, error)
}

// T is the part of *testing.T that [OnFailure] needs.
type T interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Name() string
	Logf(format string, args ...any)
}

// OnFailure arranges that [Report] is called when t ends, if it has failed. Cleanups that are registered
// before it run after it.
func OnFailure(t T, dir string, source Source) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			Report(t, dir, source)
		}
	})
}

// Report fills dir/<name of t> with evidence and logs what was found and, last, that folder's path.
func Report(t T, dir string, source Source) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	folder := filepath.Join(dir, strings.NewReplacer("/", "_", " ", "_").Replace(t.Name()))
	findings, err := Collect(ctx, folder, source)
	if err != nil {
		t.Logf("some evidence could not be had:\n%v", err)
	}
	for _, finding := range findings {
		t.Logf("found: %s", finding)
	}
	t.Logf("evidence: %s", folder)
}

// Collect fills folder, whose earlier content it removes, with evidence and returns what [Findings] makes of it. What cannot be had is in
// the error; the rest is there all the same.
func Collect(ctx context.Context, folder string, source Source) (findings []string, err error) {
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o755)); err != nil {
		return nil, err
	}
	keep := keeper{folder: folder}
	state := gather(ctx, source, &keep)
	findings = Findings(state)
	keep.file("findings.txt", strings.Join(findings, "\n"), nil)

	kubectl := func(name string, args ...string) {
		text, err := source.Kube.Run(ctx, args...)
		keep.file(name, text, err)
	}
	kubectl("events.txt", "get", "events", "-A", "--sort-by=.metadata.creationTimestamp")
	kubectl("pods.txt", "get", "pods", "-A", "-o", "wide")
	kubectl("nodes.txt", "describe", "nodes")
	kubectl("networking.yaml", "get", "ingresses,services,endpointslices", "-A", "-o", "yaml")
	kubectl("targetgroupbindings.yaml", "get", "targetgroupbindings.elbv2.k8s.aws", "-A", "-o", "yaml")
	kubectl("istio.yaml", "get", "gateways.networking.istio.io,virtualservices.networking.istio.io,destinationrules.networking.istio.io,peerauthentications.security.istio.io", "-A", "-o", "yaml")
	for _, namespace := range source.Namespaces {
		kubectl("describe-pods-"+namespace+".txt", "describe", "pods", "-n", namespace)
	}
	for _, pod := range state.Pods {
		for _, namespace := range source.Namespaces {
			if pod.Namespace == namespace {
				collectPod(ctx, source, pod, &keep)
			}
		}
	}
	if source.Manifest != nil {
		text, err := source.Manifest(ctx)
		keep.file("manifest.yaml", text, err)
	}
	return findings, errors.Join(keep.errs...)
}

// collectPod keeps a pod's logs and, where it has an Envoy that can answer, that Envoy's configuration.
func collectPod(ctx context.Context, source Source, pod corev1.Pod, keep *keeper) {
	name := pod.Namespace + "-" + pod.Name
	if pod.Status.Phase != corev1.PodPending {
		text, err := source.Kube.Run(ctx, "logs", "-n", pod.Namespace, pod.Name, "--all-containers", "--prefix", "--timestamps", "--tail=2000")
		keep.file("log-"+name+".txt", text, err)
	}
	for _, status := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
		if status.Name != "istio-proxy" || status.State.Running == nil {
			continue
		}
		text, err := source.Kube.Run(ctx, "exec", "-n", pod.Namespace, pod.Name, "-c", status.Name, "--", "pilot-agent", "request", "GET", "config_dump")
		keep.file("envoy-"+name+".json", text, err)
	}
}

// gather reads the state for the findings and keeps the raw answers of elbsim.
func gather(ctx context.Context, source Source, keep *keeper) State {
	var s State
	var err error
	note := func(err error) {
		if err != nil {
			keep.errs = append(keep.errs, err)
		}
	}
	s.Pods, err = kube.List[corev1.Pod](ctx, source.Kube, "pods", "-A")
	note(err)
	s.Services, err = kube.List[corev1.Service](ctx, source.Kube, "services", "-A")
	note(err)
	s.Ingresses, err = kube.List[networkingv1.Ingress](ctx, source.Kube, "ingresses", "-A")
	note(err)
	s.Gateways, err = kube.List[Gateway](ctx, source.Kube, "gateways.networking.istio.io", "-A")
	note(err)

	text, err := get(ctx, source.ElbsimURL+"/healthz")
	keep.file("elbsim-healthz.txt", text, err)
	s.Controller = err
	text, err = get(ctx, source.ElbsimURL+"/v1/calls")
	keep.file("elbsim-calls.json", text, err)
	text, err = get(ctx, source.ElbsimURL+"/v1/loadbalancers")
	keep.file("elbsim-loadbalancers.json", text, err)
	if err == nil {
		s.LoadBalancers, err = loadbalancer.Decode(strings.NewReader(text))
		note(err)
	}
	return s
}

func get(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	// Not through a proxy of this machine: the lab's network is known to nobody else.
	direct := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := direct.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", url, answer.Status, strings.TrimSpace(string(body)))
	}
	return string(body), err
}

// keeper writes evidence to a folder and remembers what could not be had.
type keeper struct {
	folder string
	errs   []error
}

func (k *keeper) file(name, text string, err error) {
	if err != nil {
		k.errs = append(k.errs, fmt.Errorf("%s: %w", name, err))
		text += fmt.Sprintf("\n[incomplete: %v]\n", err)
	}
	if err := os.WriteFile(filepath.Join(k.folder, name), []byte(text), 0o644); err != nil {
		k.errs = append(k.errs, err)
	}
}
