// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestBearerTokens(t *testing.T) {
	p := newProvider(t)
	c := checker(t, p)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	good := map[string]any{"iss": "https://idp.example.com", "exp": in(time.Hour), "scope": "read write", "groups": []string{"a", "b"}, "plan": "gold"}
	with := func(changes map[string]any) map[string]any {
		out := maps.Clone(good)
		for k, v := range changes {
			if v == nil {
				delete(out, k)
			} else {
				out[k] = v
			}
		}
		return out
	}
	signed := func(claims map[string]any) string { return "Bearer " + token(t, p.key, jose.RS256, "one", claims) }
	claim := func(name, format string, values ...string) []elb.JWTClaim {
		return []elb.JWTClaim{{Name: name, Format: format, Values: values}}
	}
	tests := []struct {
		name, authorization string
		claims              []elb.JWTClaim
		status              int // 0: goes on
	}{
		{"a valid token", signed(good), nil, 0},
		{"the scheme in another case", strings.Replace(signed(good), "Bearer", "bearer", 1), nil, 0},
		{"no token", "", nil, 401},
		{"another scheme", "Basic dTpw", nil, 401},
		{"no token at all behind the scheme", "Bearer x", nil, 401},
		{"another issuer", signed(with(map[string]any{"iss": "https://evil.example.com"})), nil, 401},
		{"no issuer", signed(with(map[string]any{"iss": nil})), nil, 401},
		{"an expired token", signed(with(map[string]any{"exp": in(-time.Minute)})), nil, 401},
		{"no exp", signed(with(map[string]any{"exp": nil})), nil, 401},
		{"nbf in the past", signed(with(map[string]any{"nbf": in(-time.Minute)})), nil, 0},
		{"nbf in the future", signed(with(map[string]any{"nbf": in(time.Hour)})), nil, 401},
		{"iat in the future", signed(with(map[string]any{"iat": in(time.Hour)})), nil, 401},
		{"another key", "Bearer " + token(t, stranger, jose.RS256, "one", good), nil, 401},
		{"an unknown key", "Bearer " + token(t, p.key, jose.RS256, "two", good), nil, 401},
		{"a token that names no key", "Bearer " + token(t, p.key, jose.RS256, "", good), nil, 0},
		{"another algorithm", "Bearer " + token(t, p.key, jose.RS512, "one", good), nil, 401},
		{"a symmetric algorithm", "Bearer " + token(t, []byte(strings.Repeat("k", 32)), jose.HS256, "one", good), nil, 401},

		{"a single string", signed(good), claim("plan", "single-string", "gold"), 0},
		{"another single string", signed(good), claim("plan", "single-string", "silver"), 401},
		{"values separated by spaces", signed(good), claim("scope", "space-separated-values", "write", "read"), 0},
		{"one value of them is missing", signed(good), claim("scope", "space-separated-values", "write", "admin"), 401},
		{"values in an array", signed(good), claim("groups", "string-array", "b"), 0},
		{"a value that the array lacks", signed(good), claim("groups", "string-array", "c"), 401},
		{"an array where a string should be", signed(good), claim("groups", "single-string", "a"), 401},
		{"a claim that the token lacks", signed(good), claim("tenant", "single-string", "a"), 401},
		{"one claim of two", signed(good), append(claim("plan", "single-string", "gold"), claim("tenant", "single-string", "a")...), 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			refusal := c.Bearer(t.Context(), elb.JWTValidation{JWKSEndpoint: p.URL + "/keys", Issuer: "https://idp.example.com", Claims: tt.claims}, tt.authorization)
			if tt.status == 0 {
				assert.Nil(t, refusal)
				return
			}
			require.NotNil(t, refusal)
			assert.Equal(t, tt.status, refusal.Status, refusal.Reason)
		})
	}
	assert.Equal(t, int64(1), p.asked.Load(), "keys are kept")
}

func TestKeysThatCannotBeHadAre500(t *testing.T) {
	p := newProvider(t)
	many := jose.JSONWebKeySet{}
	for range 11 {
		many.Keys = append(many.Keys, jose.JSONWebKey{Key: p.key.Public(), KeyID: "one"})
	}
	good := "Bearer " + token(t, p.key, jose.RS256, "one", map[string]any{"iss": "i", "exp": in(time.Hour)})
	p.handler.HandleFunc("/gone", http.NotFound)
	p.handler.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat(" ", 151<<10) + "{}")) // the checker asserts
	})
	for path, want := range map[string]string{
		"/gone": "the provider answers 404", "/long": "answers with more than 153600 bytes", "/many": "11; at most 10 are allowed", "/text": "invalid character",
	} {
		t.Run(path, func(t *testing.T) {
			c := checker(t, p)
			url := p.URL + path
			switch path {
			case "/many":
				p.set.Store(many)
				url = p.URL + "/keys"
			case "/text":
				p.handler.HandleFunc("/text", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("keys")) })
			}
			refusal := c.Bearer(t.Context(), elb.JWTValidation{JWKSEndpoint: url, Issuer: "i"}, good)
			require.NotNil(t, refusal)
			assert.Equal(t, http.StatusInternalServerError, refusal.Status)
			assert.Contains(t, refusal.Reason, want)
		})
	}
}

func TestANewKeyIsAskedForWhenATokenNamesIt(t *testing.T) {
	p := newProvider(t)
	c := checker(t, p)
	now := time.Now()
	c.SetClock(func() time.Time { return now })
	v := elb.JWTValidation{JWKSEndpoint: p.URL + "/keys", Issuer: "i"}
	claims := map[string]any{"iss": "i", "exp": in(time.Hour)}
	require.Nil(t, c.Bearer(t.Context(), v, "Bearer "+token(t, p.key, jose.RS256, "one", claims)))
	next, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p.publish(next, "two")
	fresh := "Bearer " + token(t, next, jose.RS256, "two", claims)
	assert.NotNil(t, c.Bearer(t.Context(), v, fresh), "the provider is not asked for every unknown key")
	now = now.Add(11 * time.Second)
	assert.Nil(t, c.Bearer(t.Context(), v, fresh))
	now = now.Add(6 * time.Minute)
	require.Nil(t, c.Bearer(t.Context(), v, fresh))
	assert.Equal(t, int64(3), p.asked.Load(), "keys are asked for again after a while")
}
