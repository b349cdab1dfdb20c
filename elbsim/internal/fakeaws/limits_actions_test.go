// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws_test

import (
	"strings"
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

func TestActionLimits(t *testing.T) {
	redirect := func(r types.RedirectActionConfig) []types.Action {
		return []types.Action{{Type: types.ActionTypeEnumRedirect, RedirectConfig: &r}}
	}
	fixed := func(status, contentType, body string) []types.Action {
		out := answer(status)
		out[0].FixedResponseConfig.ContentType, out[0].FixedResponseConfig.MessageBody = aws.String(contentType), aws.String(body)
		return out
	}
	a := newAccount(t, fakeaws.Options{})
	own := a.group("own", "HTTP")
	weighted := func(weight, sticky int32) []types.Action {
		out := forward(own)
		out[0].ForwardConfig.TargetGroups[0].Weight = aws.Int32(weight)
		out[0].ForwardConfig.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(sticky > 0), DurationSeconds: aws.Int32(sticky)}
		return out
	}
	lb, other := a.lb("lb", alb), a.lb("other", alb)
	taken := a.group("taken", "HTTP")
	a.listener(other, 80, "HTTP", forward(taken))
	grpc, err := a.tryGroup("grpc", "HTTP", func(g *elbv2.CreateTargetGroupInput) { g.ProtocolVersion = aws.String("GRPC") })
	require.NoError(t, err)
	for _, c := range []struct {
		name       string
		actions    []types.Action
		code, what string
	}{
		{"none", []types.Action{}, "InvalidLoadBalancerAction", "Exactly one action"},
		{"two", append(answer("200"), answer("201")...), "InvalidLoadBalancerAction", "got 2"},
		{"forward to nothing", forward(), "ValidationError", "A target group must be specified"},
		{"forward to a group of another load balancer", forward(taken), "TargetGroupAssociationLimit", "'taken'"},
		{"forward to a missing group", forward(aws.String("arn:none")), "TargetGroupNotFound", "arn:none"},
		{"row 24: gRPC behind HTTP", forward(grpc), "InvalidConfigurationRequest", "'GRPC'"},
		{"row 44: a fixed response 302", answer("302"), "ValidationError", "2XX, 4XX or 5XX"},
		{"row 43: a redirect to itself", redirect(types.RedirectActionConfig{StatusCode: "HTTP_301"}), "ValidationError", "must modify"},
		{"row 43: a redirect 307", redirect(types.RedirectActionConfig{StatusCode: "HTTP_307", Port: aws.String("1")}), "ValidationError", "HTTP_301"},
		{"row 43: a redirect to no port", redirect(types.RedirectActionConfig{StatusCode: "HTTP_301", Port: aws.String("70000")}), "ValidationError", "'70000' must be '#{port}' or between"},
		{"row 43: a redirect to a long path", redirect(types.RedirectActionConfig{StatusCode: "HTTP_301", Path: aws.String("/" + strings.Repeat("a", 128))}), "ValidationError", "longer than 128"},
		{"row 44: a fixed response of 1025 bytes", fixed("200", "text/plain", strings.Repeat("a", 1025)), "ValidationError", "1025 bytes"},
		{"row 44: a fixed response of another content type", fixed("200", "text/xml", "<a/>"), "ValidationError", "'text/xml'"},
		{"row 45: six groups", forward(make([]*string, 6)...), "TooManyTargetGroups", "at most 5"},
		{"row 45: a weight of 1000", weighted(1000, 0), "ValidationError", "'1000' must be between 0 and 999"},
		{"row 45: group stickiness of 8 days", weighted(1, 691200), "ValidationError", "'691200' must be between 1 and 604800"},
		{"authentication over HTTP", append([]types.Action{{Type: types.ActionTypeEnumAuthenticateOidc}}, answer("200")...), "ValidationError", "HTTPS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := a.tryListener(lb, 80, "HTTP", c.actions, nil)
			code(t, err, c.code, c.what)
		})
	}
}

func TestRow43NoRedirectFromHTTPSToHTTP(t *testing.T) {
	a := newAccount(t, fakeaws.Options{})
	lb := a.lb("lb", alb)
	toHTTP := &types.RedirectActionConfig{StatusCode: "HTTP_301", Protocol: aws.String("HTTP")}
	_, err := a.tryListener(lb, 443, "HTTPS", []types.Action{{Type: types.ActionTypeEnumRedirect, RedirectConfig: toHTTP}}, func(l *elbv2.CreateListenerInput) {
		l.Certificates = []types.Certificate{{CertificateArn: aws.String(certificate)}}
	})
	code(t, err, "ValidationError", "HTTPS to HTTP")
}
