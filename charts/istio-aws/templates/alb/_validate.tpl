{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.problems: rules of one ALB.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.problems" $one }}
*/ -}}
{{- define "istio-aws.alb.problems" -}}
{{- if and (int .spec.group.order) (not .spec.group.name) }}
- {{ .path }}.group.order: {{ int .spec.group.order }} has no effect without {{ .path }}.group.name; set the name, or leave the order at 0
{{- end }}
{{- if eq (len .spec.subnets) 1 }}
- {{ .path }}.subnets: has 1 subnet, an ALB needs two or more in different availability zones; add one, or leave it empty to have them found by their tags
{{- end }}
{{- end }}
