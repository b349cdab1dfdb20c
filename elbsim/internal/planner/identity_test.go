// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// secure adds an HTTPS listener to annotations.
func secure(annotations ...string) []string {
	return append([]string{"listen-ports", `[{"HTTPS": 443}]`, "certificate-arn", certificate}, annotations...)
}

func TestThePlanSaysHowUsersSignIn(t *testing.T) {
	t.Run("at an OpenID Connect provider, without the secret", func(t *testing.T) {
		lb := only(t, web(secure("auth-type", "oidc", "auth-on-unauthenticated-request", "deny",
			"auth-idp-oidc", `{"issuer":"https://idp.example.com","authorizationEndpoint":"https://idp.example.com/authorize","tokenEndpoint":"https://idp.example.com/token","userInfoEndpoint":"https://idp.example.com/userinfo","secretName":"idp","authenticationRequestExtraParams":{"prompt":"login"}}`)...)+`
apiVersion: v1
kind: Secret
metadata: {name: idp}
stringData: {clientID: shop, clientSecret: hush}
`)
		actions := lb.Listeners[0].Rules[0].Actions
		require.Len(t, actions, 2)
		assert.Equal(t, elb.Action{Type: "authenticate-oidc", Authenticate: &elb.Authentication{
			Issuer: "https://idp.example.com", AuthorizationEndpoint: "https://idp.example.com/authorize", TokenEndpoint: "https://idp.example.com/token",
			UserInfoEndpoint: "https://idp.example.com/userinfo", ClientID: "shop", ClientSecret: "hush", Scope: "openid",
			SessionCookie: "AWSELBAuthSessionCookie", SessionSeconds: 604800, OnUnauthenticated: "deny", ExtraParams: map[string]string{"prompt": "login"},
		}}, actions[0])
		text, err := json.Marshal(lb)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "hush")
	})
	t.Run("at a Cognito user pool", func(t *testing.T) {
		lb := only(t, web(secure("auth-type", "cognito", "auth-idp-cognito",
			`{"userPoolARN":"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_shop","userPoolClientID":"shop","userPoolDomain":"shop"}`)...))
		a := lb.Listeners[0].Rules[0].Actions[0].Authenticate
		require.NotNil(t, a)
		assert.Equal(t, "https://shop.auth.eu-west-1.amazoncognito.com/oauth2/authorize", a.AuthorizationEndpoint)
		assert.Equal(t, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_shop", a.Issuer)
		assert.Equal(t, "authenticate", a.OnUnauthenticated)
	})
}

func TestThePlanSaysWhatTokensMustBe(t *testing.T) {
	lb := only(t, web(secure("jwt-validation", `{"jwksEndpoint":"https://idp.example.com/keys","issuer":"https://idp.example.com","additionalClaims":[{"name":"scope","format":"space-separated-values","values":["read","write"]}]}`)...))
	assert.Equal(t, elb.Action{Type: "jwt-validation", JWT: &elb.JWTValidation{JWKSEndpoint: "https://idp.example.com/keys", Issuer: "https://idp.example.com",
		Claims: []elb.JWTClaim{{Name: "scope", Format: "space-separated-values", Values: []string{"read", "write"}}}}}, lb.Listeners[0].Rules[0].Actions[0])
}

func TestThePlanSaysWhichTrustStoreVerifies(t *testing.T) {
	store := "arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/partners/0123456789abcdef"
	lb := only(t, web(secure("mutual-authentication", `[{"port": 443, "mode": "verify", "trustStore": "`+store+`", "ignoreClientCertificateExpiry": true, "advertiseTrustStoreCaNames": "on"}]`)...))
	assert.Equal(t, "verify", lb.Listeners[0].MutualTLS)
	assert.Equal(t, &elb.TrustStore{ARN: store, IgnoreExpiry: true, AdvertiseNames: true}, lb.Listeners[0].TrustStore)
	lb = only(t, web(secure("mutual-authentication", `[{"port": 443, "mode": "passthrough"}]`)...))
	assert.Equal(t, "passthrough", lb.Listeners[0].MutualTLS)
	assert.Nil(t, lb.Listeners[0].TrustStore)
}
