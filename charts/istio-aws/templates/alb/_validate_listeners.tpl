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

{{- /*
istio-aws.alb.frontendNLBProblems: the NLB in front.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.frontendNLBProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.frontendNLBProblems" -}}
{{- $path := printf "%s.frontendNLB" .path -}}
{{- $nlb := .spec.frontendNLB -}}
{{- $listeners := include "istio-aws.alb.listeners" . | fromJson -}}
{{- $open := list -}}
{{- range concat $listeners.http $listeners.https }}{{- $open = append $open (toString (int .)) }}{{- end }}
{{- $secured := not (empty (or $nlb.securityGroups .spec.securityGroups)) -}}
{{- range $from, $to := $nlb.ports }}
{{- if gt (int $from) 65535 }}
- {{ $path }}.ports: {{ $from | quote }} is no port; allowed: 1 to 65535
{{- else if and (not $secured) (not (has $from $open)) }}
- {{ $path }}.ports: {{ $from | quote }} is not let in by the ALB's security group, which the NLB shares; name groups in {{ $path }}.securityGroups, or use a port of the ALB's listeners
{{- end }}
{{- if not (has (toString (int $to)) $open) }}
- {{ $path }}.ports: {{ $from | quote }} leads to {{ int $to }}, which is none of the ALB's listeners; allowed: {{ join ", " $open }}
{{- end }}
{{- end }}
{{- if not $nlb.enabled }}
{{- range $key, $value := omit $nlb "enabled" }}
{{- if $value }}
- {{ $path }}.{{ $key }}: has no effect without {{ $path }}.enabled; set that, or take it out
{{- end }}
{{- end }}
{{- else }}
{{- if eq .spec.ipAddressType "dualstack-without-public-ipv4" }}
- {{ $path }}.enabled: an NLB has no address type {{ .spec.ipAddressType | quote }}, and this one takes the ALB's; set {{ .path }}.ipAddressType to ipv4 or dualstack
{{- end }}
{{- with $nlb.eipAllocations }}
{{- $subnets := $nlb.subnets | default $.spec.subnets }}
{{- if ne $.lb.scheme "internet-facing" }}
- {{ $path }}.eipAllocations: Elastic IPs are for internet-facing load balancers only; take them out
{{- else if not $subnets }}
- {{ $path }}.eipAllocations: {{ len . }} addresses, one for each subnet, and how many of those the controller finds is not known; name them in {{ $path }}.subnets
{{- else if ne (len .) (len $subnets) }}
- {{ $path }}.eipAllocations: {{ len . }} addresses for {{ len $subnets }} subnets; give one for each
{{- end }}
{{- end }}
{{- end }}
{{- end }}
