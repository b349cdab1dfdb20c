// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

// warnShadowed names rules of an Application Load Balancer that never act, because one that is evaluated before matches all that they match.
func (p *plan) warnShadowed(lb elb.LoadBalancer) {
	shadows, live := map[string]string{}, map[string]bool{}
	owners := map[string]string{}
	for _, l := range lb.Listeners {
		for i, r := range l.Rules {
			id := identity(r)
			first := slices.IndexFunc(l.Rules[:i], func(earlier elb.Rule) bool { return covers(earlier, r) })
			if first < 0 {
				live[id] = true
				continue
			}
			owners[id] = owner(lb, r)
			shadows[id] = fmt.Sprintf("its rule for %s never acts: at %s:%d the rule for %s of %s goes first; take one of the two out, or make the first match less",
				described(r), l.Protocol, l.Port, described(l.Rules[first]), owner(lb, l.Rules[first]))
		}
	}
	for id, message := range shadows {
		if !live[id] { // at no listener
			p.warning(owners[id], "%s", message)
		}
	}
}

// identity is equal for a rule at two listeners.
func identity(r elb.Rule) string {
	r.Priority = 0
	text, err := json.Marshal(r)
	if err != nil {
		return "" // a rule can always be written
	}
	return string(text)
}

// owner is the object that a rule is made from: the one whose target group it forwards to, or else the first.
func owner(lb elb.LoadBalancer, r elb.Rule) string {
	for _, a := range r.Actions {
		for _, w := range a.Forward {
			for _, o := range lb.Objects {
				if strings.HasPrefix(w.TargetGroup, strings.TrimPrefix(o, "Ingress ")+"-") {
					return o
				}
			}
		}
	}
	return lb.Objects[0]
}

func described(r elb.Rule) string {
	var host, path string
	for _, c := range r.Conditions {
		switch c.Field {
		case "host-header":
			host = strings.Join(append(c.Values, c.Regex...), "|")
		case "path-pattern":
			path = strings.Join(append(c.Values, c.Regex...), "|")
		}
	}
	return strings.TrimSpace(host + " " + path)
}

// covers says whether a rule surely matches every request that another matches.
func covers(wide, narrow elb.Rule) bool {
	for _, w := range wide.Conditions {
		if !slices.ContainsFunc(narrow.Conditions, func(n elb.Condition) bool { return conditionCovers(w, n) }) {
			return false
		}
	}
	return true
}

func conditionCovers(wide, narrow elb.Condition) bool {
	if reflect.DeepEqual(wide, narrow) {
		return true
	}
	if wide.Field == "path-pattern" && slices.Contains(wide.Values, "/*") {
		return true // every path begins with a slash
	}
	if wide.Field != narrow.Field || !strings.EqualFold(wide.Header, narrow.Header) || len(narrow.Values) == 0 || len(narrow.Regex)+len(narrow.Query) > 0 {
		return false
	}
	return !slices.ContainsFunc(narrow.Values, func(n string) bool {
		return !slices.ContainsFunc(wide.Values, func(w string) bool { return patternCovers(wide.Field, w, n) })
	})
}

// patternCovers says whether a pattern matches all that another one does: if they are equal, or if the first has one star, at an end.
func patternCovers(field, wide, narrow string) bool {
	if field == "host-header" {
		wide, narrow = strings.ToLower(wide), strings.ToLower(narrow)
	}
	if wide == narrow {
		return true
	}
	if field != "host-header" && field != "path-pattern" {
		return false
	}
	if strings.Count(wide, "*") != 1 || strings.Contains(wide, "?") {
		return false
	}
	if start, ok := strings.CutSuffix(wide, "*"); ok {
		return strings.HasPrefix(narrow, start)
	}
	end, ok := strings.CutPrefix(wide, "*")
	return ok && strings.HasSuffix(narrow, end)
}
