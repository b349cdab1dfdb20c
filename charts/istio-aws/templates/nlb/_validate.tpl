{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.nlb.problems: rules of one NLB.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.problems" $one }}
*/ -}}
{{- define "istio-aws.nlb.problems" -}}
{{- $path := .path -}}
{{- $names := list "status-port" -}}
{{- $numbers := list 15021 -}}
{{- range $i, $port := .spec.ports }}
{{- if has $port.name $names }}
- {{ $path }}.ports[{{ $i }}].name: {{ $port.name | quote }} is the name of another listener{{ if eq $port.name "status-port" }}, which is always there{{ end }}; names are used once
{{- end }}
{{- if has (int $port.port) $numbers }}
- {{ $path }}.ports[{{ $i }}].port: {{ int $port.port }} is the port of another listener{{ if eq (int $port.port) 15021 }}, status-port, which is always there{{ end }}; ports are used once
{{- end }}
{{- $names = append $names $port.name }}
{{- $numbers = append $numbers (int $port.port) }}
{{- end }}
{{- if and .spec.tls.certificateArns (not .spec.tls.ports) }}
- {{ $path }}.tls.ports: is empty, and the controller would then end TLS on every port, the health check's too; name the ports that the certificates are for
{{- end }}
{{- if and .spec.tls.ports (not .spec.tls.certificateArns) }}
- {{ $path }}.tls.ports: {{ toJson .spec.tls.ports }} need a certificate; set {{ $path }}.tls.certificateArns
{{- end }}
{{- range .spec.tls.ports }}
{{- if or (eq . "status-port") (not (has . $names)) }}
- {{ $path }}.tls.ports: {{ . | quote }} is not the name of one of {{ $path }}.ports; allowed: {{ rest $names | join ", " }}
{{- end }}
{{- end }}
{{- end }}
