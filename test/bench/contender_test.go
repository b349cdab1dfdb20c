// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build bench

package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/istio-aws/istio-aws/internal/release"
)

const namespace = "istio-system"

// contender is a way to put the mesh on an empty cluster: releases that are installed one after
// another, each with --wait.
type contender struct {
	name     string
	releases []release.Release
}

// umbrella is this chart in one release.
func umbrella(root string, values []string) contender {
	return contender{"istio-aws, one release", []release.Release{{
		Name: "istio-aws", Namespace: namespace, Chart: filepath.Join(root, "charts", "istio-aws"),
		Values: append([]string{filepath.Join(root, "test", "bench", "values.yaml")}, values...),
	}}}
}

// official is the same from Istio's own charts, as four releases with the same settings. The gateways'
// Services are node ports, as they are in this chart; there is no Ingress, so a little less to do.
func official(root, scratch string, values []string) (contender, error) {
	values = append([]string{filepath.Join(root, "test", "bench", "values.yaml")}, values...)
	c := contender{name: "base, istiod, 2 gateways, four releases"}
	for _, part := range []struct {
		name, chart, key string
		set              map[string]string
	}{
		{"istio-base", "base", "base", nil},
		{"istiod", "istiod", "istiod", nil},
		{"istio-ingress-a", "gateway", "albPublicGateway", map[string]string{"service.type": "NodePort"}},
		{"istio-ingress-b", "gateway", "albInternalGateway", map[string]string{"service.type": "NodePort"}},
	} {
		charts := filepath.Join(root, "charts", "istio-aws", "charts")
		packages, err := filepath.Glob(filepath.Join(charts, part.chart+"-*.tgz"))
		if err != nil || len(packages) != 1 {
			return contender{}, fmt.Errorf("want one package of chart %s in %s, found %q; run: make deps", part.chart, charts, packages)
		}
		r := release.Release{Name: part.name, Namespace: namespace, Chart: packages[0], Set: part.set}
		for i, file := range values {
			own := filepath.Join(scratch, fmt.Sprintf("%s-%d.yaml", part.name, i))
			if err := extract(file, part.key, own); err != nil {
				return contender{}, err
			}
			r.Values = append(r.Values, own)
		}
		c.releases = append(c.releases, r)
	}
	return c, nil
}

// extract writes what the values file from has under key, which is empty when it has nothing, to the file
// to: a subchart's values as that chart alone takes them.
func extract(from, key, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var values map[string]map[string]any
	if err := yaml.Unmarshal(text, &values); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if text, err = yaml.Marshal(values[key]); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, text, 0o644)
}

// install installs all of c.
func (c contender) install(ctx context.Context, helm *release.Helm) error {
	for _, r := range c.releases {
		if err := helm.Install(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
