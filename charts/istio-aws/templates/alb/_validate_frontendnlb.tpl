{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.frontendNLBProblems: the NLB in front.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.frontendNLBProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.frontendNLBProblems" -}}
{{- $path := printf "%s.frontendNLB" .path -}}
{{- $nlb := .spec.frontendNLB -}}
{{- $listeners := include "istio-aws.alb.listeners" . | fromJson -}}
{{- $open := list -}}
{{- range concat $listeners.http $listeners.https }}{{- $open = append $open (toString (int .)) }}{{- end }}
{{- $secured := not (empty (or $nlb.securityGroups .spec.securityGroups)) -}}
{{- range $from, $to := $nlb.ports }}
{{- if gt (int $from) 65535 }}
- {{ $path }}.ports: {{ $from | quote }} is no port; allowed: 1 to 65535
{{- else if and (not $secured) (not (has $from $open)) }}
- {{ $path }}.ports: {{ $from | quote }} is not let in by the ALB's security group, which the NLB shares; name groups in {{ $path }}.securityGroups, or use a port of the ALB's listeners
{{- end }}
{{- if not (has (toString (int $to)) $open) }}
- {{ $path }}.ports: {{ $from | quote }} leads to {{ int $to }}, which is none of the ALB's listeners; allowed: {{ join ", " $open }}
{{- end }}
{{- end }}
{{- if not $nlb.enabled }}
{{- range $key, $value := omit $nlb "enabled" }}
{{- if $value }}
- {{ $path }}.{{ $key }}: has no effect without {{ $path }}.enabled; set that, or take it out
{{- end }}
{{- end }}
{{- else }}
{{- if eq .spec.ipAddressType "dualstack-without-public-ipv4" }}
- {{ $path }}.enabled: an NLB has no address type {{ .spec.ipAddressType | quote }}, and this one takes the ALB's; set {{ .path }}.ipAddressType to ipv4 or dualstack
{{- end }}
{{- with $nlb.eipAllocations }}
{{- $subnets := $nlb.subnets | default $.spec.subnets }}
{{- if ne $.lb.scheme "internet-facing" }}
- {{ $path }}.eipAllocations: Elastic IPs are for internet-facing load balancers only; take them out
{{- else if not $subnets }}
- {{ $path }}.eipAllocations: has {{ len . }}, one for each subnet, and how many subnets the controller finds is not known; name them in {{ $path }}.subnets
{{- else if ne (len .) (len $subnets) }}
- {{ $path }}.eipAllocations: has {{ len . }}, and there are {{ len $subnets }} subnets; give one for each
{{- end }}
{{- end }}
{{- end }}
{{- end }}
