// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// checkNetworkForward applies AWS's limits to one target group of an NLB's listener: user guide, "Listeners for
// your Network Load Balancers".
func checkNetworkForward(lb *loadBalancer, listener types.ProtocolEnum, f *types.ForwardActionConfig, tg *targetGroup) error {
	together := f.TargetGroupStickinessConfig != nil && aws.ToBool(f.TargetGroupStickinessConfig.Enabled)
	sticky := tg.attributes.values["stickiness.enabled"] == "true"
	datagrams := listener == types.ProtocolEnumUdp || listener == types.ProtocolEnumTcpUdp
	switch {
	case together && encrypted(listener):
		return invalid("Target group stickiness is not supported by TLS listeners")
	case len(f.TargetGroups) > 1 && sticky && !together:
		return invalid("Target group stickiness must be enabled on the action, since stickiness is enabled on target group '%s'", *tg.sdk.TargetGroupName)
	case lb.sdk.IpAddressType == types.IpAddressTypeDualstack && (listener == types.ProtocolEnumQuic || listener == types.ProtocolEnumTcpQuic):
		return invalid("A %s listener is not supported by a dualstack load balancer", listener)
	case datagrams && lb.sdk.IpAddressType == types.IpAddressTypeDualstack && tg.sdk.IpAddressType == types.TargetGroupIpAddressTypeEnumIpv4:
		return invalid("A %s listener of a dualstack load balancer needs target groups with the IP address type 'ipv6'", listener)
	}
	return nil
}
