// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCommittedCRDsAreThoseOfTheModule(t *testing.T) {
	want, err := generate()
	require.NoError(t, err)
	got, err := os.ReadFile("../crds.yaml")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "run: go generate ./internal/install")
}

func TestExtract(t *testing.T) {
	const all = "---\nkind: A\nmetadata:\n  name: targetgroupbindings.elbv2.k8s.aws\n---\nkind: B\nmetadata:\n  name: other.elbv2.k8s.aws\n---\nkind: C\nmetadata:\n  name: ingressclassparams.elbv2.k8s.aws\n"
	got, err := extract([]byte(all), "v1")
	require.NoError(t, err)
	assert.Contains(t, string(got), " v1,\n")
	assert.Contains(t, string(got), "---\nkind: C\nmetadata:\n  name: ingressclassparams.elbv2.k8s.aws\n---\nkind: A\nmetadata:\n  name: targetgroupbindings.elbv2.k8s.aws\n")
	assert.NotContains(t, string(got), "kind: B")

	_, err = extract([]byte("---\nkind: A\nmetadata:\n  name: targetgroupbindings.elbv2.k8s.aws\n"), "v1")
	assert.ErrorContains(t, err, `no CRD "ingressclassparams.elbv2.k8s.aws"`)
}
