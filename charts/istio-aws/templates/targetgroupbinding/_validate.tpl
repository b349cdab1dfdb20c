{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.targetgroupbinding.problems: the controller takes one TargetGroupBinding for a target group. Two ports of one NLB have a rule of
their own.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.targetgroupbinding.problems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.targetgroupbinding.problems" -}}
{{- $root := .root -}}
{{- $seen := dict -}}
{{- range $key, $_ := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- $groups := list (dict "path" "backend" "arn" ($spec.backend).targetGroupARN) }}
{{- range $i, $port := $spec.ports }}{{- $groups = append $groups (dict "path" (printf "ports[%d]" $i) "arn" $port.targetGroupARN) }}{{- end }}
{{- range $group := $groups }}
{{- if and $spec.enabled .arn }}
{{- $path := printf "loadBalancers.%s.%s.targetGroupARN" $key .path }}
{{- with get $seen .arn }}
{{- if ne .key $key }}
- {{ $path }}: is also {{ .path }}, and a target group has one gateway's pods; use two
{{- end }}
{{- end }}
{{- $_ := set $seen .arn (dict "key" $key "path" $path) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
