// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package identity finds out who a client is before an Application Load Balancer lets its request go on: by a bearer
// token (action jwt-validation), or by signing in at an OpenID Connect provider (authenticate-oidc and
// authenticate-cognito). It calls providers over HTTP and remembers nothing of users: their sessions are in cookies
// that only it can read.
package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// callTimeout limits one call of a provider.
const callTimeout = 5 * time.Second

// Checker checks clients. Listeners share one, so that a session is good at all of them. It is safe for concurrent
// use.
type Checker struct {
	http *http.Client
	now  func() time.Time
	seal sealer
	sign *ecdsa.PrivateKey

	mu   sync.Mutex
	keys map[string]*keySet // by JWKS endpoint
}

// Refusal is why a request does not go on, and the status that says so.
type Refusal struct {
	Status int
	Reason string
}

func (r *Refusal) Error() string { return r.Reason }

func refuse(status int, format string, args ...any) *Refusal {
	return &Refusal{Status: status, Reason: fmt.Sprintf(format, args...)}
}

// New makes a checker with keys of its own: sessions end with it. client calls providers; nil is one that trusts the
// system's authorities.
func New(client *http.Client) (*Checker, error) {
	if client == nil {
		client = &http.Client{}
	}
	limited := *client
	limited.Timeout = callTimeout
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	sign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	encrypter, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: secret}, nil)
	if err != nil {
		return nil, err
	}
	return &Checker{http: &limited, now: time.Now, seal: sealer{encrypter, secret}, sign: sign, keys: map[string]*keySet{}}, nil
}
