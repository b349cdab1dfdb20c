// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/identity"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// action is one that signs users in at a provider.
func action(p *provider) elb.Authentication {
	return elb.Authentication{
		Issuer: p.URL, AuthorizationEndpoint: p.URL + "/authorize?tenant=1", TokenEndpoint: p.URL + "/token", UserInfoEndpoint: p.URL + "/userinfo",
		ClientID: "shop", ClientSecret: "hush", Scope: "openid email", SessionCookie: "AWSELBAuthSessionCookie", SessionSeconds: 3600, OnUnauthenticated: "authenticate",
		ExtraParams: map[string]string{"prompt": "login"},
	}
}

// users makes a provider exchange the code "good" and know a user.
func (p *provider) users(claims map[string]any) {
	p.handler.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if r.FormValue("code") != "good" || r.FormValue("grant_type") != "authorization_code" || id != "shop" || secret != "hush" ||
			r.FormValue("redirect_uri") != "https://shop.example.com/oauth2/idpresponse" {
			http.Error(w, `{"error": "invalid_grant"}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token": "opaque", "token_type": "Bearer"}`)) // the checker asserts
	})
	p.handler.HandleFunc("/userinfo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer opaque" {
			http.Error(w, "", http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(claims) // the checker asserts
	})
}

func status(t *testing.T, err error) int {
	t.Helper()
	var refusal *identity.Refusal
	require.True(t, errors.As(err, &refusal), "%v", err)
	return refusal.Status
}

func TestUsersWithoutASession(t *testing.T) {
	p := newProvider(t)
	c := checker(t, p)
	a := action(p)
	visit := identity.Visit{Host: "shop.example.com", Target: "/cart?item=1"}
	t.Run("authenticate sends them to the provider", func(t *testing.T) {
		out, err := c.Check(a, visit)
		require.NoError(t, err)
		to, err := url.Parse(out.Location)
		require.NoError(t, err)
		query := to.Query()
		assert.Equal(t, p.URL+"/authorize", "https://"+to.Host+to.Path)
		for name, want := range map[string]string{"tenant": "1", "client_id": "shop", "response_type": "code", "scope": "openid email",
			"redirect_uri": "https://shop.example.com/oauth2/idpresponse", "prompt": "login"} {
			assert.Equal(t, want, query.Get(name), name)
		}
		assert.NotEmpty(t, query.Get("state"))
		assert.NotContains(t, out.Location, "cart", "where they wanted to go is nobody's business")
		require.Len(t, out.Cookies, 1)
		assert.Equal(t, "AWSALBAuthNonce", out.Cookies[0].Name)
		assert.True(t, out.Cookies[0].Secure && out.Cookies[0].HttpOnly)
	})
	t.Run("deny is 401", func(t *testing.T) {
		a := a
		a.OnUnauthenticated = "deny"
		_, err := c.Check(a, visit)
		assert.Equal(t, http.StatusUnauthorized, status(t, err))
	})
	t.Run("allow goes on, and nobody can pretend to be a user", func(t *testing.T) {
		a := a
		a.OnUnauthenticated = "allow"
		out, err := c.Check(a, visit)
		require.NoError(t, err)
		assert.Empty(t, out.Location)
		for _, name := range []string{"x-amzn-oidc-accesstoken", "x-amzn-oidc-identity", "x-amzn-oidc-data"} {
			assert.Contains(t, out.Fields, message.Field{Name: name})
		}
	})
}

