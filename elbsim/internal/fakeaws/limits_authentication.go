// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package fakeaws

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// AWS's limits on signing in and on tokens: API reference, AuthenticateOidcActionConfig, AuthenticateCognitoActionConfig
// and JwtValidationActionConfig.
const (
	maxSessionSeconds = 604800
	maxExtraParams    = 10
	maxClaims         = 10
	maxClaimValues    = 10
	maxClaimLength    = 256
)

var (
	unauthenticated = []string{"", "deny", "allow", "authenticate"}
	checkedClaims   = []string{"exp", "nbf", "iss", "iat"} // always, so not as further claims
)

// checkIdentity applies them to an action that is about users or tokens.
func checkIdentity(x types.Action) error {
	switch {
	case x.AuthenticateOidcConfig != nil:
		c := x.AuthenticateOidcConfig
		for _, e := range []struct {
			what  string
			value *string
		}{{"issuer", c.Issuer}, {"authorization endpoint", c.AuthorizationEndpoint}, {"token endpoint", c.TokenEndpoint}, {"user info endpoint", c.UserInfoEndpoint}} {
			if !strings.HasPrefix(aws.ToString(e.value), "https://") {
				return invalid("The %s '%s' must be a URL with HTTPS", e.what, aws.ToString(e.value))
			}
		}
		if aws.ToString(c.ClientId) == "" {
			return invalid("A client ID must be specified for an action of type '%s'", x.Type)
		}
		return checkSession(string(c.OnUnauthenticatedRequest), c.SessionTimeout, c.AuthenticationRequestExtraParams)
	case x.AuthenticateCognitoConfig != nil:
		c := x.AuthenticateCognitoConfig
		return checkSession(string(c.OnUnauthenticatedRequest), c.SessionTimeout, c.AuthenticationRequestExtraParams)
	case x.JwtValidationConfig != nil:
		return checkToken(x.JwtValidationConfig)
	}
	return invalid("The configuration of an action of type '%s' must be specified", x.Type)
}

func checkSession(otherwise string, timeout *int64, extra map[string]string) error {
	if !slices.Contains(unauthenticated, otherwise) {
		return invalid("The behavior for unauthenticated requests '%s' must be one of 'deny', 'allow', 'authenticate'", otherwise)
	}
	if timeout != nil && (*timeout < 1 || *timeout > maxSessionSeconds) {
		return invalid("Session timeout '%d' must be between 1 and %d", *timeout, maxSessionSeconds)
	}
	if len(extra) > maxExtraParams {
		return invalid("An authentication request takes at most '%d' extra parameters, got %d", maxExtraParams, len(extra))
	}
	return nil
}

func checkToken(c *types.JwtValidationActionConfig) error {
	if endpoint := aws.ToString(c.JwksEndpoint); !strings.HasPrefix(endpoint, "https://") {
		return invalid("The JWKS endpoint '%s' must be a URL with HTTPS", endpoint)
	}
	if n := len(aws.ToString(c.Issuer)); n < 1 || n > maxClaimLength {
		return invalid("The issuer must have between 1 and %d characters, got %d", maxClaimLength, n)
	}
	if len(c.AdditionalClaims) > maxClaims {
		return invalid("A token validation takes at most '%d' additional claims, got %d", maxClaims, len(c.AdditionalClaims))
	}
	for _, claim := range c.AdditionalClaims {
		name := aws.ToString(claim.Name)
		if name == "" || len(name) > maxClaimLength || slices.Contains(checkedClaims, name) {
			return invalid("The additional claim '%s' must have between 1 and %d characters and not be one of %s, which are always checked", name, maxClaimLength, strings.Join(checkedClaims, ", "))
		}
		if n := len(claim.Values); n < 1 || n > maxClaimValues {
			return invalid("The additional claim '%s' must have between 1 and %d values, got %d", name, maxClaimValues, n)
		}
		if i := slices.IndexFunc(claim.Values, func(v string) bool { return v == "" || len(v) > maxClaimLength }); i >= 0 {
			return invalid("The value '%s' of the additional claim '%s' must have between 1 and %d characters", claim.Values[i], name, maxClaimLength)
		}
	}
	return nil
}
