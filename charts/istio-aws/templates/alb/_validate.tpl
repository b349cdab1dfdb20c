{{- /* SPDX-License-Identifier: Apache-2.0

Rules of ALBs: what AWS or the controller would refuse, or take and not do. Those of listeners, actions, further Ingresses, sign-in, and EKS
Auto Mode are in files of their own.
*/ -}}

{{- /*
istio-aws.alb.problems: rules of one ALB.
Takes: dict "root" $ "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.problems" $one }}
*/ -}}
{{- define "istio-aws.alb.problems" -}}
{{- if eq .spec.managedBy "none" }}
{{- include "istio-aws.alb.unmanagedProblems" . }}
{{- else }}
{{- include "istio-aws.alb.groupProblems" . }}
{{- include "istio-aws.alb.addressProblems" . }}
{{- include "istio-aws.alb.listenerProblems" . }}
{{- include "istio-aws.alb.authenticationProblems" . }}
{{- include "istio-aws.alb.actionProblems" . }}
{{- include "istio-aws.alb.canaryProblems" . }}
{{- include "istio-aws.alb.frontendNLBProblems" . }}
{{- include "istio-aws.alb.ruleCountProblems" . }}
{{- if eq .root.Values.controller "eks-auto-mode" }}{{ include "istio-aws.alb.autoModeProblems" . }}{{ end }}
{{- end }}
{{- include "istio-aws.alb.backendProblems" . }}
{{- include "istio-aws.alb.targetGroupProblems" . }}
{{- include "istio-aws.alb.ingressProblems" . }}
{{- end }}

