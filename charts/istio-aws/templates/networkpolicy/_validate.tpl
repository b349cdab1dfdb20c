{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.networkpolicy.problems: policies add up, so that a second one for the same pods would let in whom this one keeps out.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.networkpolicy.problems" $one }}
*/ -}}
{{- define "istio-aws.networkpolicy.problems" -}}
{{- $policy := .spec.networkPolicy -}}
{{- if and $policy.enabled (not $policy.fromCIDRs) }}
- {{ .path }}.networkPolicy.fromCIDRs: is empty, and nobody would reach the gateway, health checks neither; name the networks of the load balancer's subnets
{{- end }}
{{- range $key := list "fromCIDRs" "extraIngress" }}
{{- if and (not $policy.enabled) (get $policy $key) }}
- {{ $.path }}.networkPolicy.{{ $key }}: has no effect while networkPolicy.enabled is false; set that to true, or leave it out
{{- end }}
{{- end }}
{{- range $global := list .root.Values.global (index .root.Values .lb.alias).global }}
{{- if and $global (($global).networkPolicy).enabled }}
- {{ $.lb.alias }}.global.networkPolicy.enabled: true makes Istio's own NetworkPolicy, which lets everybody in, and to the ports of a Service that this chart does not use; set it for istiod alone (istiod.global), and {{ $.path }}.networkPolicy for the gateway
{{- break }}
{{- end }}
{{- end }}
{{- end }}
