// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"bytes"
	"encoding/json"
	goflag "flag"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

//go:generate go test . -run TestAttributesContract -update

var update = goflag.Bool("update", false, "write the sample")

// TestAttributesContract keeps contract/attributes.json true: the attributes that this AWS knows, which the chart's list is held against.
func TestAttributesContract(t *testing.T) {
	type known struct {
		Default string `json:"default"`
		Allowed string `json:"allowed"`
	}
	words := func(all ...map[string]attribute) map[string]known {
		out := map[string]known{}
		for _, some := range all {
			for key, x := range some {
				out[key] = known{Default: x.def, Allowed: x.allowed}
			}
		}
		return out
	}
	targetGroup := func(protocol types.ProtocolEnum) map[string]attribute {
		return targetGroupAttributes(types.TargetGroup{Protocol: protocol, TargetType: types.TargetTypeEnumIp})
	}
	internetFacing := types.LoadBalancerSchemeEnumInternetFacing
	contract := map[string]map[string]map[string]known{
		"alb": {
			"loadBalancer": words(loadBalancerAttributes(types.LoadBalancerTypeEnumApplication, internetFacing)),
			"targetGroup":  words(targetGroup(types.ProtocolEnumHttp)),
			"listener":     words(listenerAttributes(types.ProtocolEnumHttps)),
		},
		"nlb": {
			"loadBalancer": words(loadBalancerAttributes(types.LoadBalancerTypeEnumNetwork, internetFacing)),
			"targetGroup":  words(targetGroup(types.ProtocolEnumTcp)),
			"listener":     words(listenerAttributes(types.ProtocolEnumTcp)),
		},
	}
	require.Subset(t, contract["alb"]["listener"], words(listenerAttributes(types.ProtocolEnumHttp)), "HTTPS has what HTTP has, and more")
	require.Empty(t, listenerAttributes(types.ProtocolEnumTls))

	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(contract))
	const file = "../../contract/attributes.json"
	if *update {
		require.NoError(t, os.WriteFile(file, got.Bytes(), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run: make generate")
	assert.Equal(t, string(want), got.String(), "AWS's attributes have changed; if they are meant to, run: make generate, and change charts/istio-aws/annotations/attributes.yaml")
}
