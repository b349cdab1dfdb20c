// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package loadbalancer

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// timeout is how long a running elbsim may take for an answer.
const timeout = 10 * time.Second

// maxAnswer bounds the part of a wrong answer that an error repeats, in bytes.
const maxAnswer = 300

// Client uses the API of a running elbsim.
type Client struct {
	base string
	http *http.Client
}

// NewClient returns a client of the elbsim at a URL such as http://172.19.0.2:8080. It uses no proxy of
// this machine: a lab's network is known to nobody else.
func NewClient(url string) *Client {
	direct := &http.Transport{DisableKeepAlives: true}
	return &Client{base: strings.TrimRight(url, "/"), http: &http.Client{Timeout: timeout, Transport: direct}}
}

// List returns the load balancers with their targets, by stack (GET /v1/loadbalancers).
func (c *Client) List(ctx context.Context) ([]LoadBalancer, error) {
	var out []LoadBalancer
	err := c.get(ctx, "/v1/loadbalancers", func(r io.Reader) (err error) {
		out, err = Decode(r)
		return err
	})
	return out, err
}

// Roots returns the authority that signs the certificates of the simulated ACM (GET /v1/ca.pem), also as
// the PEM that other programs take.
func (c *Client) Roots(ctx context.Context) (pool *x509.CertPool, pem []byte, err error) {
	pool = x509.NewCertPool()
	err = c.get(ctx, "/v1/ca.pem", func(r io.Reader) (err error) {
		pem, err = io.ReadAll(r)
		if err == nil && !pool.AppendCertsFromPEM(pem) {
			err = errors.New("no certificate in it")
		}
		return err
	})
	return pool, pem, err
}

// Ready returns nil when controller and webhooks work (GET /healthz).
func (c *Client) Ready(ctx context.Context) error {
	return c.get(ctx, "/healthz", func(io.Reader) error { return nil })
}

func (c *Client) get(ctx context.Context, path string, read func(io.Reader) error) error {
	return c.send(ctx, http.MethodGet, path, nil, http.StatusOK, read)
}

// send makes a request and reads the answer if it has the wanted status.
func (c *Client) send(ctx context.Context, method, path string, body io.Reader, want int, read func(io.Reader) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("elbsim: %s %s%s: %w", method, c.base, path, err)
		}
	}()
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != want {
		body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
		return errors.Join(fmt.Errorf("%s: %s", answer.Status, strings.TrimSpace(string(body))), err)
	}
	return read(answer.Body)
}

// Decode reads a JSON array of load balancers. A field that it does not know is an error: the two
// sides of the contract have parted.
func Decode(r io.Reader) ([]LoadBalancer, error) {
	var out []LoadBalancer
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("decode load balancers: %w", err)
	}
	return out, nil
}
