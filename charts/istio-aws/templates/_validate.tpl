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
{{- $known := dict -}}
{{- include "istio-aws.gateway.rootNamespace" . }}
{{- include "istio-aws.gateway.distinct" . }}
{{- include "istio-aws.validate.names" . }}
{{- include "istio-aws.gateway.canary" . }}
{{- range $alias := (include "istio-aws.gateway.enabled" . | fromYaml).aliases }}
{{- range $rule := list "account" "endingProblems" "scalingProblems" "spreadProblems" }}
{{- include (printf "istio-aws.gateway.%s" $rule) (dict "root" $root "alias" $alias) }}
{{- end }}
{{- end }}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- if $spec.enabled }}
{{- $one := dict "root" $root "path" (printf "loadBalancers.%s" $key) "spec" $spec "lb" $lb "known" $known }}
{{- range $rule := list "service" "trustedProxies" "proxyProtocol" "deregistrationProblems" "credentialProblems" "externalDNSProblems" }}
{{- include (printf "istio-aws.gateway.%s" $rule) $one }}
{{- end }}
{{- include "istio-aws.networkpolicy.problems" $one }}
{{- include "istio-aws.validate.nodePorts" $one }}
{{- include "istio-aws.validate.healthCheck" $one }}
{{- include "istio-aws.annotations.problems" $one }}
{{- include "istio-aws.annotations.attributeProblems" $one }}
{{- include "istio-aws.validate.clients" $one }}
{{- include "istio-aws.validate.tags" $one }}
{{- include (printf "istio-aws.%s.problems" $lb.kind) $one }}
{{- end }}
{{- end }}
{{- include "istio-aws.annotations.elsewhere" . }}
{{- include "istio-aws.mtls.problems" . }}
{{- include "istio-aws.routes.problems" . }}
{{- end }}

{{- /*
istio-aws.validate.nodePorts: a fixed node port says something with instance targets only, and one port of the cluster carries one thing.
Takes: dict "path" "spec", "known" dict kept between calls.
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
{{- $seen := .known.nodePorts | default dict -}}
{{- range $key, $port := $fixed }}
{{- if ne $type "instance" }}
- {{ $path }}.{{ $key }}: {{ $port }} is a node port, but targetType is {{ $type | quote }}; set {{ $path }}.targetType to instance, or leave the node port out
{{- end }}
{{- if hasKey $seen (toString $port) }}
- {{ $path }}.{{ $key }}: {{ $port }} is also {{ get $seen (toString $port) }}; use two node ports
{{- end }}
{{- $_ := set $seen (toString $port) (printf "%s.%s" $path $key) }}
{{- end }}
{{- $_ := set .known "nodePorts" $seen }}
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

{{- /*
istio-aws.validate.names: the load balancers of an AWS account have names of their own, ALBs and NLBs together.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.validate.names" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.validate.names" -}}
{{- $seen := dict -}}
{{- range $key := list "albPublic" "albInternal" "nlbPublic" "nlbInternal" }}
{{- $spec := index $.root.Values.loadBalancers $key }}
{{- if and $spec.enabled $spec.name }}
{{- if hasKey $seen $spec.name }}
- loadBalancers.{{ $key }}.name: {{ $spec.name | quote }} is also loadBalancers.{{ get $seen $spec.name }}.name, and AWS wants names of its own for the load balancers of an account; use two names
{{- end }}
{{- $_ := set $seen $spec.name $key }}
{{- end }}
{{- end }}
{{- end }}
