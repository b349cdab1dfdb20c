// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package rule_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/rule"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

func compile(rules ...elb.Rule) (*rule.Set[string], error) {
	return rule.Compile(rules, []elb.Action{{Type: "default"}}, func(r elb.Rule) (string, error) { return r.Actions[0].Type, nil })
}

func TestConditions(t *testing.T) {
	request := rule.Request{
		Host: "shop.example.com", Path: "/img/A.png", Query: "version=V1&empty&star=a*b", Method: "GET", Source: netip.MustParseAddr("192.0.2.7"),
		Fields: message.Fields{{Name: "x-env", Value: "Prod-1"}, {Name: "X-Env", Value: "test"}},
	}
	host := func(v ...string) elb.Condition { return elb.Condition{Field: "host-header", Values: v} }
	path := func(v ...string) elb.Condition { return elb.Condition{Field: "path-pattern", Values: v} }
	header := func(name string, v ...string) elb.Condition {
		return elb.Condition{Field: "http-header", Header: name, Values: v}
	}
	query := func(key, value string) elb.Condition {
		return elb.Condition{Field: "query-string", Query: []elb.QueryPair{{Key: key, Value: value}}}
	}
	tests := []struct {
		name      string
		condition elb.Condition
		want      bool
	}{
		{"row 38: any value suffices", host("other.org", "shop.example.com"), true},
		{"row 39: a host in another case", host("SHOP.Example.com"), true},
		{"row 39: * stands for any run", host("*.example.com"), true},
		{"row 39: * stands for an empty run", host("shop*.example.com"), true},
		{"row 39: a wildcard host needs its dot", elb.Condition{Field: "host-header", Values: []string{"*.shop.example.com"}}, false},
		{"row 39: ? stands for one character", host("sho?.example.com"), true},
		{"row 39: ? does not stand for none", host("shop?.example.com"), false},
		{"row 39: a host is not a suffix", host("example.com"), false},
		{"row 40: a path with wildcards", path("/img/*.p?g"), true},
		{"row 40: a path in another case", path("/img/a.png"), false},
		{"row 40: a path does not see the query", path("/img/A.png?*"), false},
		{"row 40: several stars", path("*m*A*g"), true},
		{"row 41: a header in another case, repeated", header("X-ENV", "TEST"), true},
		{"row 41: wildcards in a header's value", header("x-env", "prod-*"), true},
		{"row 41: no wildcards in a header's name", header("x-*", "test"), false},
		{"row 41: a method", elb.Condition{Field: "http-request-method", Values: []string{"GET"}}, true},
		{"row 41: a method in another case", elb.Condition{Field: "http-request-method", Values: []string{"get"}}, false},
		{"row 41: a query pair in another case", query("Version", "v1"), true},
		{"row 41: a query value under any key", query("", "v1"), true},
		{"row 41: a query value under another key", query("other", "v1"), false},
		{"row 41: an escaped star in a query is a star", query("star", `a\*b`), true},
		{"row 41: and nothing else", query("version", `\*`), false},
		{"row 41: a query key without a value", query("empty", ""), true},
		{"row 42: the source in a range", elb.Condition{Field: "source-ip", Values: []string{"10.0.0.0/8", "192.0.2.0/24"}}, true},
		{"row 42: the source outside", elb.Condition{Field: "source-ip", Values: []string{"10.0.0.0/8"}}, false},
		{"a regular expression", elb.Condition{Field: "path-pattern", Regex: []string{"^/img/[A-Z]"}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := compile(elb.Rule{Conditions: []elb.Condition{tt.condition}, Actions: []elb.Action{{Type: "rule"}}})
			require.NoError(t, err)
			assert.Equal(t, tt.want, set.Match(&request) == "rule")
		})
	}
}

func TestRow37LowestPriorityNumberWins(t *testing.T) {
	any := []elb.Condition{{Field: "path-pattern", Values: []string{"*"}}}
	set, err := compile(
		elb.Rule{Priority: 20, Conditions: any, Actions: []elb.Action{{Type: "second"}}},
		elb.Rule{Priority: 3, Conditions: any, Actions: []elb.Action{{Type: "first"}}})
	require.NoError(t, err)
	assert.Equal(t, "first", set.Match(&rule.Request{Path: "/"}))
}

func TestRulesThatCannotBeServedAreRefused(t *testing.T) {
	tests := []struct {
		name string
		rule elb.Rule
		want string
	}{
		{"an unknown condition", elb.Rule{Conditions: []elb.Condition{{Field: "cookie", Values: []string{"a"}}}},
			"condition on \"cookie\" is not served; known are host-header, path-pattern, http-request-method, http-header, query-string and source-ip"},
		{"a condition without values", elb.Rule{Conditions: []elb.Condition{{Field: "host-header"}}}, "condition \"host-header\" has no values"},
		{"a source that is no range", elb.Rule{Conditions: []elb.Condition{{Field: "source-ip", Values: []string{"10.0.0.1"}}}}, "no '/'"},
		{"a broken expression", elb.Rule{Conditions: []elb.Condition{{Field: "path-pattern", Regex: []string{"("}}}}, "missing closing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.rule.Priority = 7
			_, err := compile(tt.rule)
			require.ErrorContains(t, err, "rule 7: ")
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestRow43Location(t *testing.T) {
	request := rule.Request{Host: "shop.example.com", Path: "/a/b", Query: "x=1"}
	tests := []struct {
		name     string
		redirect elb.Redirect
		tls      bool
		port     int32
		want     string
	}{
		{"to HTTPS, with its port", elb.Redirect{Protocol: "HTTPS", Port: "443"}, false, 80, "https://shop.example.com:443/a/b?x=1"},
		{"parts that are not given are the request's", elb.Redirect{Host: "www.#{host}"}, true, 8443, "https://www.shop.example.com:8443/a/b?x=1"},
		{"#{path} has no leading slash", elb.Redirect{Path: "/old/#{path}"}, false, 80, "http://shop.example.com:80/old/a/b?x=1"},
		{"#{query} comes with its ?", elb.Redirect{Query: "#{query}&y=2"}, false, 80, "http://shop.example.com:80/a/b?x=1&y=2"},
		{"all of it", elb.Redirect{Protocol: "#{protocol}", Host: "#{host}", Port: "#{port}", Path: "/#{path}", Query: "#{query}"}, true, 443, "https://shop.example.com:443/a/b?x=1"},
	}
	for _, tt := range tests {
		t.Run("row 43: "+tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, rule.Location(tt.redirect, &request, tt.tls, tt.port))
		})
	}
	t.Run("row 43: without a query there is no ?", func(t *testing.T) {
		assert.Equal(t, "http://a:80/", rule.Location(elb.Redirect{}, &rule.Request{Host: "a", Path: "/"}, false, 80))
	})
}
