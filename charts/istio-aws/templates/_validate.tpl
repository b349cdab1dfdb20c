{{- /* SPDX-License-Identifier: Apache-2.0

Relations between values; the shape of single values is the schema's. One define per rule, each beside its concern, each returning one
line per problem: "- <path>: <what it is>; <what to do>". All problems are reported together.
*/ -}}

{{- /*
istio-aws.validate.problems: every rule that is broken.
Takes: dict "root" $.
Returns: lines, empty when all is well.
Example: {{ include "istio-aws.validate.problems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.validate.problems" -}}
{{- $root := .root -}}
{{- include "istio-aws.gateway.rootNamespace" . }}
{{- include "istio-aws.gateway.distinct" . }}
{{- range $alias := (include "istio-aws.gateway.enabled" . | fromYaml).aliases }}
{{- include "istio-aws.gateway.account" (dict "root" $root "alias" $alias) }}
{{- end }}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- if $spec.enabled }}
{{- $one := dict "root" $root "path" (printf "loadBalancers.%s" $key) "spec" $spec "lb" $lb }}
{{- include "istio-aws.gateway.service" $one }}
{{- include "istio-aws.gateway.trustedProxies" $one }}
{{- include "istio-aws.validate.nodePorts" $one }}
{{- include "istio-aws.validate.healthCheck" $one }}
{{- include "istio-aws.validate.annotations" $one }}
{{- include "istio-aws.validate.attributes" $one }}
{{- include "istio-aws.validate.clients" $one }}
{{- include "istio-aws.validate.tags" $one }}
{{- include (printf "istio-aws.%s.problems" $lb.kind) $one }}
{{- end }}
{{- end }}
{{- include "istio-aws.routes.problems" . }}
{{- end }}

{{- /*
istio-aws.validate.nodePorts: a fixed node port says something with instance targets only, and one port carries one thing.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.validate.nodePorts" $one }}
*/ -}}
{{- define "istio-aws.validate.nodePorts" -}}
{{- $fixed := dict -}}
{{- with .spec.statusNodePort | int }}{{- $_ := set $fixed "statusNodePort" . }}{{- end -}}
{{- with (.spec.backend).nodePort | int }}{{- $_ := set $fixed "backend.nodePort" . }}{{- end -}}
{{- range $i, $port := .spec.ports -}}
{{- with $port.nodePort | int }}{{- $_ := set $fixed (printf "ports[%d].nodePort" $i) . }}{{- end -}}
{{- end -}}
{{- $path := .path -}}
{{- $type := .spec.targetType -}}
{{- $seen := dict -}}
{{- range $key, $port := $fixed }}
{{- if ne $type "instance" }}
- {{ $path }}.{{ $key }}: {{ $port }} is a node port, but targetType is {{ $type | quote }}; set {{ $path }}.targetType to instance, or leave the node port out
{{- end }}
{{- if hasKey $seen (toString $port) }}
- {{ $path }}.{{ $key }}: {{ $port }} is also {{ $path }}.{{ get $seen (toString $port) }}; use two node ports
{{- end }}
{{- $_ := set $seen (toString $port) $key }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.healthCheck: AWS wants the time-out below the interval (ALB) or not above it (NLB).
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.validate.healthCheck" $one }}
*/ -}}
{{- define "istio-aws.validate.healthCheck" -}}
{{- $timeout := .spec.healthCheck.timeoutSeconds | int -}}
{{- $interval := .spec.healthCheck.intervalSeconds | int -}}
{{- $most := eq .lb.kind "alb" | ternary (sub $interval 1) $interval -}}
{{- if gt $timeout (int $most) }}
- {{ .path }}.healthCheck.timeoutSeconds: {{ $timeout }} is allowed up to {{ $most }} with intervalSeconds {{ $interval }}; lower it or raise the interval
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.annotations: an annotation that a value sets may not be written a second time.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.validate.annotations" $one }}
*/ -}}
{{- define "istio-aws.validate.annotations" -}}
{{- $path := .path -}}
{{- $owned := dict "kubernetes.io/ingress.class" "" "service.beta.kubernetes.io/load-balancer-source-ranges" "sourceRanges" -}}
{{- $prefix := eq .lb.kind "alb" | ternary "alb.ingress.kubernetes.io/" "service.beta.kubernetes.io/aws-load-balancer-" -}}
{{- range $name, $value := include (printf "istio-aws.%s.owned" .lb.kind) . | fromYaml }}{{- $_ := set $owned (print $prefix $name) $value }}{{- end -}}
{{- range $name, $_ := .spec.annotations }}
{{- if hasKey $owned $name }}
{{- $by := get $owned $name }}
- {{ $path }}.annotations: {{ $name | quote }} is {{ with $by }}what {{ $path }}.{{ . }} sets; use that value{{ else }}fixed by this chart; remove it{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.attributes: an attribute that a value sets may not be written a second time.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.validate.attributes" $one }}
*/ -}}
{{- define "istio-aws.validate.attributes" -}}
{{- $path := .path -}}
{{- $owned := dict "attributes" (eq .lb.kind "alb" | ternary (dict "idle_timeout.timeout_seconds" "idleTimeoutSeconds") (dict "load_balancing.cross_zone.enabled" "crossZone")) -}}
{{- $_ := set $owned "targetGroupAttributes" (dict "deregistration_delay.timeout_seconds" "deregistrationDelaySeconds") -}}
{{- $spec := .spec -}}
{{- range $key, $names := $owned }}
{{- range $name, $by := $names }}
{{- if hasKey (get $spec $key) $name }}
- {{ $path }}.{{ $key }}: {{ $name | quote }} is what {{ $path }}.{{ $by }} sets; use that value
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.clients: with security groups of one's own the controller does not look at client networks.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.validate.clients" $one }}
*/ -}}
{{- define "istio-aws.validate.clients" -}}
{{- $key := eq .lb.kind "alb" | ternary "inboundCIDRs" "sourceRanges" -}}
{{- if and .spec.securityGroups (get .spec $key) }}
- {{ .path }}.{{ $key }}: has no effect beside {{ .path }}.securityGroups; put these networks into the security group, or leave securityGroups empty
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.tags: AWS and the controller keep some tags for themselves.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.validate.tags" $one }}
*/ -}}
{{- define "istio-aws.validate.tags" -}}
{{- $path := .path -}}
{{- range $name, $_ := .spec.tags }}
{{- if regexMatch "^(aws:|(elbv2|ingress|service)\\.k8s\\.aws/)" $name }}
- {{ $path }}.tags: {{ $name | quote }} is kept by AWS or by the controller; use another prefix
{{- end }}
{{- end }}
{{- end }}
