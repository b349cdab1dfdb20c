// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"slices"
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

// TestRow75ListenersAndTargetGroups pairs every protocol of a listener with every kind of target group.
func TestRow75ListenersAndTargetGroups(t *testing.T) {
	kinds := map[string]func(*elbv2.CreateTargetGroupInput){
		"TCP": nil, "TLS": nil, "UDP": nil, "TCP_UDP": nil, "QUIC": nil, "TCP_QUIC": nil,
		"alb": func(g *elbv2.CreateTargetGroupInput) {
			g.TargetType, g.Protocol = types.TargetTypeEnumAlb, types.ProtocolEnumTcp
		},
	}
	takes := map[types.ProtocolEnum][]string{
		"TCP": {"TCP", "TCP_UDP", "alb"}, "TLS": {"TCP", "TLS"}, "UDP": {"UDP", "TCP_UDP"}, "TCP_UDP": {"TCP_UDP"},
		"QUIC": {"QUIC", "TCP_QUIC"}, "TCP_QUIC": {"TCP_QUIC"},
	}
	for protocol, groups := range takes {
		for kind, change := range kinds {
			t.Run("row 75: "+string(protocol)+" and "+kind, func(t *testing.T) {
				a := newAccount(t, fakeaws.Options{})
				group, err := a.tryGroup("group", types.ProtocolEnum(kind), change)
				require.NoError(t, err)
				_, err = a.tryListener(a.lb("lb", nlb), 443, protocol, forward(group), func(l *elbv2.CreateListenerInput) {
					if protocol == "TLS" {
						l.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
						l.SslPolicy = aws.String("ELBSecurityPolicy-2016-08")
					}
				})
				if slices.Contains(groups, kind) {
					require.NoError(t, err)
					return
				}
				code(t, err, "IncompatibleProtocols", "'"+string(protocol)+"'")
			})
		}
	}
}

func TestRow76TargetGroupsOfAnALB(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	ofALB := func(g *elbv2.CreateTargetGroupInput) { g.TargetType = types.TargetTypeEnumAlb }
	_, err := a.tryGroup("tls", "TLS", ofALB)
	code(t, err, "ValidationError", "'TLS'")
	group, err := a.tryGroup("alb", "TCP", ofALB)
	require.NoError(t, err)
	_, err = a.elb.ModifyTargetGroupAttributes(t.Context(), &elbv2.ModifyTargetGroupAttributesInput{
		TargetGroupArn: group, Attributes: []types.TargetGroupAttribute{{Key: aws.String("preserve_client_ip.enabled"), Value: aws.String("false")}},
	})
	code(t, err, "ValidationError", "cannot be 'false'")
	register := func(arn *string) error {
		_, err := a.elb.RegisterTargets(t.Context(), &elbv2.RegisterTargetsInput{TargetGroupArn: group, Targets: []types.TargetDescription{{Id: arn}}})
		return err
	}
	one, two := a.lb("one", alb), a.lb("two", alb)
	code(t, register(a.lb("net", nlb)), "InvalidTarget", "not an Application Load Balancer")
	code(t, register(one), "InvalidTarget", "no listener on port")
	a.listener(one, 80, "HTTP", answer("200"))
	a.listener(two, 80, "HTTP", answer("200"))
	require.NoError(t, register(one))
	require.NoError(t, register(one), "once more")
	code(t, register(two), "TooManyTargets", "one Application Load Balancer")
}

func TestRow75TargetsOfQUICNeedAServerID(t *testing.T) {
	for _, c := range []struct {
		name     string
		protocol types.ProtocolEnum
		id, what string // what is empty: AWS takes it
	}{
		{"row 75: an ID", "QUIC", "0x0123456789abcdef", ""},
		{"row 75: none", "QUIC", "", "needs a QUIC server ID"},
		{"row 75: too short", "TCP_QUIC", "0x0123", "'0x0123'"},
		{"row 75: of a TCP target", "TCP", "0x0123456789abcdef", "do not take"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			d := types.TargetDescription{Id: aws.String("10.244.1.5")}
			if c.id != "" {
				d.QuicServerId = aws.String(c.id)
			}
			_, err := a.elb.RegisterTargets(t.Context(), &elbv2.RegisterTargetsInput{TargetGroupArn: a.group("g", c.protocol), Targets: []types.TargetDescription{d}})
			if c.what == "" {
				require.NoError(t, err)
				return
			}
			code(t, err, "ValidationError", c.what)
		})
	}
}

func TestRow75NoQUICOnDualstack(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb := a.lb("lb", nlb)
	_, err := a.elb.SetIpAddressType(t.Context(), &elbv2.SetIpAddressTypeInput{LoadBalancerArn: lb, IpAddressType: types.IpAddressTypeDualstack})
	require.NoError(t, err)
	_, err = a.tryListener(lb, 443, "QUIC", forward(a.group("g", "QUIC")), nil)
	code(t, err, "ValidationError", "not supported by a dualstack")
}

func TestRow77Weights(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb, actions := a.lb("lb", nlb), forward(a.group("one", "TCP"), a.group("two", "TCP"))
	groups := actions[0].ForwardConfig.TargetGroups
	groups[0].Weight, groups[1].Weight = aws.Int32(1000), aws.Int32(0)
	_, err := a.tryListener(lb, 80, "TCP", actions, nil)
	code(t, err, "ValidationError", "'1000' must be between 0 and 999")
	groups[0].Weight = aws.Int32(999)
	a.listener(lb, 80, "TCP", actions)
	described := a.LoadBalancers()[0].Listeners[0].DefaultActions[0].Forward
	require.Len(t, described, 2)
	require.Equal(t, []int32{999, 0}, []int32{described[0].Weight, described[1].Weight})
}

func TestRow49DefaultsOfGRPCChecks(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	group, err := a.tryGroup("g", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.ProtocolVersion = aws.String("GRPC") })
	require.NoError(t, err)
	out, err := a.elb.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{TargetGroupArns: []string{*group}})
	require.NoError(t, err)
	require.Equal(t, "/AWS.ALB/healthcheck", *out.TargetGroups[0].HealthCheckPath)
	require.Equal(t, "12", *out.TargetGroups[0].Matcher.GrpcCode)
}
