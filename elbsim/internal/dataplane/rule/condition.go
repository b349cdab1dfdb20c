// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package rule

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// Request is what conditions look at.
type Request struct {
	Host   string // lower case, without port
	Path   string // as sent, without query
	Query  string // as sent
	Method string
	Fields message.Fields
	Source netip.Addr // of the connection, never of X-Forwarded-For (row 42)
}

// condition tells whether any of its values holds.
type condition func(*Request) bool

func compileCondition(c elb.Condition) (condition, error) {
	if len(c.Values)+len(c.Regex)+len(c.Query) == 0 {
		return nil, fmt.Errorf("condition %q has no values", c.Field)
	}
	switch c.Field {
	case "host-header": // row 39
		match, err := texts(c, true)
		return func(r *Request) bool { return match(r.Host) }, err
	case "path-pattern": // row 40
		match, err := texts(c, false)
		return func(r *Request) bool { return match(r.Path) }, err
	case "http-request-method": // row 41: exact
		return func(r *Request) bool { return slices.Contains(c.Values, r.Method) }, nil
	case "http-header": // row 41
		match, err := texts(c, true)
		return func(r *Request) bool { return slices.ContainsFunc(r.Fields.Values(c.Header), match) }, err
	case "query-string":
		return compileQuery(c.Query), nil
	case "source-ip":
		return compileSource(c.Values)
	}
	return nil, fmt.Errorf("condition on %q is not served; known are host-header, path-pattern, http-request-method, http-header, query-string and source-ip", c.Field)
}

// texts matches any of the wildcard or regular-expression values.
func texts(c elb.Condition, foldCase bool) (func(string) bool, error) {
	fold := func(s string) string { return s }
	if foldCase {
		fold = strings.ToLower
	}
	patterns := make([][]token, len(c.Values))
	for i, v := range c.Values {
		patterns[i] = tokens(fold(v), false)
	}
	var expressions []*regexp.Regexp
	for _, v := range c.Regex {
		re, err := regexp.Compile(v)
		if err != nil {
			return nil, fmt.Errorf("condition on %q: %w", c.Field, err)
		}
		expressions = append(expressions, re)
	}
	return func(s string) bool {
		folded := fold(s)
		return slices.ContainsFunc(patterns, func(p []token) bool { return wildcard(p, folded) }) ||
			slices.ContainsFunc(expressions, func(re *regexp.Regexp) bool { return re.MatchString(s) })
	}, nil
}

// compileQuery matches one pair of the query string; both halves may hold wildcards (row 41).
func compileQuery(pairs []elb.QueryPair) condition {
	type pair struct {
		anyKey     bool
		key, value []token
	}
	compiled := make([]pair, len(pairs))
	for i, p := range pairs {
		compiled[i] = pair{p.Key == "", tokens(strings.ToLower(p.Key), true), tokens(strings.ToLower(p.Value), true)}
	}
	return func(r *Request) bool {
		for part := range strings.SplitSeq(strings.ToLower(r.Query), "&") {
			key, value, _ := strings.Cut(part, "=")
			if part != "" && slices.ContainsFunc(compiled, func(p pair) bool {
				return (p.anyKey || wildcard(p.key, key)) && wildcard(p.value, value)
			}) {
				return true
			}
		}
		return false
	}
}

func compileSource(values []string) (condition, error) {
	var ranges []netip.Prefix
	for _, v := range values {
		p, err := netip.ParsePrefix(v)
		if err != nil {
			return nil, fmt.Errorf("condition on \"source-ip\": %w", err)
		}
		ranges = append(ranges, p)
	}
	return func(r *Request) bool {
		return slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(r.Source) })
	}, nil
}
