// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheHeaderOfAPresetSaysWhatIsInstalled(t *testing.T) {
	for header, want := range map[string][]string{
		"# helm install istio-aws charts/istio-aws -n istio-system --create-namespace --wait -f values/a.yaml": {"istio-aws", "istio-system"},
		"# For: x.\n# helm upgrade --install edge charts/istio-aws -f values/a.yaml -n edge":                   {"edge", "edge"},
		"# make up\n": nil,
	} {
		found := installation.FindStringSubmatch(header)
		if want == nil {
			assert.Nil(t, found)
			continue
		}
		require.NotNil(t, found, header)
		assert.Equal(t, want, found[1:])
	}
}

func TestOnlyTheListMayLackAName(t *testing.T) {
	const says = `: object name does not conform to Kubernetes naming requirements: "": metadata.name: Invalid value: ""`
	assert.Regexp(t, listName, "[WARNING] templates/gateway/serviceaccountlist.yaml"+says)
	assert.NotRegexp(t, listName, "[WARNING] templates/alb/service.yaml"+says)
}

func TestAMistakeSaysWhoFindsIt(t *testing.T) {
	dir := t.TempDir()
	_, err := readMistakes(dir)
	assert.ErrorContains(t, err, "holds no manifest")
	file := filepath.Join(dir, "a.yaml")
	require.NoError(t, os.WriteFile(file, []byte("# kubeconform: at '/spec': no\nkind: A\n"), 0o600))
	mistakes, err := readMistakes(dir)
	require.NoError(t, err)
	assert.Equal(t, []mistake{{file, "kubeconform", "at '/spec': no"}}, mistakes)
	require.NoError(t, os.WriteFile(file, []byte("kind: A\n"), 0o600))
	_, err = readMistakes(dir)
	assert.ErrorContains(t, err, "its first line is no comment of the form")
}
