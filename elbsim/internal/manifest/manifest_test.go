// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package manifest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/manifest"
)

func read(t *testing.T, text string) []manifest.Object {
	t.Helper()
	out, err := manifest.Read("a.yaml", strings.NewReader(text))
	require.NoError(t, err)
	return out
}

func kinds(objects []manifest.Object) []string {
	out := []string{}
	for _, o := range objects {
		out = append(out, o.APIVersion+" "+o.Kind)
	}
	return out
}

func TestDocuments(t *testing.T) {
	const service = "apiVersion: v1\nkind: Service\n"
	for _, c := range []struct {
		name, text string
		kinds      []string
	}{
		{"an empty stream holds nothing", "", []string{}},
		{"comments and empty documents are skipped", "# nothing\n---\n---\n# Source: x\n" + service + "---\n", []string{"v1 Service"}},
		{"the separator may carry a comment", "--- # Source: a\n" + service, []string{"v1 Service"}},
		{"the separator may carry the document", "--- {apiVersion: v1, kind: Service}\n", []string{"v1 Service"}},
		{"dashes that go on are text", "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    -----BEGIN\n", []string{"v1 ConfigMap"}},
		{"Windows line ends", "---\r\napiVersion: v1\r\nkind: Service\r\n---\r\n", []string{"v1 Service"}},
		{"a byte order mark", "\ufeff" + service, []string{"v1 Service"}},
		{"JSON is YAML", `{"apiVersion":"v1","kind":"Service"}`, []string{"v1 Service"}},
		{"a List is taken apart", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service}\n- {apiVersion: v1, kind: List, items: [{apiVersion: apps/v1, kind: Deployment}]}\n",
			[]string{"v1 Service", "apps/v1 Deployment"}},
		{"items of a typed list take its version and kind", "apiVersion: v1\nkind: ServiceAccountList\nitems:\n- metadata: {name: a}\n", []string{"v1 ServiceAccount"}},
		{"the end of a document", service + "...\n---\n" + service + "...\n", []string{"v1 Service", "v1 Service"}},
		{"files that begin with a byte order mark, one after the other", "\ufeff" + service + "\ufeff---\n" + service, []string{"v1 Service", "v1 Service"}},
		{"anchors and merged mappings", "apiVersion: v1\nkind: Service\nx: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n", []string{"v1 Service"}},
		{"tabs in text", "apiVersion: v1\nkind: Service\nx: |\n  a\tb\ny: \"a\tb\"\n", []string{"v1 Service"}},
		{"a kind that merely ends in List stays", "apiVersion: x/v1\nkind: AllowList\nspec: {}\n", []string{"x/v1 AllowList"}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.kinds, kinds(read(t, c.text))) })
	}
}

