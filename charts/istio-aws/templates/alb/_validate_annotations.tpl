{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.annotationProblems: annotations that change what nothing here has. Those of the catalogue are istio-aws.annotations.problems'.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.annotationProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.annotationProblems" -}}
{{- $name := "alb.ingress.kubernetes.io/use-regex-path-match" -}}
{{- $here := $.spec.ingresses | empty | ternary $.spec.actions list -}}
{{- $places := dict "annotations" (dict "of" .spec "items" $here) -}}
{{- range $i, $ingress := .spec.ingresses -}}{{- $_ := set $places (printf "ingresses[%d].annotations" $i) (dict "of" $ingress "items" (list $ingress)) -}}{{- end -}}
{{- range $key, $place := $places }}
{{- if eq (get ($place.of.annotations | default dict) $name) "true" }}
{{- $used := false }}
{{- range $place.items }}{{- if and .paths (eq (.pathType | default "") "ImplementationSpecific") }}{{- $used = true }}{{- end }}{{- end }}
{{- if not $used }}
- {{ $.path }}.{{ $key }}: {{ $name | quote }} has no effect, since no path of that Ingress has pathType ImplementationSpecific; set that, or take it out
{{- end }}
{{- end }}
{{- end }}
{{- $name = "alb.ingress.kubernetes.io/wafv2-acl-name" -}}
{{- if and (hasKey .spec.annotations $name) .spec.waf.webACLArn }}
- {{ .path }}.waf.webACLArn: {{ .spec.waf.webACLArn | quote }} has no effect beside the annotation {{ $name | quote }}, which wins; keep one of the two
{{- end }}
{{- end }}
