// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Command schemas writes JSON schemas of all kinds that a release of the chart can hold: Kubernetes' own,
// Istio's and the AWS Load Balancer Controller's. They are strict: a field that a kind does not have is
// refused. kubeconform and editors read them:
//
//	go run ./hack/schemas DIR
//	kubeconform -schema-location 'DIR/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json' manifests.yaml
//
// Who: hack/lint-chart, and people. Needs: the root of a checkout as working directory, `make deps`, and
// the Go module of Kubernetes, from the module cache or a proxy. What CRDs express as CEL rules is not in
// JSON schemas; the API server checks those.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Where the kinds are described.
const (
	kubernetesModule = "k8s.io/kubernetes"             // in hack/components/go.mod: what the lab runs
	openAPIFile      = "api/openapi-spec/swagger.json" // in that module
	istioCRDs        = "charts/istio-aws/crds/*.yaml"
	controllerCRDs   = "elbsim/internal/install/crds.yaml"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schemas DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	module, err := moduleDir(kubernetesModule)
	if err != nil {
		return err
	}
	openAPI, err := os.ReadFile(filepath.Join(module, filepath.FromSlash(openAPIFile)))
	if err != nil {
		return err
	}
	core, err := parseOpenAPI(openAPI)
	if err != nil {
		return fmt.Errorf("read %s of %s: %w", openAPIFile, kubernetesModule, err)
	}
	kinds := core.kinds()
	files, err := filepath.Glob(istioCRDs)
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("no file matches %s; run: make deps", istioCRDs))
	}
	for _, file := range append(files, controllerCRDs) {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		crds, err := parseCRDs(content)
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		if file == controllerCRDs {
			again, err := parseCRDs(content)
			if err != nil {
				return err
			}
			crds = append(crds, autoMode(again)...)
		}
		for _, crd := range crds {
			maps.Copy(kinds, crd.kinds(core))
		}
	}
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), compareKinds) {
		if err := write(filepath.Join(dir, kind.file()), kinds[kind]); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "%d kinds\n", len(kinds))
	return nil
}

func write(path string, s schema) error {
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// moduleDir is the folder of a module that hack/components pins, in the module cache.
func moduleDir(module string) (string, error) {
	cmd := exec.Command("go", "-C", "hack/components", "mod", "download", "-json", module)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var answer struct{ Dir, Error string }
	if json.Unmarshal(out, &answer) == nil && answer.Error != "" {
		return "", fmt.Errorf("download %s: %s", module, answer.Error)
	}
	if err != nil {
		return "", fmt.Errorf("(cd hack/components && go mod download -json %s): %w: %s", module, err, stderr.Bytes())
	}
	return answer.Dir, nil
}
