// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Gen writes crds.yaml: the CRDs whose objects elbsim's controllers read, out of the AWS Load Balancer
// Controller's module at the version of go.mod. It runs as `go generate ./internal/install` in elbsim/.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	module = "sigs.k8s.io/aws-load-balancer-controller"
	source = "helm/aws-load-balancer-controller/crds/crds.yaml"
)

// The CRDs that are wanted, by name. The module has more, of controllers that elbsim does not run.
var wanted = []string{"ingressclassparams.elbv2.k8s.aws", "targetgroupbindings.elbv2.k8s.aws"}

func main() {
	crds, err := generate()
	if err == nil {
		err = os.WriteFile("crds.yaml", crds, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate CRDs:", err)
		os.Exit(1)
	}
}

// generate is the content of crds.yaml for the module's version in go.mod.
func generate() ([]byte, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", module).Output()
	if err != nil {
		return nil, fmt.Errorf("find module %s: %w", module, err)
	}
	version, dir, ok := strings.Cut(strings.TrimSpace(string(out)), " ")
	if !ok {
		return nil, fmt.Errorf("find module %s: not downloaded; run: go mod download %s", module, module)
	}
	all, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(source)))
	if err != nil {
		return nil, err
	}
	return extract(all, version)
}

// extract is the wanted documents of all, with a header that tells where they come from.
func extract(all []byte, version string) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# SPDX-License-Identifier: Apache-2.0\n# Generated from %s %s,\n# %s, by elbsim/internal/install/gen; do not edit.\n# Copyright the Kubernetes authors.\n", module, version, source)
	for _, name := range wanted {
		found := false
		for _, doc := range bytes.Split(all, []byte("\n---\n")) {
			if bytes.Contains(append(slices.Clone(doc), '\n'), []byte("\n  name: "+name+"\n")) {
				found = true
				fmt.Fprintf(&out, "---\n%s\n", bytes.TrimSpace(bytes.TrimPrefix(doc, []byte("---\n"))))
			}
		}
		if !found {
			return nil, fmt.Errorf("%s has no CRD %q", source, name)
		}
	}
	return out.Bytes(), nil
}
