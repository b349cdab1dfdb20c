// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package argocd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

const (
	root    = "../.."
	gateway = "istio-ingress-alb-public" // of values/argocd.yaml
)

// application is what a test needs of an Application.
type application struct {
	file string
	Spec struct {
		Source  source    `json:"source"`
		Sources []source  `json:"sources"`
		Ignore  []ignored `json:"ignoreDifferences"`
		Policy  struct {
			Options []string `json:"syncOptions"`
		} `json:"syncPolicy"`
	} `json:"spec"`
}

type source struct {
	Chart string `json:"chart"`
	Path  string `json:"path"`
	Helm  struct {
		ReleaseName string         `json:"releaseName"`
		ValueFiles  []string       `json:"valueFiles"`
		Values      map[string]any `json:"valuesObject"`
	} `json:"helm"`
}

// applications are the examples.
func applications(t *testing.T) []application {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "examples", "argocd", "*.yaml"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	var apps []application
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		app := application{file: filepath.Base(file)}
		require.NoError(t, yaml.Unmarshal(content, &app))
		apps = append(apps, app)
	}
	return apps
}

func (a application) option(name string) bool {
	return slices.Contains(a.Spec.Policy.Options, name+"=true")
}

// manifests are what ArgoCD's repository server makes of the example: `helm template --include-crds`, with
// lists taken apart. A chart from git has no crds/, which `make deps` puts there and git does not have. More arguments of helm may follow.
func (a application) manifests(t *testing.T, more ...string) []*unstructured.Unstructured {
	t.Helper()
	sources := append(slices.Clone(a.Spec.Sources), a.Spec.Source)
	source := sources[slices.IndexFunc(sources, func(s source) bool { return s.Chart != "" || s.Path != "" })]
	args := []string{"tool", "helm", "template", source.Helm.ReleaseName, "charts/istio-aws", "--namespace", namespace}
	if source.Chart != "" {
		args = append(args, "--include-crds")
	}
	for _, file := range source.Helm.ValueFiles {
		args = append(args, "--values", filepath.Join("values", filepath.Base(file)))
	}
	if source.Helm.Values != nil {
		content, err := json.Marshal(source.Helm.Values)
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "values.json")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		args = append(args, "--values", file)
	}
	cmd := exec.CommandContext(t.Context(), "go", append(args, more...)...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = root, &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	documents, err := kube.SplitYAML(out)
	require.NoError(t, err)
	var objects []*unstructured.Unstructured
	for _, document := range documents {
		if !document.IsList() {
			objects = append(objects, document)
			continue
		}
		require.NoError(t, document.EachListItem(func(item runtime.Object) error {
			objects = append(objects, item.(*unstructured.Unstructured))
			return nil
		}))
	}
	return objects
}
