{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.frontendNLBAnnotations: the NLB in front. Each Ingress of a load balancer repeats them: one without the ports would add
listeners for all of its own, and the controller takes missing attributes for other ones.
Takes: dict "spec" "lb".
Returns: JSON map, annotation without prefix -> text; empty without such an NLB.
Example: {{ include "istio-aws.alb.frontendNLBAnnotations" (dict "spec" $spec "lb" $lb) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.frontendNLBAnnotations" -}}
{{- $nlb := .spec.frontendNLB -}}
{{- $a := dict -}}
{{- if $nlb.enabled -}}
{{- $_ := set $a "enable-frontend-nlb" "true" -}}
{{- $_ := set $a "frontend-nlb-scheme" .lb.scheme -}}
{{- with $nlb.subnets | default .spec.subnets -}}{{- $_ := set $a "frontend-nlb-subnets" (join "," .) -}}{{- end -}}
{{- with $nlb.securityGroups -}}{{- $_ := set $a "frontend-nlb-security-groups" (join "," .) -}}{{- end -}}
{{- with $nlb.eipAllocations -}}{{- $_ := set $a "frontend-nlb-eip-allocations" (join "," .) -}}{{- end -}}
{{- $ports := dict -}}
{{- range $from, $to := $nlb.ports -}}{{- $_ := set $ports $from (toString (int $to)) -}}{{- end -}}
{{- with $ports -}}{{- $_ := set $a "frontend-nlb-listener-port-mapping" (include "istio-aws.names.stringMap" (dict "map" .)) -}}{{- end -}}
{{- with $nlb.attributes -}}{{- $_ := set $a "frontend-nlb-attributes" (include "istio-aws.names.stringMap" (dict "map" .)) -}}{{- end -}}
{{- with $nlb.tags -}}{{- $_ := set $a "frontend-nlb-tags" (include "istio-aws.names.stringMap" (dict "map" .)) -}}{{- end -}}
{{- end -}}
{{- toJson $a -}}
{{- end }}

{{- /*
istio-aws.alb.frontendNLBCheck: how the NLB in front checks the ALB. One Ingress of a load balancer says it: the controller takes the same
success codes of two for different ones. The check carries the ALB's address as Host, which no rule matches, so a redirect or a 404 shows
that the ALB answers.
Takes: dict "spec".
Returns: JSON map, annotation without prefix -> text; empty without such an NLB.
Example: {{ include "istio-aws.alb.frontendNLBCheck" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.frontendNLBCheck" -}}
{{- $a := dict -}}
{{- if .spec.frontendNLB.enabled -}}
{{- $_ := set $a "frontend-nlb-healthcheck-success-codes" "200-499" -}}
{{- $_ := set $a "frontend-nlb-healthcheck-protocol" "HTTPS" -}}
{{- range (include "istio-aws.alb.listeners" . | fromJson).http -}}
{{- $_ := set $a "frontend-nlb-healthcheck-protocol" "HTTP" -}}
{{- $_ := set $a "frontend-nlb-healthcheck-port" (toString (int .)) -}}
{{- end -}}
{{- end -}}
{{- toJson $a -}}
{{- end }}
