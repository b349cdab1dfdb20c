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

func TestRow24GroupsOfHTTP2AndGRPCTakeForwardActionsOnly(t *testing.T) {
	https := func(l *elbv2.CreateListenerInput) {
		l.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
	}
	token := types.Action{Type: types.ActionTypeEnumJwtValidation, Order: aws.Int32(1), JwtValidationConfig: &types.JwtValidationActionConfig{
		JwksEndpoint: aws.String("https://idp.example.com/keys"), Issuer: aws.String("https://idp.example.com"),
	}}
	for _, version := range []string{"HTTP1", "HTTP2", "GRPC"} {
		t.Run(version, func(t *testing.T) {
			a := newAccount(t, fakeaws.Options{})
			lb := a.lb("lb", alb)
			group, err := a.tryGroup("g", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.ProtocolVersion = aws.String(version) })
			require.NoError(t, err)
			_, err = a.tryListener(lb, 443, "HTTPS", forward(group), https)
			require.NoError(t, err)
			_, err = a.tryListener(lb, 8443, "HTTPS", append([]types.Action{token}, forward(group)...), https)
			if version == "HTTP1" {
				require.NoError(t, err)
				return
			}
			code(t, err, "InvalidConfigurationRequest", "Only 'forward' actions are supported with a target group with the protocol-version '"+version+"'")
		})
	}
}
