// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/identity"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestTokensDecideWhoReachesTheTarget(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	idp := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one"}}}) // the client asserts
	}))
	t.Cleanup(idp.Close)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	require.NoError(t, err)
	token, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: idp.URL, Expiry: jwt.NewNumericDate(time.Now().Add(time.Hour))}).Serialize()
	require.NoError(t, err)

	address, heads := recorder(t)
	s := httpsListener(t, group(t, member(t, address)))
	s.Identity, err = identity.New(idp.Client())
	require.NoError(t, err)
	s.Listener.DefaultActions = append([]elb.Action{{Type: "jwt-validation", JWT: &elb.JWTValidation{JWKSEndpoint: idp.URL, Issuer: idp.URL}}}, s.Listener.DefaultActions...)
	_, lb := start(t, s)
	for _, http2 := range []bool{false, true} {
		for authorization, want := range map[string]int{"": 401, "Bearer " + token + "x": 401, "Bearer " + token: 200} {
			req, err := http.NewRequest(http.MethodGet, "https://shop.example.com/", nil)
			require.NoError(t, err)
			req.Header.Set("Authorization", authorization)
			resp, err := client(t, lb, http2).Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, want, resp.StatusCode)
		}
		assert.Equal(t, []string{"Bearer " + token}, fields(next(t, heads), "Authorization"), "the token reaches the target as it is")
		assert.Empty(t, heads, "no other request does")
	}
}

func TestUsersSignInBeforeTheyReachTheTarget(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {"good"}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token": "opaque", "token_type": "Bearer"}`)) // the client asserts
	})
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"sub": "u-7"}`)) })
	idp := httptest.NewTLSServer(mux)
	t.Cleanup(idp.Close)

	address, heads := recorder(t)
	s := httpsListener(t, group(t, member(t, address)))
	var err error
	s.Identity, err = identity.New(idp.Client())
	require.NoError(t, err)
	login := elb.Authentication{Issuer: idp.URL, AuthorizationEndpoint: idp.URL + "/authorize", TokenEndpoint: idp.URL + "/token", UserInfoEndpoint: idp.URL + "/userinfo",
		ClientID: "shop", Scope: "openid", SessionCookie: "AWSELBAuthSessionCookie", SessionSeconds: 60, OnUnauthenticated: "authenticate"}
	s.Listener.Rules = []elb.Rule{{Priority: 1, Conditions: []elb.Condition{{Field: "path-pattern", Values: []string{"/private*"}}},
		Actions: append([]elb.Action{{Type: "authenticate-oidc", Authenticate: &login}}, forward("tg")...)}}
	_, lb := start(t, s)
	visit := func(to string, cookies []*http.Cookie) *http.Response {
		req, err := http.NewRequest(http.MethodGet, to, nil)
		require.NoError(t, err)
		req.Header.Set("X-Amzn-Oidc-Identity", "admin")
		for _, c := range cookies {
			req.AddCookie(c)
		}
		resp, err := client(t, lb, true).Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp
	}
	resp := visit("https://shop.example.com/private?x=1", nil)
	require.Equal(t, http.StatusFound, resp.StatusCode)
	assert.Empty(t, heads)

	browser := idp.Client()
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	away, err := browser.Get(resp.Header.Get("Location"))
	require.NoError(t, err)
	require.NoError(t, away.Body.Close())

	resp = visit(away.Header.Get("Location"), resp.Cookies())
	require.Equal(t, http.StatusFound, resp.StatusCode, "the callback belongs to the listener, whatever its rules")
	assert.Equal(t, "https://shop.example.com/private?x=1", resp.Header.Get("Location"))

	resp = visit(resp.Header.Get("Location"), resp.Cookies())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	head := next(t, heads)
	assert.Equal(t, []string{"u-7"}, fields(head, "x-amzn-oidc-identity"), "what the client claims does not count")
	assert.Equal(t, []string{"opaque"}, fields(head, "x-amzn-oidc-accesstoken"))
	assert.Len(t, fields(head, "x-amzn-oidc-data"), 1)
	assert.Empty(t, heads)

	resp = visit("https://shop.example.com/oauth2/idpresponse", nil)
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	resp = visit("https://shop.example.com/public", nil)
	assert.Equal(t, http.StatusOK, resp.StatusCode, "other rules need no user")
}