{{- /*
istio-aws.alb.groupProblems: a group is one load balancer, and that has one scheme.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.groupProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.groupProblems" -}}
{{- if and (int .spec.group.order) (not .spec.group.name) }}
- {{ .path }}.group.order: {{ int .spec.group.order }} has no effect without {{ .path }}.group.name; set the name, or leave the order at 0
{{- end }}
{{- $public := .root.Values.loadBalancers.albPublic -}}
{{- if and (eq .lb.scheme "internal") $public.enabled .spec.group.name (eq .spec.group.name $public.group.name) }}
- {{ .path }}.group.name: {{ .spec.group.name | quote }} is also loadBalancers.albPublic.group.name, and a load balancer is either public or internal; use two names
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.addressProblems: subnets, address types and clients.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.addressProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.addressProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- if eq (len $spec.subnets) 1 }}
- {{ $path }}.subnets: has 1 subnet, an ALB needs two or more in different availability zones; add one, or leave it empty to have them found by their tags
{{- end }}
{{- if and (eq $spec.ipAddressType "dualstack-without-public-ipv4") (ne .lb.scheme "internet-facing") }}
- {{ $path }}.ipAddressType: {{ $spec.ipAddressType | quote }} is for internet-facing load balancers only; use dualstack
{{- end }}
{{- range $spec.inboundCIDRs }}
{{- if and (contains ":" .) (eq $spec.ipAddressType "ipv4") }}
- {{ $path }}.inboundCIDRs: {{ . | quote }} would let nobody in, since ipAddressType is "ipv4"; take it out, or set {{ $path }}.ipAddressType to dualstack
{{- end }}
{{- end }}
{{- if and $spec.prefixLists $spec.securityGroups }}
- {{ $path }}.prefixLists: has no effect beside {{ $path }}.securityGroups; put these lists into the security group, or leave securityGroups empty
{{- end }}
{{- if and (not $spec.manageBackendRules) (not $spec.securityGroups) }}
- {{ $path }}.manageBackendRules: false has no effect without {{ $path }}.securityGroups; set those, or leave it true
{{- end }}
{{- range $spec.hosts }}
{{- with include "istio-aws.alb.hostProblem" (dict "host" .) }}
- {{ $path }}.hosts: {{ . }}
{{- end }}
{{- end }}
{{- if and $spec.accessLogs.prefix (not $spec.accessLogs.bucket) }}
- {{ $path }}.accessLogs.prefix: {{ $spec.accessLogs.prefix | quote }} has no effect without {{ $path }}.accessLogs.bucket; set the bucket, or take it out
{{- else if contains "AWSLogs" $spec.accessLogs.prefix }}
- {{ $path }}.accessLogs.prefix: {{ $spec.accessLogs.prefix | quote }} contains AWSLogs, which AWS itself puts behind the prefix; take it out
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.hostProblem: a host that no rule of an ALB can have.
Takes: dict "host" string.
Returns: words; empty when it can.
Example: {{ include "istio-aws.alb.hostProblem" (dict "host" "shop") }}
*/ -}}
{{- define "istio-aws.alb.hostProblem" -}}
{{- if not (regexMatch "\\.[a-z]+$" .host) -}}
{{ .host | quote }} is no host for an ALB, which wants a dot, and letters only behind the last one; write it in full
{{- else if gt (len .host) 128 -}}
{{ .host | quote }} has {{ len .host }} characters, an ALB takes 128; shorten it
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.backendProblems: how the load balancer talks to the gateway.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.backendProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.backendProblems" -}}
{{- $path := .path -}}
{{- $backend := .spec.backend -}}
{{- if and (eq $backend.protocol "HTTPS") (not $backend.secret) }}
- {{ $path }}.backend.secret: is empty, but backend.protocol is "HTTPS"; name the Secret of the gateway's certificate
{{- else if and (eq $backend.protocol "HTTP") $backend.secret }}
- {{ $path }}.backend.secret: {{ $backend.secret | quote }} has no effect, since backend.protocol is "HTTP"; set {{ $path }}.backend.protocol to HTTPS, or leave it out
{{- end }}
{{- if and $backend.targetGroupARN (eq .spec.managedBy "controller") }}
- {{ $path }}.backend.targetGroupARN: has no effect, since managedBy is "controller", which makes its own; set {{ $path }}.managedBy to none, or take it out
{{- end }}
{{- if has (int $backend.targetPort) (list 15000 15001 15004 15006 15008 15009 15012 15020 15021 15053 15090) }}
- {{ $path }}.backend.targetPort: {{ int $backend.targetPort }} is one of the gateway's own ports; use another one
{{- end }}
{{- if and .spec.targetNodeLabels (ne .spec.targetType "instance") }}
- {{ $path }}.targetNodeLabels: have no effect, since targetType is {{ .spec.targetType | quote }}; set {{ $path }}.targetType to instance, or leave them out
{{- end }}
{{- if and (ne $backend.version "HTTP1") (ne .spec.healthCheck.through "data") }}
- {{ $path }}.healthCheck.through: {{ .spec.healthCheck.through | quote }} does not go with backend.version {{ $backend.version | quote }}, which the status port does not speak; use data
{{- end }}
{{- include "istio-aws.alb.versionProblems" (merge (dict "at" (print $path ".backend.version") "version" $backend.version) .) }}
{{- include "istio-aws.alb.codeProblems" (dict "at" (print $path ".healthCheck.successCodes") "version" $backend.version "codes" .spec.healthCheck.successCodes) }}
{{- end }}

