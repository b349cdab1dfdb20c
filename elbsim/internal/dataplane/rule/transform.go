// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package rule

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// errRewritten is a rewrite whose result is no request any more.
var errRewritten = errors.New("a transform made an invalid host or URL")

// Transform rewrites what a target gets of a request. The rule has been chosen before (ALB user guide, "Transforms for
// listener rules").
type Transform struct {
	host, url []rewrite
}

// rewrite replaces what an expression matches. Its template is in the form of package regexp.
type rewrite struct {
	match    *regexp.Regexp
	template string
}

// CompileTransforms compiles the transforms of a rule; none are nil.
func CompileTransforms(transforms []elb.Transform) (*Transform, error) {
	if len(transforms) == 0 {
		return nil, nil
	}
	out := &Transform{}
	for _, t := range transforms {
		var rewrites []rewrite
		for _, r := range t.Rewrites {
			match, err := regexp.Compile(r.Regex)
			if err != nil {
				return nil, fmt.Errorf("transform %q: %w", t.Type, err)
			}
			rewrites = append(rewrites, rewrite{match, template(r.Replace)})
		}
		switch t.Type {
		case "host-header-rewrite":
			out.host = append(out.host, rewrites...)
		case "url-rewrite":
			out.url = append(out.url, rewrites...)
		default:
			return nil, fmt.Errorf("transform %q is not served; known are host-header-rewrite and url-rewrite", t.Type)
		}
	}
	return out, nil
}

// digits are a capture group in AWS's templates, $1. Package regexp would take the letters behind them as well.
var digits = regexp.MustCompile(`\$(\d+)`)

func template(replace string) string {
	var out strings.Builder
	rest := replace
	for {
		at := digits.FindStringIndex(rest)
		if at == nil {
			out.WriteString(strings.ReplaceAll(rest, "$", "$$"))
			return out.String()
		}
		out.WriteString(strings.ReplaceAll(rest[:at[0]], "$", "$$"))
		out.WriteString("${" + rest[at[0]+1:at[1]] + "}")
		rest = rest[at[1]:]
	}
}

// Apply returns host and URL (path and query, as sent) after the rewrites. What no expression matches stays. An error
// means status 500.
func (t *Transform) Apply(host, url string) (newHost, newURL string, err error) {
	newHost, newURL = apply(t.host, host), apply(t.url, url)
	if newHost == "" && host != "" || strings.ContainsAny(newHost, " \t/\\@?#<>\"\x00\r\n") {
		return "", "", errRewritten
	}
	if !strings.HasPrefix(newURL, "/") && newURL != url || strings.ContainsAny(newURL, " \x00\r\n") && newURL != url {
		return "", "", errRewritten
	}
	return newHost, newURL, nil
}

// apply replaces the first match of each expression. AWS's documents do not say whether further ones are replaced.
func apply(rewrites []rewrite, s string) string {
	for _, r := range rewrites {
		at := r.match.FindStringSubmatchIndex(s)
		if at == nil {
			continue
		}
		s = s[:at[0]] + string(r.match.ExpandString(nil, r.template, s, at)) + s[at[1]:]
	}
	return s
}
