// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package elbtext puts parts of a load balancer into words, one line each: for plans, differences and whoever else
// shows them to a person. The words are not promised to stay.
package elbtext

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

var fields = map[string]string{
	"host-header": "host", "path-pattern": "path", "http-request-method": "method", "source-ip": "source", "query-string": "query",
}

// Conditions says what a rule matches: "host a.example or b.example, path /*".
func Conditions(all []elb.Condition) string {
	var out []string
	for _, c := range all {
		field := fields[c.Field]
		if c.Field == "http-header" {
			field = "header " + c.Header
		}
		values := append([]string{}, c.Values...)
		for _, r := range c.Regex {
			values = append(values, "~"+r)
		}
		for _, q := range c.Query {
			if q.Key == "" {
				values = append(values, q.Value)
			} else {
				values = append(values, q.Key+"="+q.Value)
			}
		}
		out = append(out, field+" "+strings.Join(values, " or "))
	}
	return strings.Join(out, ", ")
}

// Actions says what is done with a request: transforms first.
func Actions(transforms []elb.Transform, all []elb.Action) string {
	var out []string
	for _, t := range transforms {
		for _, r := range t.Rewrites {
			out = append(out, fmt.Sprintf("%s %s to %s", t.Type, r.Regex, r.Replace))
		}
	}
	for _, a := range all {
		out = append(out, action(a))
	}
	return strings.Join(out, ", then ")
}

func action(a elb.Action) string {
	switch {
	case a.Redirect != nil:
		return redirect(*a.Redirect)
	case a.FixedResponse != nil:
		f := a.FixedResponse
		text := fmt.Sprintf("answer %d", f.StatusCode)
		if f.Body != "" {
			text += fmt.Sprintf(" %q", f.Body)
		}
		return text
	case len(a.Forward) == 1:
		return a.Forward[0].TargetGroup
	case len(a.Forward) > 1:
		var out []string
		for _, w := range a.Forward {
			out = append(out, fmt.Sprintf("%d× %s", w.Weight, w.TargetGroup))
		}
		text := strings.Join(out, " + ")
		if a.StickySeconds > 0 {
			text += fmt.Sprintf(" (sticky for %d s)", a.StickySeconds)
		}
		return text
	}
	switch {
	case a.JWT != nil:
		return fmt.Sprintf("%s (tokens of %s)", a.Type, a.JWT.Issuer)
	case a.Authenticate != nil:
		return fmt.Sprintf("%s (at %s, else %s)", a.Type, a.Authenticate.Issuer, a.Authenticate.OnUnauthenticated)
	}
	return a.Type
}

// redirect names the parts of the address that change; the others stay.
func redirect(r elb.Redirect) string {
	text := fmt.Sprintf("redirect %d to", r.StatusCode)
	for _, part := range []struct{ what, value string }{
		{"", r.Protocol}, {"host ", r.Host}, {"port ", r.Port}, {"path ", r.Path}, {"query ", r.Query},
	} {
		if part.value != "" {
			text += " " + part.what + part.value
		}
	}
	return text
}

// Asked names the address that was asked for: an Elastic IP address or one of the subnet; "" if AWS chooses.
func Asked(a elb.Address) string {
	return cmp.Or(a.AllocationID, a.PrivateIPv4)
}

// Inbound says whom a rule of a security group lets in.
func Inbound(r elb.InboundRule) string {
	switch {
	case r.Protocol == "-1":
		return "everything from " + r.Source
	case r.FromPort == r.ToPort:
		return fmt.Sprintf("%s %d from %s", r.Protocol, r.FromPort, r.Source)
	}
	return fmt.Sprintf("%s %d-%d from %s", r.Protocol, r.FromPort, r.ToPort, r.Source)
}