{{- /*
istio-aws.alb.versionProblems: target groups of HTTP/2 and gRPC are for HTTPS listeners only.
Takes: dict "path" "spec", "at" the path of the "version".
Returns: lines.
Example: {{ include "istio-aws.alb.versionProblems" (merge (dict "at" "….version" "version" "GRPC") $one) }}
*/ -}}
{{- define "istio-aws.alb.versionProblems" -}}
{{- $listeners := include "istio-aws.alb.listeners" . | fromJson -}}
{{- if and (ne .version "HTTP1") (eq .spec.managedBy "controller") }}
{{- if not $listeners.https }}
- {{ .at }}: {{ .version | quote }} needs HTTPS listeners; set {{ .path }}.tls.certificateArns, or use HTTP1
{{- else if and $listeners.http (not $listeners.redirect) }}
- {{ .at }}: {{ .version | quote }} is for HTTPS listeners only, and there is one for HTTP; set {{ .path }}.tls.redirectHTTP, or use HTTP1
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.codeProblems: success codes are HTTP's, 200 to 499, or gRPC's, 0 to 99.
Takes: dict "at" path "version" "codes".
Returns: lines.
Example: {{ include "istio-aws.alb.codeProblems" (dict "at" "….successCodes" "version" "GRPC" "codes" "0-99") }}
*/ -}}
{{- define "istio-aws.alb.codeProblems" -}}
{{- $call := . -}}
{{- $least := eq .version "GRPC" | ternary 0 200 -}}
{{- $most := eq .version "GRPC" | ternary 99 499 -}}
{{- range compact (splitList "," .codes) }}
{{- $ends := splitList "-" . }}
{{- $from := first $ends | atoi }}
{{- $to := last $ends | atoi }}
{{- if or (lt $from $least) (gt $to $most) }}
- {{ $call.at }}: {{ . | quote }} is outside {{ $least }} to {{ $most }}, the codes of {{ $call.version }}; use codes in between
{{- else if gt $from $to }}
- {{ $call.at }}: {{ . | quote }} ends before it begins; turn it round
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.targetGroupProblems: how a target is chosen.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.targetGroupProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.targetGroupProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- $sticky := $spec.stickiness -}}
{{- if and (int $spec.slowStartSeconds) (ne $spec.algorithm "round_robin") }}
- {{ $path }}.slowStartSeconds: {{ int $spec.slowStartSeconds }} does not go with algorithm {{ $spec.algorithm | quote }}; use round_robin, or leave it at 0
{{- end }}
{{- if not $sticky.enabled }}
{{- if $sticky.applicationCookie }}
- {{ $path }}.stickiness.applicationCookie: {{ $sticky.applicationCookie | quote }} has no effect without {{ $path }}.stickiness.enabled; set that, or leave it out
{{- end }}
{{- if ne (int $sticky.durationSeconds) 86400 }}
- {{ $path }}.stickiness.durationSeconds: {{ int $sticky.durationSeconds }} has no effect without {{ $path }}.stickiness.enabled; set that, or leave it out
{{- end }}
{{- else if eq (get $spec.targetGroupAttributes "load_balancing.cross_zone.enabled" | toString) "false" }}
- {{ $path }}.stickiness.enabled: does not go with the attribute load_balancing.cross_zone.enabled false in {{ $path }}.targetGroupAttributes; keep one of the two
{{- end }}
{{- if and $sticky.enabled $sticky.applicationCookie $spec.canary.service }}
- {{ $path }}.stickiness.applicationCookie: does not go with {{ $path }}.canary, since AWS keeps no client of shared target groups by it; leave it out while the canary lasts
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.canaryProblems: a share for another gateway.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.canaryProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.canaryProblems" -}}
{{- $path := .path -}}
{{- $canary := .spec.canary -}}
{{- if not $canary.service }}
{{- if int $canary.weight }}
- {{ $path }}.canary.weight: {{ int $canary.weight }} has no effect without {{ $path }}.canary.service; set the Service, or leave it at 0
{{- end }}
{{- if ne (int $canary.port) 80 }}
- {{ $path }}.canary.port: {{ int $canary.port }} has no effect without {{ $path }}.canary.service; set the Service, or leave it at 80
{{- end }}
{{- else if eq $canary.service (include "istio-aws.gateway.name" (dict "root" .root "alias" .lb.alias)) }}
- {{ $path }}.canary.service: {{ $canary.service | quote }} is this gateway's own Service; name that of the second release
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.ruleCountProblems: AWS takes 100 rules for a load balancer, those of all its listeners together.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.ruleCountProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.ruleCountProblems" -}}
{{- $spec := .spec -}}
{{- $listeners := (include "istio-aws.alb.listeners" . | fromJson).rules | int -}}
{{- $rules := max 1 (len $spec.hosts) -}}
{{- $items := $spec.ingresses -}}
{{- range $spec.actions }}{{- if ne .name $spec.defaultBackend }}{{- $items = append $items . }}{{- end }}{{- end }}
{{- range $items }}
{{- $rules = add $rules (mul (max 1 (len (.hosts | default $spec.hosts))) (max 1 (len (.paths | default list)))) }}
{{- end }}
{{- if gt (mul $rules $listeners) 100 }}
- {{ .path }}: has {{ $rules }} rules (each host with each path of the gateway, its actions and ingresses) on {{ $listeners }} listener{{ if gt $listeners 1 }}s{{ end }}, and AWS takes 100 on a load balancer; use wildcards, fewer hosts or a second load balancer
{{- end }}
{{- end }}
