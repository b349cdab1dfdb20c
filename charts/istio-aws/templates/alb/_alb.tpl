{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.ingressAnnotations: what makes the load balancer.
Takes: dict "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: YAML map of strings.
Example: {{ include "istio-aws.alb.ingressAnnotations" (dict "spec" $spec "lb" $lb) | nindent 4 }}
*/ -}}
{{- define "istio-aws.alb.ingressAnnotations" -}}
{{- $spec := .spec -}}
{{- $a := dict "scheme" .lb.scheme -}}
{{- with $spec.name }}{{- $_ := set $a "load-balancer-name" . }}{{- end -}}
{{- with $spec.group.name }}
{{- $_ := set $a "group.name" . }}
{{- $_ := set $a "group.order" (toString (int $spec.group.order)) }}
{{- end -}}
{{- if $spec.tls.certificateArns }}
{{- $_ := set $a "listen-ports" `[{"HTTP":80},{"HTTPS":443}]` }}
{{- $_ := set $a "certificate-arn" (join "," $spec.tls.certificateArns) }}
{{- $_ := set $a "ssl-policy" $spec.tls.policy }}
{{- if $spec.tls.redirectHTTP }}{{- $_ := set $a "ssl-redirect" "443" }}{{- end }}
{{- else }}
{{- $_ := set $a "listen-ports" `[{"HTTP":80}]` }}
{{- end -}}
{{- with $spec.inboundCIDRs }}{{- $_ := set $a "inbound-cidrs" (join "," .) }}{{- end -}}
{{- with $spec.subnets }}{{- $_ := set $a "subnets" (join "," .) }}{{- end -}}
{{- with $spec.securityGroups }}
{{- $_ := set $a "security-groups" (join "," .) }}
{{- $_ := set $a "manage-backend-security-group-rules" "true" }}
{{- end -}}
{{- with $spec.tags }}{{- $_ := set $a "tags" (include "istio-aws.names.stringMap" (dict "map" .)) }}{{- end -}}
{{- $attributes := merge (dict "idle_timeout.timeout_seconds" (toString (int $spec.idleTimeoutSeconds))) $spec.attributes -}}
{{- $_ := set $a "load-balancer-attributes" (include "istio-aws.names.stringMap" (dict "map" $attributes)) -}}
{{- $all := deepCopy $spec.annotations -}}
{{- range $name, $value := $a }}{{- $_ := set $all (printf "alb.ingress.kubernetes.io/%s" $name) $value }}{{- end -}}
{{- toYaml $all -}}
{{- end }}

{{- /*
istio-aws.alb.serviceAnnotations: what makes the target group. The controller reads these from the Service, ahead of the Ingress.
Takes: dict "spec" a value of loadBalancers.
Returns: YAML map of strings.
Example: {{ include "istio-aws.alb.serviceAnnotations" (dict "spec" $spec) | nindent 4 }}
*/ -}}
{{- define "istio-aws.alb.serviceAnnotations" -}}
{{- $check := .spec.healthCheck -}}
{{- $attributes := merge (dict "deregistration_delay.timeout_seconds" (toString (int .spec.deregistrationDelaySeconds))) .spec.targetGroupAttributes -}}
alb.ingress.kubernetes.io/target-type: {{ .spec.targetType }}
alb.ingress.kubernetes.io/healthcheck-protocol: HTTP
alb.ingress.kubernetes.io/healthcheck-port: status-port
alb.ingress.kubernetes.io/healthcheck-path: /healthz/ready
alb.ingress.kubernetes.io/success-codes: "200"
alb.ingress.kubernetes.io/healthcheck-interval-seconds: {{ $check.intervalSeconds | int | quote }}
alb.ingress.kubernetes.io/healthcheck-timeout-seconds: {{ $check.timeoutSeconds | int | quote }}
alb.ingress.kubernetes.io/healthy-threshold-count: {{ $check.healthyThreshold | int | quote }}
alb.ingress.kubernetes.io/unhealthy-threshold-count: {{ $check.unhealthyThreshold | int | quote }}
alb.ingress.kubernetes.io/target-group-attributes: {{ include "istio-aws.names.stringMap" (dict "map" $attributes) | quote }}
{{- end }}

{{- /*
istio-aws.alb.owned: annotations that values of this chart set, so that none is written twice.
Takes: nothing.
Returns: YAML, annotation without its prefix -> the value that sets it, below loadBalancers.<key>; "" when nothing may.
Example: {{ $owned := include "istio-aws.alb.owned" . | fromYaml }}
*/ -}}
{{- define "istio-aws.alb.owned" -}}
scheme: ""
load-balancer-name: name
group.name: group.name
group.order: group.order
target-type: targetType
listen-ports: tls.certificateArns
certificate-arn: tls.certificateArns
ssl-policy: tls.policy
ssl-redirect: tls.redirectHTTP
healthcheck-protocol: ""
healthcheck-port: ""
healthcheck-path: ""
success-codes: ""
healthcheck-interval-seconds: healthCheck.intervalSeconds
healthcheck-timeout-seconds: healthCheck.timeoutSeconds
healthy-threshold-count: healthCheck.healthyThreshold
unhealthy-threshold-count: healthCheck.unhealthyThreshold
load-balancer-attributes: attributes
target-group-attributes: targetGroupAttributes
inbound-cidrs: inboundCIDRs
subnets: subnets
security-groups: securityGroups
manage-backend-security-group-rules: ""
tags: tags
{{- end }}
