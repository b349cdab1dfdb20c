// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Limits of a JWKS endpoint (ALB user guide, "Verify JWTs").
const (
	maxKeySet = 150 << 10 // bytes
	maxKeys   = 10
)

const (
	// keysFresh is how long keys are used without asking again. AWS documents no figure.
	keysFresh = 5 * time.Minute
	// keysAgain is how soon a token with an unknown key makes them asked for again.
	keysAgain = 10 * time.Second
)

// keySet is what an endpoint said last.
type keySet struct {
	set   jose.JSONWebKeySet
	asked time.Time
}

// keysFor returns the keys of an endpoint with that identifier; all of them if the token names none.
func (c *Checker) keysFor(ctx context.Context, endpoint, id string) ([]jose.JSONWebKey, error) {
	c.mu.Lock()
	known := c.keys[endpoint]
	c.mu.Unlock()
	if known != nil && c.now().Sub(known.asked) < keysFresh {
		if found := known.find(id); len(found) > 0 || c.now().Sub(known.asked) < keysAgain {
			return found, nil
		}
	}
	set, err := c.fetch(ctx, endpoint)
	if err != nil {
		return nil, err
	}
	fresh := &keySet{set: *set, asked: c.now()}
	c.mu.Lock()
	c.keys[endpoint] = fresh
	c.mu.Unlock()
	return fresh.find(id), nil
}

func (k *keySet) find(id string) []jose.JSONWebKey {
	if id == "" {
		return k.set.Keys
	}
	return k.set.Key(id)
}

func (c *Checker) fetch(ctx context.Context, endpoint string) (*jose.JSONWebKeySet, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return nil, err
	}
	body, err := c.call(req, maxKeySet)
	if err != nil {
		return nil, err
	}
	set := &jose.JSONWebKeySet{}
	if err := json.Unmarshal(body, set); err != nil {
		return nil, fmt.Errorf("keys of %s: %w", endpoint, err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("keys of %s: %d; at most %d are allowed", endpoint, len(set.Keys), maxKeys)
	}
	return set, nil
}

// statusError is an answer of a provider that is not 200.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("the provider answers %d", e.status) }

// call returns the body of an answer with status 200 and at most limit bytes.
func (c *Checker) call(req *http.Request, limit int64) (body []byte, err error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return nil, &statusError{resp.StatusCode}
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("%s answers with more than %d bytes", req.URL, limit)
	}
	return body, err
}
