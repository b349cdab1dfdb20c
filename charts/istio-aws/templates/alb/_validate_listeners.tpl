{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.listenerProblems: listeners, certificates, and whom HTTP would let past the checks that only HTTPS makes.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.listenerProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.listenerProblems" -}}
{{- $path := .path -}}
{{- $tls := .spec.tls -}}
{{- $listeners := include "istio-aws.alb.listeners" . | fromJson -}}
{{- $seen := dict -}}
{{- range $i, $listener := .spec.listeners }}
{{- $port := toString (int $listener.port) }}
{{- if hasKey $seen $port }}
- {{ $path }}.listeners[{{ $i }}].port: {{ $port }} is also the port of {{ $path }}.listeners[{{ get $seen $port }}]; ports are used once
{{- end }}
{{- $_ := set $seen $port $i }}
{{- end }}
{{- if and $listeners.https (not (or $tls.certificateArns $tls.discoverCertificates)) }}
- {{ $path }}.listeners: have HTTPS, which needs a certificate; set {{ $path }}.tls.certificateArns, or {{ $path }}.tls.discoverCertificates
{{- end }}
{{- if and (not $listeners.https) $tls.certificateArns }}
- {{ $path }}.tls.certificateArns: have no effect, since no listener is HTTPS; add one to {{ $path }}.listeners, or leave those empty
{{- end }}
{{- if $tls.discoverCertificates }}
{{- if not $listeners.https }}
- {{ $path }}.tls.discoverCertificates: has no effect, since no listener is HTTPS; add one to {{ $path }}.listeners, or leave those empty
{{- end }}
{{- if $tls.certificateArns }}
- {{ $path }}.tls.discoverCertificates: has no effect beside {{ $path }}.tls.certificateArns; use one of the two
{{- end }}
{{- if not .spec.hosts }}
- {{ $path }}.tls.discoverCertificates: finds certificates by hosts, and {{ $path }}.hosts is empty; set the hosts, or {{ $path }}.tls.certificateArns
{{- end }}
{{- end }}
{{- if not $listeners.https }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" (dict "tls.policy" "ELBSecurityPolicy-TLS13-1-2-2021-06") "because" "no listener is HTTPS" "cure" (printf "set %s.tls.certificateArns, or leave it out" $path)) .) }}
{{- end }}
{{- $client := $tls.clientCertificates -}}
{{- $checks := list -}}
{{- if eq $client.mode "verify" }}{{- $checks = append $checks "tls.clientCertificates.mode" }}{{- end }}
{{- if ne .spec.authentication.type "none" }}{{- $checks = append $checks "authentication.type" }}{{- end }}
{{- if .spec.jwtValidation.jwksEndpoint }}{{- $checks = append $checks "jwtValidation.jwksEndpoint" }}{{- end }}
{{- range $checks }}
{{- if not $listeners.https }}
- {{ $path }}.{{ . }}: works on HTTPS listeners only, and there is none; set {{ $path }}.tls.certificateArns
{{- else if and $listeners.http (not $listeners.redirect) }}
- {{ $path }}.{{ . }}: works on HTTPS listeners only, so requests over HTTP would go past it; set {{ $path }}.tls.redirectHTTP, or leave HTTP out of {{ $path }}.listeners
{{- end }}
{{- end }}
{{- if and (eq $client.mode "passthrough") (not $listeners.https) }}
- {{ $path }}.tls.clientCertificates.mode: "passthrough" works on HTTPS listeners only, and there is none; set {{ $path }}.tls.certificateArns
{{- end }}
{{- if and (eq $client.mode "verify") (not $client.trustStore) }}
- {{ $path }}.tls.clientCertificates.trustStore: is empty, but the mode is "verify"; name the trust store
{{- end }}
{{- if ne $client.mode "verify" }}
{{- range $key, $value := pick $client "trustStore" "ignoreExpiry" "advertiseAuthorities" }}
{{- if $value }}
- {{ $path }}.tls.clientCertificates.{{ $key }}: {{ toJson $value }} has no effect with mode {{ $client.mode | quote }}; set the mode to verify, or leave it out
{{- end }}
{{- end }}
{{- end }}
{{- end }}
