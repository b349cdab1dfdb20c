// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestAutoModeDiffersAsItsGuideSays(t *testing.T) {
	content, err := os.ReadFile("../../" + controllerCRDs)
	require.NoError(t, err)
	crds, err := parseCRDs(content)
	require.NoError(t, err)
	document, err := yaml.YAMLToJSON([]byte(openAPIDocument))
	require.NoError(t, err)
	core, err := parseOpenAPI(document)
	require.NoError(t, err)
	kinds := map[kind]schema{}
	for _, c := range autoMode(crds) {
		for k, s := range c.kinds(core) {
			kinds[k] = s
		}
	}
	require.Len(t, kinds, 2)
	params, binding := kinds[kind{"eks.amazonaws.com", "v1", "IngressClassParams"}], kinds[kind{"eks.amazonaws.com", "v1", "TargetGroupBinding"}]
	const head = "{apiVersion: eks.amazonaws.com/v1, metadata: {name: a}, "
	assert.NoError(t, validate(t, params, head+"kind: IngressClassParams, spec: {scheme: internal, certificateARNs: [a], subnets: {matchTags: [{key: a, values: [b]}]}}}"))
	assert.ErrorContains(t, validate(t, params, head+"kind: IngressClassParams, spec: {certificateArn: [a]}}"), "additional properties 'certificateArn' not allowed")
	assert.ErrorContains(t, validate(t, params, head+"kind: IngressClassParams, spec: {subnets: {tags: {a: [b]}}}}"), "additional properties 'tags' not allowed")
	assert.NoError(t, validate(t, binding, head+"kind: TargetGroupBinding, spec: {targetGroupARN: a, targetType: ip, serviceRef: {name: a, port: 80}}}"))
	assert.ErrorContains(t, validate(t, binding, head+"kind: TargetGroupBinding, spec: {targetGroupARN: a, serviceRef: {name: a, port: 80}}}"), "missing property 'targetType'")
}