func TestSigningIn(t *testing.T) {
	p := newProvider(t)
	p.users(map[string]any{"sub": "u-7", "email": "a@example.com", "note": strings.Repeat("long ", 1200)})
	c := checker(t, p)
	now := time.Now()
	c.SetClock(func() time.Time { return now })
	a := action(p)
	out, err := c.Check(a, identity.Visit{Host: "shop.example.com", Target: "/cart?item=1"})
	require.NoError(t, err)
	to, err := url.Parse(out.Location)
	require.NoError(t, err)
	state, nonce := to.Query().Get("state"), out.Cookies

	back := func(query url.Values, cookies []*http.Cookie) (*identity.Outcome, error) {
		return c.Return(t.Context(), []elb.Authentication{a}, identity.Visit{Host: "shop.example.com", Target: identity.Callback + "?" + query.Encode(), Cookies: cookies})
	}
	t.Run("without state, with a forged one, or without the nonce is 401", func(t *testing.T) {
		_, err := back(url.Values{"code": {"good"}}, nonce)
		assert.Equal(t, 401, status(t, err))
		_, err = back(url.Values{"code": {"good"}, "state": {"forged"}}, nonce)
		assert.Equal(t, 401, status(t, err))
		_, err = back(url.Values{"code": {"good"}, "state": {state}}, nil)
		assert.Equal(t, 401, status(t, err))
		_, err = back(url.Values{"code": {"good"}, "state": {state}}, []*http.Cookie{{Name: "AWSALBAuthNonce", Value: "other"}})
		assert.Equal(t, 401, status(t, err))
	})
	t.Run("an error of the provider is 561", func(t *testing.T) {
		_, err := back(url.Values{"error": {"access_denied"}, "state": {state}}, nonce)
		assert.Equal(t, 561, status(t, err))
		_, err = back(url.Values{"code": {"bad"}, "state": {state}}, nonce)
		assert.Equal(t, 561, status(t, err))
	})
	t.Run("a provider that does not answer is 500", func(t *testing.T) {
		other := newProvider(t)
		other.Close()
		broken := a
		broken.TokenEndpoint = other.URL
		_, err := c.Return(t.Context(), []elb.Authentication{broken}, identity.Visit{Host: "shop.example.com",
			Target: identity.Callback + "?" + url.Values{"code": {"good"}, "state": {state}}.Encode(), Cookies: nonce})
		assert.Equal(t, 500, status(t, err))
	})
	t.Run("an action that is no longer there is 401", func(t *testing.T) {
		_, err := c.Return(t.Context(), nil, identity.Visit{Host: "shop.example.com", Target: identity.Callback + "?" + url.Values{"code": {"good"}, "state": {state}}.Encode(), Cookies: nonce})
		assert.Equal(t, 401, status(t, err))
	})

	out, err = back(url.Values{"code": {"good"}, "state": {state}}, nonce)
	require.NoError(t, err)
	assert.Equal(t, "https://shop.example.com/cart?item=1", out.Location, "back to where they wanted to go")
	session := out.Cookies
	require.Greater(t, len(session), 1, "a long session has several cookies")
	for i, name := range []string{"AWSELBAuthSessionCookie-0", "AWSELBAuthSessionCookie-1"} {
		assert.Equal(t, name, session[i].Name)
		assert.LessOrEqual(t, len(session[i].Value), 4096)
		assert.WithinDuration(t, now.Add(time.Hour), session[i].Expires, time.Second)
		assert.True(t, session[i].Secure && session[i].HttpOnly)
	}

	t.Run("a session goes on, and the target is told who it is", func(t *testing.T) {
		out, err := c.Check(a, identity.Visit{Host: "shop.example.com", Target: "/cart", Cookies: session})
		require.NoError(t, err)
		assert.Empty(t, out.Location)
		assert.Equal(t, "opaque", out.Fields.Get("x-amzn-oidc-accesstoken"))
		assert.Equal(t, "u-7", out.Fields.Get("x-amzn-oidc-identity"))
		data, err := jwt.ParseSigned(out.Fields.Get("x-amzn-oidc-data"), []jose.SignatureAlgorithm{jose.ES256})
		require.NoError(t, err)
		var claims map[string]any
		require.NoError(t, data.Claims(c.DataKey(), &claims))
		assert.Equal(t, "a@example.com", claims["email"])
		assert.Equal(t, p.URL, claims["iss"])
		assert.Equal(t, "shop", data.Headers[0].ExtraHeaders["client"])
	})
	t.Run("a session of another client, cut or ended is none", func(t *testing.T) {
		other := a
		other.ClientID = "other"
		out, err := c.Check(other, identity.Visit{Cookies: session})
		require.NoError(t, err)
		assert.NotEmpty(t, out.Location)
		out, err = c.Check(a, identity.Visit{Cookies: session[:1]})
		require.NoError(t, err)
		assert.NotEmpty(t, out.Location)
		now = now.Add(time.Hour + time.Second)
		out, err = c.Check(a, identity.Visit{Cookies: session})
		require.NoError(t, err)
		assert.NotEmpty(t, out.Location)
	})
	t.Run("who takes too long has to begin again", func(t *testing.T) {
		_, err := back(url.Values{"code": {"good"}, "state": {state}}, nonce)
		assert.Equal(t, 401, status(t, err))
	})
}
