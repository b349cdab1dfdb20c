{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.services: the Services in front of one gateway: its own, and one for each further Ingress, because the controller takes the
settings of a target group from its Service.
Takes: dict "root" $ "spec" "lb".
Returns: JSON {services: [{name, spec: the value with what differs}]}.
Example: {{ range (include "istio-aws.alb.services" (dict "root" $ "spec" $spec "lb" $lb) | fromJson).services }}
*/ -}}
{{- define "istio-aws.alb.services" -}}
{{- $spec := .spec -}}
{{- $name := include "istio-aws.gateway.name" (dict "root" .root "alias" .lb.alias) -}}
{{- $services := list (dict "name" $name "spec" $spec) -}}
{{- range $spec.ingresses -}}
{{- $version := .version | default $spec.backend.version -}}
{{- $through := eq $version "HTTP1" | ternary $spec.healthCheck.through "data" -}}
{{- $codes := .successCodes | default (eq $version $spec.backend.version | ternary $spec.healthCheck.successCodes "") -}}
{{- $own := dict "statusNodePort" 0 "backend" (dict "version" $version "nodePort" 0) "healthCheck" (dict "through" $through "successCodes" $codes) -}}
{{- $services = append $services (dict "name" (printf "%s-%s" $name .name) "spec" (mergeOverwrite (deepCopy $spec) $own)) -}}
{{- end -}}
{{- dict "services" $services | toJson -}}
{{- end }}

{{- /*
istio-aws.alb.portName: name of the Service's port for requests, which says what is spoken on it.
Takes: dict "spec".
Returns: string.
Example: {{ include "istio-aws.alb.portName" (dict "spec" $spec) }} -> http2
*/ -}}
{{- define "istio-aws.alb.portName" -}}
{{- eq .spec.backend.protocol "HTTPS" | ternary "https" "http2" -}}
{{- end }}

{{- /*
istio-aws.alb.targetGroupAttributes: target group attributes. The controller keeps what it is not told, so the values' defaults are written
too.
Takes: dict "spec".
Returns: JSON map of strings.
Example: {{ include "istio-aws.alb.targetGroupAttributes" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.targetGroupAttributes" -}}
{{- $sticky := .spec.stickiness -}}
{{- $own := dict
    "deregistration_delay.timeout_seconds" (toString (int .spec.deregistrationDelaySeconds))
    "slow_start.duration_seconds" (toString (int .spec.slowStartSeconds))
    "load_balancing.algorithm.type" .spec.algorithm
    "stickiness.enabled" (toString $sticky.enabled) -}}
{{- if and $sticky.enabled $sticky.applicationCookie -}}
{{- $_ := set $own "stickiness.type" "app_cookie" -}}
{{- $_ := set $own "stickiness.app_cookie.cookie_name" $sticky.applicationCookie -}}
{{- $_ := set $own "stickiness.app_cookie.duration_seconds" (toString (int $sticky.durationSeconds)) -}}
{{- else if $sticky.enabled -}}
{{- $_ := set $own "stickiness.type" "lb_cookie" -}}
{{- $_ := set $own "stickiness.lb_cookie.duration_seconds" (toString (int $sticky.durationSeconds)) -}}
{{- end -}}
{{- merge $own .spec.targetGroupAttributes | toJson -}}
{{- end }}

{{- /*
istio-aws.alb.serviceAnnotations: what makes the target group. The controller reads these from the Service, ahead of the Ingress.
Takes: dict "spec" a value of loadBalancers.
Returns: YAML map of strings.
Example: {{ include "istio-aws.alb.serviceAnnotations" (dict "spec" $spec) | fromYaml }}
*/ -}}
{{- define "istio-aws.alb.serviceAnnotations" -}}
{{- $check := .spec.healthCheck -}}
{{- $backend := .spec.backend -}}
{{- $data := eq $check.through "data" -}}
{{- $grpc := eq $backend.version "GRPC" -}}
alb.ingress.kubernetes.io/target-type: {{ .spec.targetType }}
{{- with .spec.targetNodeLabels }}
alb.ingress.kubernetes.io/target-node-labels: {{ include "istio-aws.names.stringMap" (dict "map" .) | quote }}
{{- end }}
alb.ingress.kubernetes.io/backend-protocol: {{ $backend.protocol }}
alb.ingress.kubernetes.io/backend-protocol-version: {{ $backend.version }}
alb.ingress.kubernetes.io/healthcheck-protocol: {{ $data | ternary $backend.protocol "HTTP" }}
alb.ingress.kubernetes.io/healthcheck-port: {{ $data | ternary "traffic-port" "status-port" }}
alb.ingress.kubernetes.io/healthcheck-path: {{ $grpc | ternary "/AWS.ALB/healthcheck" "/healthz/ready" }}
alb.ingress.kubernetes.io/success-codes: {{ $check.successCodes | default ($grpc | ternary "0-99" "200") | quote }}
alb.ingress.kubernetes.io/healthcheck-interval-seconds: {{ $check.intervalSeconds | int | quote }}
alb.ingress.kubernetes.io/healthcheck-timeout-seconds: {{ $check.timeoutSeconds | int | quote }}
alb.ingress.kubernetes.io/healthy-threshold-count: {{ $check.healthyThreshold | int | quote }}
alb.ingress.kubernetes.io/unhealthy-threshold-count: {{ $check.unhealthyThreshold | int | quote }}
alb.ingress.kubernetes.io/target-group-attributes: {{ include "istio-aws.names.stringMap" (dict "map" (include "istio-aws.alb.targetGroupAttributes" . | fromJson)) | quote }}
{{- end }}
