{{- /* SPDX-License-Identifier: Apache-2.0

Rules of ALBs: what AWS or the controller would refuse, or take and not do. Those of rules, listeners, actions, further Ingresses, sign-in, the
NLB in front, and of who makes the load balancer are in files of their own.
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
{{- include "istio-aws.alb.orderProblems" . }}
{{- include "istio-aws.alb.annotationProblems" . }}
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
istio-aws.alb.addressProblems: subnets, address types and hosts.
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
{{- if and (eq $spec.ipAddressType "dualstack-without-public-ipv4") $spec.inboundCIDRs (not (contains ":" (join "" $spec.inboundCIDRs))) (not $spec.prefixLists) }}
- {{ $path }}.inboundCIDRs: has IPv4 networks only, and with ipAddressType {{ $spec.ipAddressType | quote }} clients come by IPv6, so nobody would be let in; add IPv6 networks
{{- end }}
{{- range $spec.hosts }}
{{- with include "istio-aws.alb.hostProblem" (dict "host" .) }}
- {{ $path }}.hosts: {{ . }}
{{- end }}
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
{{- include "istio-aws.gateway.targetPortProblems" (dict "path" (print $path ".backend") "port" $backend.targetPort) }}
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
istio-aws.alb.codeProblems: success codes are HTTP's, 200 to 499, or gRPC's, 0 to 99, and a gateway that is ready answers 200 or 0.
Takes: dict "at" path "version" "codes".
Returns: lines.
Example: {{ include "istio-aws.alb.codeProblems" (dict "at" "….successCodes" "version" "GRPC" "codes" "0-99") }}
*/ -}}
{{- define "istio-aws.alb.codeProblems" -}}
{{- $call := . -}}
{{- $least := eq .version "GRPC" | ternary 0 200 -}}
{{- $most := eq .version "GRPC" | ternary 99 499 -}}
{{- $healthy := empty .codes -}}
{{- range compact (splitList "," .codes) }}
{{- $ends := splitList "-" . }}
{{- $from := first $ends | atoi }}
{{- $to := last $ends | atoi }}
{{- if and (le $from $least) (ge $to $least) }}{{- $healthy = true }}{{- end }}
{{- if or (lt $from $least) (gt $to $most) }}
- {{ $call.at }}: {{ . | quote }} is outside {{ $least }} to {{ $most }}, the codes of {{ $call.version }}; use codes in between
{{- else if gt $from $to }}
- {{ $call.at }}: {{ . | quote }} ends before it begins; turn it round
{{- end }}
{{- end }}
{{- if not $healthy }}
- {{ .at }}: {{ .codes | quote }} leaves out {{ $least }}, which a gateway answers when it is ready, so that no target would ever be healthy; add {{ $least }}
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
{{- $values := dict "stickiness.applicationCookie" "" "stickiness.durationSeconds" 86400 }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" $values "because" "stickiness.enabled is false" "cure" "set that, or leave it out") .) }}
{{- else if eq (get $spec.targetGroupAttributes "load_balancing.cross_zone.enabled" | toString) "false" }}
- {{ $path }}.stickiness.enabled: does not go with the attribute load_balancing.cross_zone.enabled false in {{ $path }}.targetGroupAttributes; keep one of the two
{{- end }}
{{- if and $sticky.enabled $sticky.applicationCookie $spec.canary.service }}
- {{ $path }}.stickiness.applicationCookie: does not go with {{ $path }}.canary, since AWS keeps no client of shared target groups by it; leave it out while the canary lasts
{{- end }}
{{- end }}
