// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/identity"
)

// provider is an OpenID Connect provider whose answers a test can change.
type provider struct {
	*httptest.Server
	key     *rsa.PrivateKey
	set     atomic.Value // what /keys answers
	asked   atomic.Int64 // how often /keys was asked
	handler http.ServeMux
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p := &provider{key: key}
	p.publish(key, "one")
	p.handler.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		p.asked.Add(1)
		_ = json.NewEncoder(w).Encode(p.set.Load()) // the checker asserts
	})
	p.Server = httptest.NewTLSServer(&p.handler)
	t.Cleanup(p.Close)
	return p
}

// publish makes a key the only one of the provider.
func (p *provider) publish(key *rsa.PrivateKey, id string) {
	p.set.Store(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: id, Algorithm: "RS256", Use: "sig"}}})
}

// token signs claims.
func token(t *testing.T, key any, algorithm jose.SignatureAlgorithm, id string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	require.NoError(t, err)
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	require.NoError(t, err)
	return text
}

// checker is one that trusts the provider's certificate.
func checker(t *testing.T, p *provider) *identity.Checker {
	t.Helper()
	c, err := identity.New(p.Client())
	require.NoError(t, err)
	return c
}

func in(d time.Duration) int64 { return time.Now().Add(d).Unix() }
