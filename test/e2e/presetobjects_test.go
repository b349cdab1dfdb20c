// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-aws/istio-aws/internal/loadbalancer"
	"github.com/istio-aws/istio-aws/internal/plan"
	"github.com/istio-aws/istio-aws/internal/render"
	"github.com/istio-aws/istio-aws/internal/wait"
)

// autoModeKinds is the API group of kinds that only a cluster in Auto Mode has.
const autoModeKinds = "eks.amazonaws.com/"

// presetObjects is what makes the load balancers of a preset, in a namespace of its own, and what comes of it.
type presetObjects struct {
	name, namespace string
	objects         []unstructured.Unstructured // with the namespace
	bindings        []unstructured.Unstructured // of target groups that are made outside the cluster
	planned, built  []loadbalancer.LoadBalancer // built are the planned ones that this controller is to build
}

// presets renders all files of values/ and plans them.
func (e environment) presets(t *testing.T) []presetObjects {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(e.root, "values", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	chart, err := render.Load(filepath.Join(e.root, "charts", "istio-aws"))
	require.NoError(t, err)
	elbsim, err := plan.Binary("", e.root)
	require.NoError(t, err)
	var out []presetObjects
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		p := presetObjects{name: name, namespace: "preset-" + name}
		releases := []render.Options{{ValuesFiles: []string{file}}}
		if name == "canary" {
			releases = append(releases, render.Options{Release: "istio-aws-1-32", ValuesFiles: []string{filepath.Join(e.root, "examples", "canary", "second-release.yaml")}})
		}
		manifests := ""
		for _, options := range releases {
			options.Namespace = p.namespace
			options.Values = []string{fmt.Sprintf("{base: {global: &global {istioNamespace: %s}}, istiod: {global: *global}}", p.namespace)}
			rendered, err := chart.Render(options)
			require.NoError(t, err, name)
			manifests += "\n---\n" + rendered.Manifest
			p.add(rendered.Objects)
		}
		planned, err := plan.Make(t.Context(), elbsim, manifests)
		require.NoError(t, err, name)
		require.Empty(t, planned.Rejections, name)
		if p.planned = planned.LoadBalancers; name != autoMode {
			p.built = p.planned
		}
		out = append(out, p)
	}
	return out
}

// add takes the objects of kinds that make load balancers.
func (p *presetObjects) add(rendered []unstructured.Unstructured) {
	if p.objects == nil {
		p.objects = []unstructured.Unstructured{{Object: map[string]any{
			"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": p.namespace},
		}}}
	}
	for _, o := range rendered {
		switch o.GetKind() {
		case "Service", "Ingress", "IngressClass", "IngressClassParams":
			if !strings.HasPrefix(o.GetAPIVersion(), autoModeKinds) {
				p.objects = append(p.objects, o)
			}
		case "TargetGroupBinding":
			p.bindings = append(p.bindings, o)
		}
	}
}

// isBuilt compares what is built for the preset, among all load balancers, with its plan.
func (p presetObjects) isBuilt(all []loadbalancer.LoadBalancer) error {
	own := slices.DeleteFunc(slices.Clone(all), func(lb loadbalancer.LoadBalancer) bool {
		planned := slices.ContainsFunc(p.built, func(want loadbalancer.LoadBalancer) bool { return want.Stack == lb.Stack })
		return !planned && !strings.HasPrefix(lb.Stack, p.namespace+"/")
	})
	return plan.Built(p.built, own)
}

// claims are what an account or a cluster has once: names of load balancers, node ports.
func (p presetObjects) claims() (out []string) {
	for _, lb := range p.built {
		if lb.Name != "" {
			out = append(out, "load balancer "+lb.Name)
		}
	}
	for _, o := range p.objects {
		ports, _, _ := unstructured.NestedSlice(o.Object, "spec", "ports")
		for _, port := range ports {
			if number, ok := port.(map[string]any)["nodePort"]; ok {
				out = append(out, fmt.Sprintf("node port %v", number))
			}
		}
	}
	return out
}

// waves are presets that can be in one account and cluster at a time, as few groups as they come.
func waves(presets []presetObjects) (out [][]presetObjects) {
	var taken []map[string]bool
	for _, p := range presets {
		claims := p.claims()
		i := slices.IndexFunc(taken, func(t map[string]bool) bool {
			return !slices.ContainsFunc(claims, func(claim string) bool { return t[claim] })
		})
		if i < 0 {
			i, out, taken = len(out), append(out, nil), append(taken, map[string]bool{})
		}
		out[i] = append(out[i], p)
		for _, claim := range claims {
			taken[i][claim] = true
		}
	}
	return out
}

// manifest is objects as kubectl reads them.
func manifest(objects []unstructured.Unstructured) string {
	var out strings.Builder
	for _, o := range objects {
		text, err := o.MarshalJSON()
		if err != nil {
			panic(err) // it was decoded from JSON
		}
		out.WriteString("---\n" + string(text) + "\n")
	}
	return out.String()
}

// all are the objects of presets, by kind: in the order in which kinds are given.
func all(presets []presetObjects, kinds ...string) (out []unstructured.Unstructured) {
	for _, kind := range kinds {
		for _, p := range presets {
			for _, o := range p.objects {
				if o.GetKind() == kind {
					out = append(out, o)
				}
			}
		}
	}
	return out
}

func apply(ctx context.Context, presets []presetObjects) error {
	return suite.kube.Apply(ctx, manifest(all(presets, "Namespace", "IngressClassParams", "IngressClass", "Service", "Ingress")))
}

// remove deletes the objects of presets and waits until the controller has let go of all of them. Who removes a
// load balancer with deletion protection has to switch that off first.
func remove(ctx context.Context, presets []presetObjects) error {
	if err := unprotect(ctx, presets); err != nil {
		return err
	}
	return suite.kube.Delete(ctx, manifest(all(presets, "Ingress", "Service", "IngressClass", "IngressClassParams", "Namespace")), 2*time.Minute)
}

// unprotect switches deletion protection off where it is on, and waits until AWS knows.
func unprotect(ctx context.Context, presets []presetObjects) error {
	const key = "deletion_protection.enabled"
	protected := func(ctx context.Context) error {
		built, err := suite.elbs.List(ctx)
		if err != nil {
			return err
		}
		for _, lb := range built {
			if lb.Attributes[key] == "true" {
				return fmt.Errorf("load balancer %s has deletion protection", lb.Stack)
			}
		}
		return nil
	}
	if protected(ctx) == nil {
		return nil
	}
	objects := strings.ReplaceAll(manifest(all(presets, "Service", "Ingress")), key+"=true", key+"=false")
	if err := suite.kube.Apply(ctx, objects); err != nil {
		return err
	}
	return wait.For(ctx, protected, wait.Within(30*time.Second))
}
