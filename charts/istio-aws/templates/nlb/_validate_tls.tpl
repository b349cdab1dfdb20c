{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.nlb.tlsProblems: which ports speak TLS, where it ends, and what belongs to which of the three places.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.tlsProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.tlsProblems" -}}
{{- $path := .path -}}
{{- $tls := .spec.tls -}}
{{- $here := eq $tls.terminateAt "loadBalancer" -}}
{{- $names := dict -}}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}{{- $_ := set $names .name .inside }}{{- end }}
{{- range $tls.ports }}
{{- $inside := get $names . }}
{{- if not $inside }}
- {{ $path }}.tls.ports: {{ . | quote }} is not the name of one of {{ $path }}.ports; allowed: {{ keys $names | sortAlpha | join ", " }}
{{- else if or (eq $inside "UDP") (and (eq $inside "TCP_UDP") (ne $tls.terminateAt "gateway")) }}
- {{ $path }}.tls.ports: {{ . | quote }} carries {{ $inside }}, where an NLB can neither end TLS nor see the host; take it out{{ if eq $inside "TCP_UDP" }}, or set tls.terminateAt to gateway for HTTP/3{{ end }}
{{- end }}
{{- end }}
{{- if not $tls.ports }}
{{- if $tls.certificateArns }}
- {{ $path }}.tls.ports: is empty, and the controller would then end TLS on every port, the health check's too; name the ports that the certificates are for
{{- end }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" (dict "tls.terminateAt" "loadBalancer" "tls.alpnPolicy" "None" "tls.reencrypt" false "tls.redirectHTTP" false "tls.policy" "ELBSecurityPolicy-TLS13-1-2-2021-06") "because" "tls.ports is empty" "cure" "name the ports that speak TLS") .) }}
{{- else if not $here }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" (dict "tls.certificateArns" list "tls.alpnPolicy" "None" "tls.reencrypt" false "tls.policy" "ELBSecurityPolicy-TLS13-1-2-2021-06") "because" (printf "TLS does not end at the load balancer (tls.terminateAt %s)" $tls.terminateAt) "cure" "leave it out, or set tls.terminateAt to loadBalancer") .) }}
{{- else if and (not $tls.certificateArns) (eq .spec.managedBy "controller") }}
- {{ $path }}.tls.ports: {{ toJson $tls.ports }} need a certificate; set {{ $path }}.tls.certificateArns
{{- end }}
{{- if and $tls.ports $tls.redirectHTTP }}{{- include "istio-aws.nlb.redirectProblems" . }}{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.redirectProblems: a redirect needs HTTP to come from, and names no port, so that clients go to 443.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.redirectProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.redirectProblems" -}}
{{- $from := "" -}}
{{- $to := "" -}}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- if and .tls (eq (int .port) 443) }}{{- $to = .name }}{{- end }}
{{- if and (not .tls) (eq .inside "HTTP") }}{{- $from = .name }}{{- end }}
{{- end }}
{{- if not $from }}
- {{ .path }}.tls.redirectHTTP: true has no effect, since every HTTP port is in tls.ports; leave it out, or add a port without TLS
{{- end }}
{{- if not $to }}
- {{ .path }}.tls.redirectHTTP: true sends clients to port 443, which is in none of tls.ports; let a TLS port listen there, or leave it out
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.credentialProblems: who ends TLS at the gateway needs certificates there, and nobody else does. The load balancer names no host
and shows no certificate of its own when it opens TLS again.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.credentialProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.credentialProblems" -}}
{{- $path := .path -}}
{{- $tls := .spec.tls -}}
{{- $atGateway := eq $tls.terminateAt "gateway" -}}
{{- $again := and (eq $tls.terminateAt "loadBalancer") $tls.reencrypt -}}
{{- if and $tls.ports (or $atGateway $again) (not $tls.credentials) }}
- {{ $path }}.tls.credentials: is empty, and the gateway then has no certificate to show {{ $again | ternary "the load balancer (tls.reencrypt)" "(tls.terminateAt gateway)" }}; add {secret: …}
{{- else if and $tls.credentials (not (and $tls.ports (or $atGateway $again))) }}
- {{ $path }}.tls.credentials: has no effect, since TLS does not end at the gateway; leave it out, or set tls.ports and tls.terminateAt gateway or tls.reencrypt
{{- else if and $tls.credentials $atGateway }}
{{- include "istio-aws.nlb.credentialHostProblems" . }}
{{- else if $again }}
{{- $first := first $tls.credentials | default dict }}
{{- if or (gt (len $tls.credentials) 1) $first.hosts }}
- {{ $path }}.tls.credentials: has {{ len $tls.credentials }} with hosts {{ $first.hosts | default list | toJson }}, and the load balancer names no host when it opens TLS again; leave one, without hosts
{{- end }}
{{- if eq (toString $first.mode) "MUTUAL" }}
- {{ $path }}.tls.credentials[0].mode: MUTUAL asks for a certificate, and the load balancer has none to show when it opens TLS again; use SIMPLE
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.credentialHostProblems: each host that the gateway ends TLS for has one certificate, found by the name that the client asks for.
Takes: dict "path" "spec" with tls.credentials.
Returns: lines.
Example: {{ include "istio-aws.nlb.credentialHostProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.credentialHostProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- $named := dict -}}
{{- range $i, $credential := $spec.tls.credentials }}
{{- range $host := $credential.hosts | default $spec.hosts | default (list "*") }}
{{- if hasKey $named $host }}
- {{ $path }}.tls.credentials[{{ $i }}].hosts: {{ $host | quote }} is also that of credentials[{{ get $named $host }}], and the gateway finds the certificate by the host; give each credential hosts of its own
{{- else if not (include "istio-aws.routes.covered" (dict "host" $host "hosts" $spec.hosts)) }}
- {{ $path }}.tls.credentials[{{ $i }}].hosts: {{ $host | quote }} is not let in by {{ $path }}.hosts {{ toJson $spec.hosts }}; add it there, or leave it out
{{- end }}
{{- $_ := set $named $host $i }}
{{- end }}
{{- end }}
{{- range $spec.hosts }}
{{- if not (include "istio-aws.routes.covered" (dict "host" . "hosts" (keys $named))) }}
- {{ $path }}.hosts: {{ . | quote }} has no certificate among {{ $path }}.tls.credentials, and clients would get no TLS; add it to the hosts of one
{{- end }}
{{- end }}
{{- end }}
