// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package golden

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// folder is a folder with files, given as name and content in turn.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o644))
	}
	return dir
}

func policy(namespace string) unstructured.Unstructured {
	return unstructured.Unstructured{Object: map[string]any{"kind": "Policy", "metadata": map[string]any{"name": "default", "namespace": namespace}}}
}

// render renders a Service, whose port is another one at an upgrade, and two policies of one name.
func render(in Input) ([]unstructured.Unstructured, error) {
	if string(in.Values) == `{"refused":true}` {
		return nil, errors.New("refused")
	}
	port := int64(80)
	if in.Upgrade {
		port = 81
	}
	return []unstructured.Unstructured{{Object: map[string]any{
		"kind":     "Service",
		"metadata": map[string]any{"name": "web", "labels": map[string]any{"version": "1"}},
		"spec":     map[string]any{"ports": []any{map[string]any{"port": port}, map[string]any{"port": int64(443)}, map[string]any{"name": "x"}}},
	}}, policy("a"), policy("b")}, nil
}

const whole = `# Service/web
kind: Service
metadata:
  name: web
spec:
  ports:
  - port: 80
  - port: 443
  - name: x
`

func TestWhatIsEqualPasses(t *testing.T) {
	dir := folder(t, "a.in.yaml", "objects: [Service/web]\nabsent: [Service/other]", "a.out.yaml", whole)
	assert.NoError(t, compare(filepath.Join(dir, "a"), false, render))
	Run(t, dir, render)
}

func TestADifferenceIsAUnifiedDiffWithTheCure(t *testing.T) {
	dir := folder(t, "a.in.yaml", "upgrade: true\nobjects: [Service/web]", "a.out.yaml", whole)
	err := compare(filepath.Join(dir, "a"), false, render)
	assert.ErrorContains(t, err, "a.out.yaml differs from what is rendered")
	assert.ErrorContains(t, err, "-  - port: 80\n+  - port: 81\n")
	assert.ErrorContains(t, err, "go test ./test/render -update")
}

func TestAMissingOutputIsADifference(t *testing.T) {
	dir := folder(t, "a.in.yaml", "objects: [Service/web]")
	assert.ErrorContains(t, compare(filepath.Join(dir, "a"), false, render), "+kind: Service")
}

func TestUpdateWritesTheOutput(t *testing.T) {
	dir := folder(t, "a.in.yaml", "objects: [Service/web]", "a.out.yaml", "old")
	require.NoError(t, compare(filepath.Join(dir, "a"), true, render))
	content, err := os.ReadFile(filepath.Join(dir, "a.out.yaml"))
	require.NoError(t, err)
	assert.Equal(t, whole, string(content))
}

func TestANamespaceTellsObjectsOfOneNameApart(t *testing.T) {
	dir := folder(t, "a.in.yaml", `objects: ["Policy/b/default: metadata.namespace"]`, "a.out.yaml", "# Policy/b/default\nb\n")
	assert.NoError(t, compare(filepath.Join(dir, "a"), false, render))
}

func TestAFieldIsChosenInEveryItemOfAList(t *testing.T) {
	dir := folder(t, "a.in.yaml", `objects: ["Service/web: spec.ports.port"]`, "a.out.yaml", "# Service/web\n- 80\n- 443\n")
	assert.NoError(t, compare(filepath.Join(dir, "a"), false, render))
}

func TestWhatWouldHideAMistakeIsRefused(t *testing.T) {
	for name, row := range map[string]struct{ input, want string }{
		"an object that is not rendered": {"objects: [Service/wbe]", "objects: Service/wbe is not rendered"},
		"a field that is not there":      {`objects: ["Service/web: spec.prots"]`, "objects: Service/web: has no spec.prots"},
		"a field that no item has":       {`objects: ["Service/web: spec.ports.prot"]`, "has no spec.ports.prot"},
		"an absent object that is there": {"objects: [Service/web]\nabsent: [Service/web]", "absent: Service/web is rendered"},
		"a case about nothing":           {"values: {a: 1}", "objects is empty"},
		"a key that is not known":        {"objects: [Service/web]\nabsnet: []", `unknown field "absnet"`},
		"a name of two objects":          {"objects: [Policy/default]", "objects: Policy/default is 2 objects; name one as Kind/namespace/name"},
		"values that are refused":        {"values: {refused: true}\nobjects: [Service/web]", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, update := range []bool{false, true} {
				dir := folder(t, "a.in.yaml", row.input, "a.out.yaml", "untouched")
				assert.ErrorContains(t, compare(filepath.Join(dir, "a"), update, render), row.want)
				content, err := os.ReadFile(filepath.Join(dir, "a.out.yaml"))
				require.NoError(t, err)
				assert.Equal(t, "untouched", string(content))
			}
		})
	}
}

func TestFilesOfNoCaseAreRefused(t *testing.T) {
	_, err := Cases(folder(t, "a.in.yaml", "", "b.out.yaml", ""))
	assert.ErrorContains(t, err, "b.out.yaml belongs to no case: remove it")
	_, err = Cases(folder(t, "a.in.yaml", "", "c.yaml", ""))
	assert.ErrorContains(t, err, "c.yaml belongs to no case: remove it")
	_, err = Cases(t.TempDir())
	assert.ErrorContains(t, err, "has no case")
	_, err = Cases(filepath.Join(t.TempDir(), "nowhere"))
	assert.Error(t, err)
	names, err := Cases(folder(t, "a.in.yaml", "", "a.out.yaml", "", "b.in.yaml", ""))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, names)
}
