// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plandiff

import (
	"fmt"
	"slices"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/elbtext"
)

// listeners compares listeners by port: AWS changes all else of one in place.
func (d *details) listeners(before, after elb.LoadBalancer) {
	old, gone := match(before.Listeners, after.Listeners, func(l elb.Listener) int32 { return l.Port })
	for _, l := range gone {
		*d = append(*d, Detail{Action: Delete, What: "listener", Old: name(l), Traffic: fmt.Sprintf("clients of port %d get no answer", l.Port)})
	}
	for _, l := range after.Listeners {
		was, known := old[l.Port]
		if !known {
			*d = append(*d, Detail{Action: Create, What: "listener", New: name(l)})
			was = elb.Listener{Port: l.Port, Protocol: l.Protocol}
		}
		d.listener(was, l)
	}
}

func name(l elb.Listener) string { return fmt.Sprintf("%s %d", l.Protocol, l.Port) }

func (d *details) listener(old, l elb.Listener) {
	at := "listener " + name(l) + ": "
	d.text(at+"protocol", old.Protocol, l.Protocol, fmt.Sprintf("clients of port %d must speak %s from now on", l.Port, l.Protocol))
	d.text(at+"TLS policy", old.SSLPolicy, l.SSLPolicy, "")
	d.text(at+"ALPN policy", old.ALPNPolicy, l.ALPNPolicy, "")
	d.text(at+"mutual TLS", old.MutualTLS, l.MutualTLS, "")
	d.certificates(at, old.Certificates, l.Certificates)
	d.attributes(at, old.Attributes, l.Attributes)
	d.rules(at, old.Rules, l.Rules)
	otherwise := "otherwise"
	if len(old.Rules)+len(l.Rules) == 0 {
		otherwise = "always"
	}
	d.text(at+otherwise, elbtext.Actions(nil, old.DefaultActions), elbtext.Actions(nil, l.DefaultActions), "")
}

// certificates compares certificates, of which the first is the default. One that takes the default's place, and has been
// nothing before, is the whole news: a certificate was renewed.
func (d *details) certificates(at string, old, now []string) {
	if len(old) > 0 && len(now) > 0 && old[0] != now[0] {
		d.text(at+"default certificate", old[0], now[0], "")
		if added, gone := !slices.Contains(old, now[0]), !slices.Contains(now, old[0]); added {
			now = now[1:]
			if gone {
				old = old[1:]
			}
		}
	}
	d.set(at+"certificate", old, now, "clients that ask for a host that only this certificate covers are shown another, and refuse it")
}

// rules compares rules by their conditions: a rule that only moved to another priority because one before it came
// or went is no change, an exchange of two rules' order is.
func (d *details) rules(at string, old, now []elb.Rule) {
	was, is := byConditions(old), byConditions(now)
	for _, r := range old {
		if _, stays := is[elbtext.Conditions(r.Conditions)]; !stays {
			*d = append(*d, Detail{Action: Delete, What: at + "rule", Old: ruleText(r)})
		}
	}
	last, moved := -1, ""
	for _, r := range now {
		conditions := elbtext.Conditions(r.Conditions)
		before, known := was[conditions]
		if !known {
			*d = append(*d, Detail{Action: Create, What: at + "rule", New: ruleText(r)})
			continue
		}
		d.text(at+"rule "+conditions, elbtext.Actions(before.Transforms, before.Actions), elbtext.Actions(r.Transforms, r.Actions), "")
		if before.index < last && moved == "" {
			moved = conditions
		}
		last = max(last, before.index)
	}
	if moved != "" {
		*d = append(*d, Detail{Action: Update, What: at + "order of rules", New: "another rule now comes before: " + moved,
			Traffic: "requests that match both rules take the other one"})
	}
}

// placed is a rule and its place in the order of evaluation.
type placed struct {
	elb.Rule
	index int
}

// byConditions indexes rules by what they match; of two with the same conditions only the first ever acts.
func byConditions(rules []elb.Rule) map[string]placed {
	out := map[string]placed{}
	for i, r := range rules {
		key := elbtext.Conditions(r.Conditions)
		if _, shadowed := out[key]; !shadowed {
			out[key] = placed{r, i}
		}
	}
	return out
}

func ruleText(r elb.Rule) string {
	return elbtext.Conditions(r.Conditions) + " → " + elbtext.Actions(r.Transforms, r.Actions)
}
