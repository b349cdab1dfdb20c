// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package controller

import (
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/config"
)

func parsed(t *testing.T, args ...string) *Config {
	t.Helper()
	c, err := NewConfig()
	require.NoError(t, err)
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	require.NoError(t, c.AddFlags(fs))
	require.NoError(t, fs.Parse(append([]string{"--cluster-name=lab"}, args...)))
	return c
}

func TestDefaultsAreTheControllersWhereBehaviourIsConcerned(t *testing.T) {
	c := parsed(t)
	assert.True(t, c.lbc.IngressConfig.TolerateNonExistentBackendService)
	assert.True(t, c.lbc.IngressConfig.TolerateNonExistentBackendAction)
	assert.True(t, c.lbc.FeatureGates.Enabled(config.EndpointsFailOpen))
	assert.True(t, c.lbc.FeatureGates.Enabled(config.NLBSecurityGroup))
	assert.True(t, c.lbc.PodWebhookConfig.EnablePodReadinessGateInject)
	assert.True(t, c.lbc.AddonsConfig.ShieldEnabled)
	assert.True(t, c.lbc.AddonsConfig.WAFEnabled)
	assert.True(t, c.lbc.AddonsConfig.WAFV2Enabled)
	assert.Equal(t, "instance", c.lbc.DefaultTargetType)
	assert.Equal(t, "ELBSecurityPolicy-2016-08", c.lbc.DefaultSSLPolicy)
}

func TestWhatIsNotSimulatedIsOff(t *testing.T) {
	c := parsed(t)
	assert.False(t, c.lbc.RuntimeConfig.EnableLeaderElection)
	for _, gate := range []config.Feature{config.NLBGatewayAPI, config.ALBGatewayAPI, config.GlobalAcceleratorController} {
		assert.False(t, c.lbc.FeatureGates.Enabled(gate), gate)
	}
}

func TestFlagsReachTheController(t *testing.T) {
	c := parsed(t, "--aws-region=us-east-1", "--feature-gates=EndpointsFailOpen=false", "--webhook-bind-port=10443", "--ingress-class=edge", "--load-balancer-class=other/nlb")
	assert.Equal(t, "lab", c.ClusterName())
	assert.Equal(t, "us-east-1", c.Region())
	assert.Equal(t, 10443, c.WebhookPort())
	assert.Equal(t, "edge", c.IngressClass())
	assert.Equal(t, "other/nlb", c.LoadBalancerClass())
	assert.False(t, c.lbc.FeatureGates.Enabled(config.EndpointsFailOpen))
	assert.False(t, c.lbc.FeatureGates.Enabled(config.NLBGatewayAPI), "a gate that is not named keeps its default")
}

func TestValidate(t *testing.T) {
	require.NoError(t, parsed(t).Validate())
	require.ErrorContains(t, parsed(t, "--default-tags=elbv2.k8s.aws/cluster=x").Validate(), "elbv2.k8s.aws/cluster")
}