func TestAnObjectKnowsWhereItStands(t *testing.T) {
	out := read(t, "apiVersion: v1\nkind: A\n---\n\n---\napiVersion: v1\nkind: B\n")
	require.Len(t, out, 2)
	assert.Equal(t, "a.yaml, document 3 (line 5)", out[1].Source.String())
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct{ name, text, message string }{
		{"the line is that of the file", "apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: [\n", "a.yaml, document 2 (line 3): not valid YAML: line 5: did not find expected node content; correct the line"},
		{"the template that Helm names", "---\n# Source: shop/templates/web.yaml\nkind: [\n", "a.yaml, document 2 (line 1, from shop/templates/web.yaml): not valid YAML"},
		{"a key twice", "apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  name: b\n", "line 5: key \"name\" already set in map; give each key once"},
		{"a key twice in JSON", `{"apiVersion": "v1", "kind": "A", "kind": "B"}`, "key \"kind\" already set in map; give each key once"},
		{"a key twice beside a merged mapping", "apiVersion: v1\nkind: A\nx: &x {a: 1}\ny: {<<: *x, b: 1, b: 2}\n", "line 4: mapping key \"b\" already defined at line 4; give each key once"},
		{"tabs", "apiVersion: v1\nkind: A\nmetadata:\n\tname: a\n", "line 4: found character that cannot start any token; indent by blanks, YAML allows no tabs for that"},
		{"a template that is not rendered", "apiVersion: v1\nkind: A\nmetadata:\n  name: {{ .Release.Name }}\n", "this looks like a template of a Helm chart: render it first, helm template … | elbsim plan -"},
		{"UTF-16", "\xff\xfea\x00", "not UTF-8 but UTF-16, as PowerShell's > writes it; save it as UTF-8"},
		{"an archive", "PK\x03\x04\xc3\x28", "not UTF-8 text; give manifests, not an archive or a binary file"},
		{"an anchor that is not there", "apiVersion: v1\nkind: A\nx: *gone\n", "unknown anchor 'gone' referenced"},
		{"anchors that explode", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n", "excessive aliasing"},
		{"brackets without end", strings.Repeat("[", 100_000), "not valid YAML"},
		{"text", "hello\n", "a.yaml, document 1 (line 1): not a Kubernetes object: a document must be a mapping"},
		{"no kind", "apiVersion: v1\n", "apiVersion or kind is missing"},
		{"a kind that is a number", "apiVersion: v1\nkind: 7\n", "apiVersion and kind must be text"},
		{"an item of a List without kind", "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1}]\n", "apiVersion or kind is missing"},
		{"an item that is null", "apiVersion: v1\nkind: List\nitems: [null]\n", "apiVersion or kind is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := manifest.Read("a.yaml", strings.NewReader(c.text))
			var syntax *manifest.SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.ErrorContains(t, err, c.message)
		})
	}
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("a/b.yaml", "apiVersion: v1\nkind: B\n")
	write("a/deep/c.json", `{"apiVersion":"v1","kind":"C"}`)
	write("a/NOTES.txt", "not a manifest: [")
	write("empty/readme.md", "")

	out, err := manifest.ReadPaths([]string{filepath.Join(dir, "a"), "-"}, strings.NewReader("apiVersion: v1\nkind: D\n"))
	require.NoError(t, err)
	assert.Equal(t, []string{"v1 B", "v1 C", "v1 D"}, kinds(out))

	_, err = manifest.ReadPaths([]string{filepath.Join(dir, "missing.yaml")}, nil)
	assert.ErrorContains(t, err, "missing.yaml: no such file or directory")
	_, err = manifest.ReadPaths([]string{filepath.Join(dir, "empty")}, nil)
	assert.ErrorContains(t, err, "holds no .yaml, .yml or .json file")
}

func TestAllThatIsWrongIsNamedAtOnce(t *testing.T) {
	text := ""
	for range 12 {
		text += "kind: [\n---\n"
	}
	objects, err := manifest.Read("a.yaml", strings.NewReader(text+"apiVersion: v1\nkind: A\n"))
	require.Error(t, err)
	assert.Equal(t, []string{"v1 A"}, kinds(objects), "what can be read is")
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 11)
	assert.Contains(t, lines[9], "a.yaml, document 10 (line 18)")
	assert.Equal(t, "and 2 more errors", lines[10])

	dir := t.TempDir()
	for _, name := range []string{"a.yaml", "b.yaml"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("kind: [\n"), 0o600))
	}
	_, err = manifest.ReadPaths([]string{dir, filepath.Join(dir, "gone.yaml")}, nil)
	for _, name := range []string{"a.yaml, document 1", "b.yaml, document 1", "gone.yaml: no such file"} {
		assert.ErrorContains(t, err, name)
	}
}

func TestInputWithoutObjectsIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.yaml")
	require.NoError(t, os.WriteFile(file, []byte("# nothing\n---\n"), 0o600))
	_, err := manifest.ReadPaths([]string{"-", file}, strings.NewReader(""))
	assert.ErrorContains(t, err, "no Kubernetes object in standard input, "+file)
}

func TestAFolderBehindALinkIsRead(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "real"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "real", "a.yaml"), []byte("apiVersion: v1\nkind: A\n"), 0o600))
	require.NoError(t, os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "link")))
	out, err := manifest.ReadPaths([]string{filepath.Join(dir, "link")}, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"v1 A"}, kinds(out))
}

func TestAFileThatCannotBeReadIsNamed(t *testing.T) {
	_, err := manifest.Read("-", iotest.ErrReader(os.ErrPermission))
	assert.ErrorContains(t, err, "read standard input: permission denied")
}
