{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.warnings: what works, but not for long; for NOTES.txt.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.routes.warnings" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.routes.warnings" -}}
{{- $root := .root -}}
{{- $loadBalancers := include "istio-aws.names.loadBalancers" . | fromYaml -}}
{{- range $i, $route := $root.Values.routes }}
{{- range $key := $route.loadBalancers }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- $idle := $spec.idleTimeoutSeconds }}
{{- range $j, $rule := $route.http }}
{{- if and (eq (get $loadBalancers $key).kind "alb") (eq $spec.managedBy "controller") (gt ($rule.timeoutSeconds | default 0 | float64) (float64 $idle)) }}
- routes[{{ $i }}].http[{{ $j }}].timeoutSeconds: is {{ $rule.timeoutSeconds }}, but {{ $key }} answers 504 after {{ int $idle }} s without a byte; raise loadBalancers.{{ $key }}.idleTimeoutSeconds unless the destination sends in between
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
