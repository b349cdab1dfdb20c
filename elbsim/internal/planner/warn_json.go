// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/annotations"
	"sigs.k8s.io/aws-load-balancer-controller/pkg/ingress"
)

// conditionFields are those that the controller knows.
var conditionFields = []string{
	string(ingress.RuleConditionFieldHostHeader), string(ingress.RuleConditionFieldPathPattern), string(ingress.RuleConditionFieldHTTPHeader),
	string(ingress.RuleConditionFieldHTTPRequestMethod), string(ingress.RuleConditionFieldQueryString), string(ingress.RuleConditionFieldSourceIP),
}

// warnJSON names what the controller drops of JSON in annotations: fields that it does not know, and conditions on what it does not know.
func (p *plan) warnJSON(name string, s settings) {
	for start, into := range map[string]func() any{
		"actions.":    func() any { return &ingress.Action{} },
		"conditions.": func() any { return &[]ingress.RuleCondition{} },
		"transforms.": func() any { return &[]ingress.Transform{} },
	} {
		for _, suffix := range s.suffixes(start) {
			p.warnUnknownField(name, s, suffix, into())
		}
	}
	p.warnUnknownField(name, s, annotations.IngressSuffixAuthIDPCognito, &ingress.AuthIDPConfigCognito{})
	p.warnUnknownField(name, s, annotations.IngressSuffixAuthIDPOIDC, &ingress.AuthIDPConfigOIDC{})
	p.warnUnknownField(name, s, annotations.IngressSuffixJwtValidation, &ingress.JwtValidationConfig{})
	p.warnUnknownField(name, s, annotations.IngressSuffixMutualAuthentication, &[]ingress.MutualAuthenticationConfig{})
	for _, suffix := range s.suffixes("conditions.") {
		var conditions []ingress.RuleCondition
		if json.Unmarshal([]byte(s.value(suffix)), &conditions) != nil {
			continue // rejected
		}
		for _, c := range conditions {
			if field := string(c.Field); !slices.Contains(conditionFields, field) {
				p.warning(name, "annotation %s%s: a condition on %q is dropped, so the rule also matches what it was to keep out; write one of %s",
					s.prefix, suffix, field, strings.Join(conditionFields, ", "))
			}
		}
	}
}

func (p *plan) warnUnknownField(name string, s settings, suffix string, into any) {
	if !s.has(suffix) || json.Unmarshal([]byte(s.value(suffix)), into) != nil {
		return
	}
	strict := json.NewDecoder(strings.NewReader(s.value(suffix)))
	strict.DisallowUnknownFields()
	if err := strict.Decode(into); err != nil {
		p.warning(name, "annotation %s%s has the %s, which the controller drops; correct its name or take it out", s.prefix, suffix, strings.TrimPrefix(err.Error(), "json: "))
	}
}

// warnNamesInNames looks at actions.X, conditions.X and transforms.X: they count for the backend that is called X.
func (p *plan) warnNamesInNames(name string, s settings, ing *networkingv1.Ingress) {
	acts, rules := map[string]bool{}, map[string]bool{}
	for _, b := range backends(ing) {
		acts[b.Name] = acts[b.Name] || b.Port.Name == useAnnotation
	}
	for _, path := range paths(ing) {
		if path.Backend.Service != nil {
			rules[path.Backend.Service.Name] = true
		}
	}
	for _, suffix := range s.suffixes("actions.") {
		if x := strings.TrimPrefix(suffix, "actions."); !acts[x] {
			why := fmt.Sprintf("no backend is called %q", x)
			if _, found := acts[x]; found {
				why = fmt.Sprintf("backend %q does not ask for it", x)
			}
			p.warning(name, "annotation %s%s has no effect: %s; give the backend service.name %s and service.port.name %s", s.prefix, suffix, why, x, useAnnotation)
		}
	}
	for _, start := range []string{"conditions.", "transforms."} {
		for _, suffix := range s.suffixes(start) {
			x := strings.TrimPrefix(suffix, start)
			if rules[x] {
				continue
			}
			why := fmt.Sprintf("no path has a backend %q", x)
			if _, found := acts[x]; found {
				why = fmt.Sprintf("%q is the default backend, which has no rule", x)
			}
			p.warning(name, "annotation %s%s has no effect: %s; name the service of a path", s.prefix, suffix, why)
		}
	}
}

// forwardsTo are the names of the Services that an Ingress forwards to, those of its actions included, each once.
func forwardsTo(ing *networkingv1.Ingress) []string {
	var out []string
	add := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	s := ingressSettings(ing.Annotations)
	for _, b := range backends(ing) {
		if b.Port.Name != useAnnotation {
			add(b.Name)
			continue
		}
		var action ingress.Action
		if json.Unmarshal([]byte(s.value("actions."+b.Name)), &action) != nil || action.ForwardConfig == nil {
			continue
		}
		for _, tuple := range action.ForwardConfig.TargetGroups {
			if tuple.ServiceName != nil {
				add(*tuple.ServiceName)
			}
		}
	}
	return out
}
