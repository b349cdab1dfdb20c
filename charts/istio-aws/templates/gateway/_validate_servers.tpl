{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

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

{{- /*
istio-aws.gateway.reservedPorts: ports that Istio's proxy and its agent have for themselves. Others of their range, as 15012, are istiod's only.
Takes: nothing.
Returns: YAML list under the key ports.
Example: {{ (include "istio-aws.gateway.reservedPorts" . | fromYaml).ports }}
*/ -}}
{{- define "istio-aws.gateway.reservedPorts" -}}
ports: [15000, 15001, 15004, 15006, 15008, 15009, 15020, 15021, 15053, 15090]
{{- end }}

{{- /*
istio-aws.gateway.targetPortProblems: requests come in by a port that the proxy does not need for itself.
Takes: dict "path" of what has the targetPort, "port" number.
Returns: lines.
Example: {{ include "istio-aws.gateway.targetPortProblems" (dict "path" (print $path ".backend") "port" $backend.targetPort) }}
*/ -}}
{{- define "istio-aws.gateway.targetPortProblems" -}}
{{- if has (float64 .port) (include "istio-aws.gateway.reservedPorts" . | fromYaml).ports }}
- {{ .path }}.targetPort: {{ int .port }} is a port of the proxy itself in every gateway pod; use another one
{{- end }}
{{- end }}
