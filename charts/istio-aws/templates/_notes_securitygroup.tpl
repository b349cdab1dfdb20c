{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.notes.securityGroupWarnings: the security group that the controller makes has a rule for each network and listener, and AWS takes
60 of IPv4 and 60 of IPv6 until it is asked for more. A prefix list counts with all that it may hold, here as one.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.notes.securityGroupWarnings" (dict "path" "loadBalancers.nlbPublic" "spec" $spec "lb" $lb) }}
*/ -}}
{{- define "istio-aws.notes.securityGroupWarnings" -}}
{{- $spec := .spec -}}
{{- $key := eq .lb.kind "alb" | ternary "inboundCIDRs" "sourceRanges" -}}
{{- $listeners := 0 -}}
{{- if eq .lb.kind "alb" -}}
{{- $listeners = len (include "istio-aws.alb.listeners" . | fromJson).all -}}
{{- else -}}
{{- $listeners = len (include "istio-aws.nlb.servicePorts" . | fromYamlArray) -}}
{{- end -}}
{{- $networks := dict "IPv4" (len $spec.prefixLists) "IPv6" (len $spec.prefixLists) -}}
{{- range get $spec $key -}}
{{- $family := contains ":" . | ternary "IPv6" "IPv4" -}}
{{- $_ := set $networks $family (add (get $networks $family) 1) -}}
{{- end -}}
{{- $most := max (get $networks "IPv4") (get $networks "IPv6") -}}
{{- if and (not $spec.securityGroups) (gt (mul $most $listeners) 60) }}
- {{ .path }}.{{ $key }}: {{ $most }} networks on {{ $listeners }} listeners are {{ mul $most $listeners }} rules of one security group, and AWS's default quota is 60; join networks, have the quota raised, or use securityGroups of your own
{{- end }}
{{- end }}
