// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// algorithms are those of tokens that an ALB verifies (ALB user guide, "Verify JWTs").
var algorithms = []jose.SignatureAlgorithm{jose.RS256}

// Bearer checks the token in a request's field Authorization. nil lets the request go on. A token that is missing or
// not valid is a 401. A failing JWKS endpoint is a 500, which AWS's documents do not say.
func (c *Checker) Bearer(ctx context.Context, v elb.JWTValidation, authorization string) *Refusal {
	scheme, text, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || text == "" {
		return refuse(http.StatusUnauthorized, "no bearer token")
	}
	token, err := jwt.ParseSigned(strings.TrimSpace(text), algorithms)
	if err != nil {
		return refuse(http.StatusUnauthorized, "token: %v", err)
	}
	keys, err := c.keysFor(ctx, v.JWKSEndpoint, token.Headers[0].KeyID)
	if err != nil {
		return refuse(http.StatusInternalServerError, "keys of the token's issuer: %v", err)
	}
	var standard jwt.Claims
	var all map[string]any
	if !slices.ContainsFunc(keys, func(k jose.JSONWebKey) bool { return token.Claims(k, &standard, &all) == nil }) {
		return refuse(http.StatusUnauthorized, "the token's signature is by no key of its issuer")
	}
	if standard.Expiry == nil {
		return refuse(http.StatusUnauthorized, "the token has no exp")
	}
	// Checks iss, exp, nbf and iat.
	if err := standard.ValidateWithLeeway(jwt.Expected{Issuer: v.Issuer, Time: c.now()}, 0); err != nil {
		return refuse(http.StatusUnauthorized, "%v", err)
	}
	for _, want := range v.Claims {
		if !holds(want, all[want.Name]) {
			return refuse(http.StatusUnauthorized, "the token's claim %s is not as the rule wants it", want.Name)
		}
	}
	return nil
}

// holds tells whether a claim has all the values that a rule names. Whether one of them would do AWS's documents do
// not say.
func holds(want elb.JWTClaim, got any) bool {
	var values []string
	switch got := got.(type) {
	case string:
		switch want.Format {
		case "single-string":
			values = []string{got}
		case "space-separated-values":
			values = strings.Fields(got)
		}
	case []any:
		if want.Format != "string-array" {
			return false
		}
		for _, x := range got {
			if s, ok := x.(string); ok {
				values = append(values, s)
			}
		}
	}
	for _, v := range want.Values {
		if !slices.Contains(values, v) {
			return false
		}
	}
	return len(want.Values) > 0
}
