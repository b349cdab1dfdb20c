// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package rule_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/rule"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func TestTransforms(t *testing.T) {
	const url, host = "url-rewrite", "host-header-rewrite"
	one := func(kind, regex, replace string) []elb.Transform {
		return []elb.Transform{{Type: kind, Rewrites: []elb.Rewrite{{Regex: regex, Replace: replace}}}}
	}
	tests := []struct {
		name              string
		transforms        []elb.Transform
		wantHost, wantURL string // empty: unchanged
	}{
		{"a group in the replacement", one(url, `^/dp/([A-Z0-9]+)/?$`, "/product?id=$1"), "", "/dp/A7?x=1"},
		{"the URL has its query", one(url, `^/dp/([A-Z0-9]+)\?(.*)$`, "/product?id=$1&$2"), "", "/product?id=A7&x=1"},
		{"a letter behind a group", one(url, `^/dp/(A)(\d)`, "/$1item$2"), "", "/Aitem7?x=1"},
		{"a dollar that is no group", one(url, `^/dp`, "/$dp$"), "", "/$dp$/A7?x=1"},
		{"a group that does not exist is empty", one(url, `^/dp/`, "/x$7/"), "", "/x/A7?x=1"},
		{"the whole path and not the query, as the controller's Gateway asks for", one(url, `^([^?]*)`, "/new"), "", "/new?x=1"},
		{"only the first match", one(url, `[A7]`, "-"), "", "/dp/-7?x=1"},
		{"a host", one(host, `^shop\.(.+)$`, "internal.$1"), "internal.example.com", ""},
		{"a host as a whole", one(host, `.*`, "b.example.com"), "b.example.com", ""},
		{"nothing that matches", one(host, `^other`, "x"), "", ""},
		{"both at once", append(one(host, `^shop`, "s"), one(url, `^/dp`, "/d")...), "s.example.com", "/d/A7?x=1"},
		{"one after the other", []elb.Transform{{Type: url, Rewrites: []elb.Rewrite{{Regex: "^/dp", Replace: "/a"}, {Regex: "^/a", Replace: "/b"}}}}, "", "/b/A7?x=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			transform, err := rule.CompileTransforms(tt.transforms)
			require.NoError(t, err)
			gotHost, gotURL, err := transform.Apply("shop.example.com", "/dp/A7?x=1")
			require.NoError(t, err)
			if tt.wantHost == "" {
				tt.wantHost = "shop.example.com"
			}
			if tt.wantURL == "" {
				tt.wantURL = "/dp/A7?x=1"
			}
			assert.Equal(t, tt.wantHost, gotHost)
			assert.Equal(t, tt.wantURL, gotURL)
		})
	}
	for name, transforms := range map[string][]elb.Transform{
		"a URL without its slash": one(url, `^/dp`, "dp"),
		"a space in the URL":      one(url, `^/dp`, "/d p"),
		"no host":                 one(host, `.*`, ""),
		"a path in the host":      one(host, `^shop`, "a/b"),
	} {
		t.Run("fails: "+name, func(t *testing.T) {
			transform, err := rule.CompileTransforms(transforms)
			require.NoError(t, err)
			_, _, err = transform.Apply("shop.example.com", "/dp/A7?x=1")
			assert.EqualError(t, err, "a transform made an invalid host or URL")
		})
	}
	none, err := rule.CompileTransforms(nil)
	require.NoError(t, err)
	assert.Nil(t, none)
	_, err = rule.CompileTransforms(one(url, `(?=a)`, ""))
	assert.ErrorContains(t, err, `transform "url-rewrite": error parsing regexp`)
	_, err = rule.CompileTransforms(one("shout", `a`, ""))
	assert.EqualError(t, err, `transform "shout" is not served; known are host-header-rewrite and url-rewrite`)
}
