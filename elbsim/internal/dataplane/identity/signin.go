// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Callback is the path that a provider sends users back to (ALB user guide, "Authenticate users").
const Callback = "/oauth2/idpresponse"

const (
	nonceCookie = "AWSALBAuthNonce"
	// loginTimeout is how long a user may take to sign in.
	loginTimeout = 15 * time.Minute
	// maxClaims is the most that a provider may say of a user, in bytes.
	maxClaims = 11 << 10
	// statusProvider is what a client gets when the provider reports an error (troubleshooting guide).
	statusProvider = 561
)

// Visit is a request as signing in sees it.
type Visit struct {
	Host    string // of the client's URL, with a port that is not 443
	Target  string // path and query
	Cookies []*http.Cookie
}

// Outcome is what becomes of a visit: a redirect, or a request that goes on with fields about the user.
type Outcome struct {
	Location string // empty: go on
	Cookies  []*http.Cookie
	Fields   message.Fields // replace the client's fields of these names; an empty value only takes the name away
}

// login is what travels with a user to the provider and back.
type login struct {
	Return string    `json:"return"` // URL
	Nonce  string    `json:"nonce"`
	Until  time.Time `json:"until"`
	Issuer string    `json:"issuer"`
	Client string    `json:"client"`
}

// Check lets a user with a session go on and does with any other what the action says.
func (c *Checker) Check(a elb.Authentication, v Visit) (*Outcome, error) {
	if s := c.session(a, v.Cookies); s != nil {
		fields, err := c.fieldsOf(a, s)
		return &Outcome{Fields: fields}, err
	}
	switch a.OnUnauthenticated {
	case "deny":
		return nil, refuse(http.StatusUnauthorized, "nobody is signed in")
	case "allow":
		return &Outcome{Fields: message.Fields{{Name: fieldToken}, {Name: fieldIdentity}, {Name: fieldData}}}, nil
	}
	l := login{Return: "https://" + v.Host + v.Target, Nonce: rand.Text(), Until: c.now().Add(loginTimeout), Issuer: a.Issuer, Client: a.ClientID}
	state, err := c.seal.close(l)
	if err != nil {
		return nil, err
	}
	options := []oauth2.AuthCodeOption{}
	for name, value := range a.ExtraParams {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return &Outcome{
		Location: config(a, v.Host).AuthCodeURL(state, options...),
		Cookies:  []*http.Cookie{cookie(nonceCookie, l.Nonce, l.Until)},
	}, nil
}

// Return takes a user back from a provider: it exchanges the code, asks who it is, and begins a session. all are the
// actions of the listener; the one that sent the user away is found by what travelled with it.
func (c *Checker) Return(ctx context.Context, all []elb.Authentication, v Visit) (*Outcome, error) {
	_, text, _ := strings.Cut(v.Target, "?")
	query, err := url.ParseQuery(text)
	if err != nil {
		return nil, refuse(http.StatusUnauthorized, "query: %v", err)
	}
	var l login
	if err := c.seal.open(query.Get("state"), &l); err != nil {
		return nil, refuse(http.StatusUnauthorized, "the parameter state is missing or not this load balancer's")
	}
	nonce := ""
	for _, x := range v.Cookies {
		if x.Name == nonceCookie {
			nonce = x.Value
		}
	}
	if nonce != l.Nonce || c.now().After(l.Until) {
		return nil, refuse(http.StatusUnauthorized, "the cookie %s is missing or of another sign-in, or it took too long", nonceCookie)
	}
	if code := query.Get("error"); code != "" {
		return nil, refuse(statusProvider, "the provider says %q", code)
	}
	for _, a := range all {
		if a.Issuer == l.Issuer && a.ClientID == l.Client {
			return c.begin(ctx, a, v.Host, query.Get("code"), l.Return)
		}
	}
	return nil, refuse(http.StatusUnauthorized, "no action of the listener has sent the user away")
}

func (c *Checker) begin(ctx context.Context, a elb.Authentication, host, code, back string) (*Outcome, error) {
	token, err := config(a, host).Exchange(context.WithValue(ctx, oauth2.HTTPClient, c.http), code)
	if err != nil {
		var said *oauth2.RetrieveError
		if errors.As(err, &said) {
			return nil, refuse(statusProvider, "the token endpoint says: %v", err)
		}
		return nil, refuse(http.StatusInternalServerError, "token endpoint: %v", err)
	}
	claims, refusal := c.userInfo(ctx, a, token)
	if refusal != nil {
		return nil, refusal
	}
	until := c.now().Add(time.Duration(a.SessionSeconds) * time.Second)
	cookies, err := c.sessionCookies(a, session{Issuer: a.Issuer, Client: a.ClientID, Token: token.AccessToken, Claims: claims, Until: until})
	return &Outcome{Location: back, Cookies: cookies}, err
}

func (c *Checker) userInfo(ctx context.Context, a elb.Authentication, token *oauth2.Token) (map[string]any, *Refusal) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.UserInfoEndpoint, nil)
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, "user info endpoint: %v", err)
	}
	token.SetAuthHeader(req)
	body, err := c.call(req, maxClaims)
	var answered *statusError
	if errors.As(err, &answered) {
		return nil, refuse(statusProvider, "user info endpoint: %v", err)
	}
	var claims map[string]any
	if err == nil {
		err = json.Unmarshal(body, &claims)
	}
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, "user info endpoint: %v", err)
	}
	return claims, nil
}

func config(a elb.Authentication, host string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: a.ClientID, ClientSecret: a.ClientSecret, RedirectURL: "https://" + host + Callback, Scopes: strings.Fields(a.Scope),
		Endpoint: oauth2.Endpoint{AuthURL: a.AuthorizationEndpoint, TokenURL: a.TokenEndpoint},
	}
}

func cookie(name, value string, until time.Time) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", Expires: until, Secure: true, HttpOnly: true}
}
