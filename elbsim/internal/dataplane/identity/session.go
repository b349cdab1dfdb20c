// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Fields that tell a target of the user (ALB user guide, "User claims encoding and signature verification").
const (
	fieldToken    = "x-amzn-oidc-accesstoken"
	fieldIdentity = "x-amzn-oidc-identity"
	fieldData     = "x-amzn-oidc-data"
)

const (
	// shardSize is the length of a cookie's value; longer sessions are cut (ALB user guide: cookies of 4 K, names with
	// -0, -1 and so on behind).
	shardSize = 4 << 10
	maxShards = 4
	// dataLifetime is how long a target should believe the user claims of one request.
	dataLifetime = 2 * time.Minute
)

// session is what a user's cookies say.
type session struct {
	Issuer string         `json:"issuer"`
	Client string         `json:"client"`
	Token  string         `json:"token"`
	Claims map[string]any `json:"claims"`
	Until  time.Time      `json:"until"`
}

func shard(name string, i int) string { return fmt.Sprintf("%s-%d", name, i) }

func (c *Checker) sessionCookies(a elb.Authentication, s session) ([]*http.Cookie, error) {
	text, err := c.seal.close(s)
	if err != nil {
		return nil, err
	}
	var out []*http.Cookie
	for text != "" {
		n := min(shardSize, len(text))
		out = append(out, cookie(shard(a.SessionCookie, len(out)), text[:n], s.Until))
		text = text[n:]
	}
	if len(out) > maxShards {
		return nil, refuse(http.StatusUnauthorized, "the session needs %d cookies; %d are allowed", len(out), maxShards)
	}
	return out, nil
}

// session reads a user's cookies; nil if there is no session of that action, or it has ended.
func (c *Checker) session(a elb.Authentication, cookies []*http.Cookie) *session {
	values := map[string]string{}
	for _, x := range cookies {
		values[x.Name] = x.Value
	}
	var text strings.Builder
	for i := range maxShards {
		text.WriteString(values[shard(a.SessionCookie, i)])
	}
	var s session
	if c.seal.open(text.String(), &s) != nil || s.Issuer != a.Issuer || s.Client != a.ClientID || c.now().After(s.Until) {
		return nil
	}
	return &s
}

// fieldsOf are the fields for a target. The claims are signed by a key of this checker, as AWS signs them by one of the
// region.
func (c *Checker) fieldsOf(a elb.Authentication, s *session) (message.Fields, error) {
	expires := c.now().Add(dataLifetime)
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("client", a.ClientID).WithHeader("iss", a.Issuer).WithHeader("exp", expires.Unix())
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: c.sign}, options)
	if err != nil {
		return nil, err
	}
	data, err := jwt.Signed(signer).Claims(s.Claims).Claims(jwt.Claims{Issuer: a.Issuer, Expiry: jwt.NewNumericDate(expires)}).Serialize()
	if err != nil {
		return nil, err
	}
	subject, _ := s.Claims["sub"].(string)
	return message.Fields{{Name: fieldToken, Value: s.Token}, {Name: fieldIdentity, Value: subject}, {Name: fieldData, Value: data}}, nil
}
