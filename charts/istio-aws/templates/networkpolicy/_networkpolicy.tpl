{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.networkpolicy.ports: ports of the gateway's pods that the load balancer sends to.
Takes: dict "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: YAML list, NetworkPolicyPort.
Example: {{ include "istio-aws.networkpolicy.ports" (dict "spec" $spec "lb" $lb) | trim | nindent 8 }}
*/ -}}
{{- define "istio-aws.networkpolicy.ports" -}}
{{- $ports := list (dict "inside" "TCP" "targetPort" 15021) -}}
{{- if eq .lb.kind "alb" -}}
{{- $ports = append $ports (dict "inside" "TCP" "targetPort" .spec.backend.targetPort) -}}
{{- else -}}
{{- $ports = concat $ports (include "istio-aws.nlb.ports" . | fromJson).ports -}}
{{- end -}}
{{- range $ports }}
{{- if ne .inside "UDP" }}
- {protocol: TCP, port: {{ .targetPort | int }}}
{{- end }}
{{- if hasSuffix "UDP" .inside }}
- {protocol: UDP, port: {{ .targetPort | int }}}
{{- end }}
{{- end }}
{{- end }}
