// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/fakeaws"
)

func (a *account) stick(group *string) error {
	_, err := a.elb.ModifyTargetGroupAttributes(a.t.Context(), &elbv2.ModifyTargetGroupAttributesInput{
		TargetGroupArn: group, Attributes: []types.TargetGroupAttribute{{Key: aws.String("stickiness.enabled"), Value: aws.String("true")}},
	})
	return err
}

func TestStickinessOfNetworkLoadBalancers(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	code(t, a.stick(a.group("tls", "TLS")), "ValidationError", "cannot be 'true'")

	lb, one, two := a.lb("lb", nlb), a.group("one", "TCP"), a.group("two", "TCP")
	require.NoError(t, a.stick(two))
	_, err := a.tryListener(lb, 80, "TCP", forward(one, two), nil)
	code(t, err, "ValidationError", "must be enabled on the action, since stickiness is enabled on target group 'two'")

	together := forward(one, two)
	together[0].ForwardConfig.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true)}
	a.listener(lb, 80, "TCP", together) // without the duration that an ALB needs
	_, err = a.tryListener(lb, 443, "TLS", together, func(l *elbv2.CreateListenerInput) {
		l.Certificates = []types.Certificate{{CertificateArn: aws.String("arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555")}}
		l.SslPolicy = aws.String("ELBSecurityPolicy-2016-08")
	})
	code(t, err, "ValidationError", "not supported by TLS listeners")
}

func TestUDPOfDualstackNeedsIPv6Targets(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb := a.lb("lb", nlb)
	_, err := a.elb.SetIpAddressType(t.Context(), &elbv2.SetIpAddressTypeInput{LoadBalancerArn: lb, IpAddressType: types.IpAddressTypeDualstack})
	require.NoError(t, err)
	_, err = a.tryListener(lb, 53, "UDP", forward(a.group("ipv4", "UDP")), nil)
	code(t, err, "ValidationError", "needs target groups with the IP address type 'ipv6'")
	ipv6, err := a.tryGroup("ipv6", "UDP", func(g *elbv2.CreateTargetGroupInput) { g.IpAddressType = types.TargetGroupIpAddressTypeEnumIpv6 })
	require.NoError(t, err)
	a.listener(lb, 53, "UDP", forward(ipv6))
}
