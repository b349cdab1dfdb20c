// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package loadbalancer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Fault is what goes wrong at AWS on purpose, until it is cleared: calls that fail. elbsim knows more kinds; its
// openapi.yaml describes them.
type Fault struct {
	Type      string `json:"type"`      // error
	Operation string `json:"operation"` // such as CreateTargetGroup, or * for all
	Code      string `json:"code"`      // AWS's error code, such as Throttling
}

// AddFault sets one more fault (POST /v1/faults).
func (c *Client) AddFault(ctx context.Context, f Fault) error {
	body, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode fault: %w", err)
	}
	return c.send(ctx, http.MethodPost, "/v1/faults", bytes.NewReader(body), http.StatusCreated, nothing)
}

// ClearFaults ends all faults (DELETE /v1/faults).
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.send(ctx, http.MethodDelete, "/v1/faults", nil, http.StatusNoContent, nothing)
}

func nothing(io.Reader) error { return nil }

// Call is one call of the controller to AWS.
type Call struct {
	Operation string `json:"operation"` // such as CreateTargetGroup
	Error     string `json:"error"`     // AWS's error code and message; empty if it succeeded
}

// Calls returns the calls that began after a time and are remembered, oldest first (GET /v1/calls).
func (c *Client) Calls(ctx context.Context, since time.Time) ([]Call, error) {
	var out []Call
	query := url.Values{"since": {since.Format(time.RFC3339Nano)}}
	err := c.get(ctx, "/v1/calls?"+query.Encode(), func(r io.Reader) error { return json.NewDecoder(r).Decode(&out) })
	return out, err
}
