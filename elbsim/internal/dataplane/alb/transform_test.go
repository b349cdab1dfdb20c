// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package alb_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestTransformsChangeWhatTheTargetGets(t *testing.T) {
	address, heads := recorder(t)
	s := httpListener(group(t, member(t, address)))
	s.Listener.Rules = []elb.Rule{
		{
			Priority:   1,
			Conditions: []elb.Condition{{Field: "path-pattern", Regex: []string{"^/old/[a-z]+$"}}},
			Transforms: []elb.Transform{
				{Type: "url-rewrite", Rewrites: []elb.Rewrite{{Regex: `^/old/(.*)$`, Replace: "/new/$1"}}},
				{Type: "host-header-rewrite", Rewrites: []elb.Rewrite{{Regex: `^shop`, Replace: "internal"}}},
			},
			Actions: forward("tg"),
		},
		{
			Priority:   2,
			Conditions: []elb.Condition{{Field: "path-pattern", Values: []string{"/new/*"}}},
			Actions:    fixedAction(http.StatusTeapot, ""),
		},
		{
			Priority:   3,
			Conditions: []elb.Condition{{Field: "path-pattern", Values: []string{"/broken"}}},
			Transforms: []elb.Transform{{Type: "url-rewrite", Rewrites: []elb.Rewrite{{Regex: `^/`, Replace: ""}}}},
			Actions:    forward("tg"),
		},
	}
	_, lb := start(t, s)
	resp, _ := exchange(t, lb, "GET /old/cart?item=1 HTTP/1.1\r\nHost: Shop.example.com:80\r\n\r\n")
	assert.Equal(t, http.StatusOK, resp.StatusCode, "the rule was chosen before")
	head := next(t, heads)
	assert.Contains(t, head, "GET /new/cart?item=1 HTTP/1.1\r\n")
	assert.Equal(t, []string{"internal.example.com"}, fields(head, "Host"))

	resp, _ = exchange(t, lb, "GET /old/7 HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Contains(t, next(t, heads), "GET /old/7 HTTP/1.1\r\n", "a regular expression as a condition that does not hold")

	resp, _ = exchange(t, lb, "GET /broken HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
	assert.Equal(t, http.StatusInternalServerError, resp.StatusCode)

	s.Listener.Port = 8080
	s.Attributes = map[string]string{"routing.http.preserve_host_header.enabled": "true"}
	_, lb = start(t, s)
	exchange(t, lb, "GET /old/cart HTTP/1.1\r\nHost: Other.example.com:81\r\n\r\n")
	assert.Equal(t, []string{"Other.example.com:81"}, fields(next(t, heads), "Host"), "a host that does not change stays as it was sent")
}
