{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.gateway.credentialProblems: each host that the gateway ends TLS for has one certificate, found by the name that the client asks for.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.credentialProblems" $one }}
*/ -}}
{{- define "istio-aws.gateway.credentialProblems" -}}
{{- $path := .path -}}
{{- if and (eq .lb.kind "nlb") .spec.tls.credentials }}
{{- $spec := .spec }}
{{- if eq $spec.tls.terminateAt "gateway" }}
{{- $named := dict }}
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
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.externalDNSProblems: an address to publish says something while publishing is on.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.gateway.externalDNSProblems" $one }}
*/ -}}
{{- define "istio-aws.gateway.externalDNSProblems" -}}
{{- if and .spec.externalDNS.target (not .spec.externalDNS.enabled) }}
- {{ .path }}.externalDNS.target: {{ .spec.externalDNS.target | quote }} has no effect while externalDNS.enabled is false; set that to true, or leave the target out
{{- end }}
{{- end }}
