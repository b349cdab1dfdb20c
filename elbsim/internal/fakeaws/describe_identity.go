// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Defaults of actions that authenticate users (API reference, AuthenticateOidcActionConfig).
const (
	defaultScope          = "openid"
	defaultSessionCookie  = "AWSELBAuthSessionCookie"
	defaultSessionSeconds = 604800
)

func describeJWT(c *types.JwtValidationActionConfig) *elb.JWTValidation {
	if c == nil {
		return nil
	}
	out := &elb.JWTValidation{JWKSEndpoint: aws.ToString(c.JwksEndpoint), Issuer: aws.ToString(c.Issuer)}
	for _, x := range c.AdditionalClaims {
		out.Claims = append(out.Claims, elb.JWTClaim{Name: aws.ToString(x.Name), Format: string(x.Format), Values: slices.Clone(x.Values)})
	}
	return out
}

func describeAuthentication(a types.Action) *elb.Authentication {
	switch {
	case a.AuthenticateOidcConfig != nil:
		c := a.AuthenticateOidcConfig
		return withSession(elb.Authentication{
			Issuer: aws.ToString(c.Issuer), AuthorizationEndpoint: aws.ToString(c.AuthorizationEndpoint),
			TokenEndpoint: aws.ToString(c.TokenEndpoint), UserInfoEndpoint: aws.ToString(c.UserInfoEndpoint),
			ClientID: aws.ToString(c.ClientId), ClientSecret: aws.ToString(c.ClientSecret), Scope: aws.ToString(c.Scope),
			SessionCookie: aws.ToString(c.SessionCookieName), SessionSeconds: aws.ToInt64(c.SessionTimeout),
			OnUnauthenticated: string(c.OnUnauthenticatedRequest), ExtraParams: maps.Clone(c.AuthenticationRequestExtraParams),
		})
	case a.AuthenticateCognitoConfig != nil:
		c := a.AuthenticateCognitoConfig
		base, issuer := cognito(aws.ToString(c.UserPoolArn), aws.ToString(c.UserPoolDomain))
		return withSession(elb.Authentication{
			UserPool: aws.ToString(c.UserPoolArn), Issuer: issuer, AuthorizationEndpoint: base + "/oauth2/authorize",
			TokenEndpoint: base + "/oauth2/token", UserInfoEndpoint: base + "/oauth2/userInfo",
			ClientID: aws.ToString(c.UserPoolClientId), Scope: aws.ToString(c.Scope),
			SessionCookie: aws.ToString(c.SessionCookieName), SessionSeconds: aws.ToInt64(c.SessionTimeout),
			OnUnauthenticated: string(c.OnUnauthenticatedRequest), ExtraParams: maps.Clone(c.AuthenticationRequestExtraParams),
		})
	}
	return nil
}

func withSession(a elb.Authentication) *elb.Authentication {
	a.Scope = cmp.Or(a.Scope, defaultScope)
	a.SessionCookie = cmp.Or(a.SessionCookie, defaultSessionCookie)
	a.SessionSeconds = cmp.Or(a.SessionSeconds, defaultSessionSeconds)
	a.OnUnauthenticated = cmp.Or(a.OnUnauthenticated, "authenticate")
	return &a
}

// cognito returns where a user pool's domain is served and the pool's issuer. A domain without a dot is a prefix of
// one of Cognito's own (Cognito developer guide, "Configuring a user pool domain").
func cognito(pool, domain string) (base, issuer string) {
	parsed, err := arn.Parse(pool)
	if err != nil {
		parsed.Region = "unknown" // the plan shows what was asked for; nothing is called by it
	}
	if !strings.Contains(domain, ".") {
		domain += ".auth." + parsed.Region + ".amazoncognito.com"
	}
	return "https://" + domain, "https://cognito-idp." + parsed.Region + ".amazonaws.com/" + strings.TrimPrefix(parsed.Resource, "userpool/")
}
