{{- /* SPDX-License-Identifier: Apache-2.0

Rules that every load balancer has, ALB or NLB. What only one of the two kinds can get wrong is in alb/ and nlb/.
*/ -}}

{{- /*
istio-aws.validate.nodePortProblems: a fixed node port says something with instance targets only, and one port of the cluster carries one thing.
Takes: dict "path" "spec", "known" dict kept between calls.
Returns: lines.
Example: {{ include "istio-aws.validate.nodePortProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.nodePortProblems" -}}
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
istio-aws.validate.healthCheckProblems: AWS wants the time-out below the interval (ALB) or not above it (NLB).
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.validate.healthCheckProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.healthCheckProblems" -}}
{{- $timeout := .spec.healthCheck.timeoutSeconds | int -}}
{{- $interval := .spec.healthCheck.intervalSeconds | int -}}
{{- $most := eq .lb.kind "alb" | ternary (sub $interval 1) $interval -}}
{{- if gt $timeout (int $most) }}
- {{ .path }}.healthCheck.timeoutSeconds: {{ $timeout }} is allowed up to {{ $most }} with intervalSeconds {{ $interval }}; lower it or raise the interval
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.tagProblems: AWS and the controller keep some tags for themselves.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.validate.tagProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.tagProblems" -}}
{{- $path := .path -}}
{{- range $name, $_ := .spec.tags }}
{{- if regexMatch "^((?i:aws):|(elbv2|ingress|service)\\.k8s\\.aws/)" $name }}
- {{ $path }}.tags: {{ $name | quote }} is kept by AWS or by the controller; use another prefix
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.targetNodeLabelProblems: labels choose among nodes, and with ip targets no node is a target.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.validate.targetNodeLabelProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.targetNodeLabelProblems" -}}
{{- if eq .spec.targetType "ip" }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" (dict "targetNodeLabels" dict) "because" "targets are pods (targetType ip)" "cure" "leave it out, or use instance targets") .) }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.securityGroupIDProblems: the controller looks up names of security groups only for load balancers that it makes.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.validate.securityGroupIDProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.securityGroupIDProblems" -}}
{{- if eq .spec.managedBy "none" }}
{{- range .spec.securityGroups }}
{{- if not (hasPrefix "sg-" .) }}
- {{ $.path }}.securityGroups: {{ . | quote }} is no ID (sg-…), and of a load balancer made elsewhere nothing looks up names; write the ID
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.clientProblems: who is let in. The controller makes the rules only for the security group that it manages.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.validate.clientProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.clientProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- $networks := eq .lb.kind "alb" | ternary "inboundCIDRs" "sourceRanges" -}}
{{- if eq $spec.managedBy "controller" }}
{{- if $spec.securityGroups }}
{{- range $key := list $networks "prefixLists" }}
{{- if get $spec $key }}
- {{ $path }}.{{ $key }}: has no effect beside {{ $path }}.securityGroups; put these networks into the security group, or leave securityGroups empty
{{- end }}
{{- end }}
{{- else if not $spec.manageBackendRules }}
- {{ $path }}.manageBackendRules: false has no effect without {{ $path }}.securityGroups; leave it out, or name security groups of your own
{{- end }}
{{- range $i, $network := get $spec $networks }}
{{- if and (contains ":" $network) (eq $spec.ipAddressType "ipv4") }}
- {{ $path }}.{{ $networks }}[{{ $i }}]: {{ $network | quote }} is IPv6, and {{ $path }}.ipAddressType is ipv4; set that to dualstack, or take the network out
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.accessLogProblems: a prefix is within a bucket, and AWS adds a part of its own to it.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.validate.accessLogProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.accessLogProblems" -}}
{{- $logs := .spec.accessLogs -}}
{{- if and $logs.prefix (eq .spec.managedBy "controller") }}
{{- if not $logs.bucket }}
- {{ .path }}.accessLogs.prefix: {{ $logs.prefix | quote }} has no effect without {{ .path }}.accessLogs.bucket; set the bucket, or take it out
{{- else if contains "AWSLogs" $logs.prefix }}
- {{ .path }}.accessLogs.prefix: {{ $logs.prefix | quote }} contains AWSLogs, which AWS itself puts behind the prefix; take it out
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.canaryProblems: a share needs a Service, and one Service is another one's canary.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.validate.canaryProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.canaryProblems" -}}
{{- if eq .spec.managedBy "controller" }}
{{- $service := .spec.canary.service }}
{{- if not $service }}
{{- $values := dict "canary.weight" 0 "canary.port" (eq .lb.kind "alb" | ternary 80 0) }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" $values "because" "canary.service is empty" "cure" "name the Service of the second release's gateway") .) }}
{{- else if eq $service (include "istio-aws.gateway.name" (dict "root" .root "alias" .lb.alias)) }}
- {{ .path }}.canary.service: {{ $service | quote }} is this load balancer's own gateway; name the Service of a second release's
{{- end }}
{{- end }}
{{- end }}
