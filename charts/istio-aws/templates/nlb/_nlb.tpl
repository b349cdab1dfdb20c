{{- /* SPDX-License-Identifier: Apache-2.0

What a Service of an NLB is made of. Its annotations are in _annotations.tpl.
*/ -}}

{{- /*
istio-aws.nlb.ports: the ports of an NLB, each with what follows from where TLS ends.
Takes: dict "spec" a value of loadBalancers.
Returns: JSON {"ports": list of the values' own keys and
  listener: TCP, TLS, UDP or TCP_UDP, as AWS calls the listener,
  inside: HTTP, TCP, UDP or TCP_UDP, what is inside TLS,
  tls: whether clients speak TLS,
  plain: whether HTTP reaches the gateway without TLS,
  proxy: none, strict or permissive}.
Example: {{ range (include "istio-aws.nlb.ports" (dict "spec" $spec) | fromJson).ports }}
*/ -}}
{{- define "istio-aws.nlb.ports" -}}
{{- $tls := .spec.tls -}}
{{- $ports := list -}}
{{- range .spec.ports }}
{{- $inside := .protocol | default "HTTP" }}
{{- $speaksTLS := has .name $tls.ports }}
{{- $endsHere := and $speaksTLS (eq $tls.terminateAt "loadBalancer") }}
{{- $listener := has $inside (list "UDP" "TCP_UDP") | ternary $inside ($endsHere | ternary "TLS" "TCP") }}
{{- $plain := and (eq $inside "HTTP") (or (not $speaksTLS) (and $endsHere (not $tls.reencrypt))) }}
{{- $ports = append $ports (merge (dict "listener" $listener "inside" $inside "tls" $speaksTLS "plain" $plain "proxy" (.proxyProtocol | default "none")) .) }}
{{- end }}
{{- dict "ports" $ports | toJson }}
{{- end }}

{{- /*
istio-aws.nlb.servicePorts: the ports of the Service: status-port, then the listeners'. One that carries TCP and UDP is two ports of one number.
Takes: dict "spec" a value of loadBalancers.
Returns: YAML list.
Example: {{ include "istio-aws.nlb.servicePorts" (dict "spec" $spec) | nindent 4 }}
*/ -}}
{{- define "istio-aws.nlb.servicePorts" -}}
{{- $status := dict "name" "status-port" "port" 15021 "targetPort" 15021 "listener" "TCP" "inside" "HTTP" "plain" true "nodePort" .spec.statusNodePort -}}
{{- range prepend (include "istio-aws.nlb.ports" . | fromJson).ports $status }}
{{- $port := . }}
{{- range $protocol := eq .listener "TCP_UDP" | ternary (list "TCP" "UDP") (list (eq .listener "UDP" | ternary "UDP" "TCP")) }}
- name: {{ $port.name }}{{ if and (eq $port.listener "TCP_UDP") (eq $protocol "UDP") }}-udp{{ end }}
  port: {{ $port.port | int }}
  protocol: {{ $protocol }}
  {{- if eq $protocol "TCP" }}
  appProtocol: {{ eq $port.inside "HTTP" | ternary ($port.plain | ternary "http" "https") "tcp" }}
  {{- end }}
  targetPort: {{ $port.targetPort | int }}
  {{- with $port.nodePort | int }}
  nodePort: {{ . }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.healthPort: the name of the Service's port that is asked whether the gateway is healthy.
Takes: dict "spec" a value of loadBalancers.
Returns: name; empty when no port can answer, with through: data and no plain HTTP.
Example: {{ include "istio-aws.nlb.healthPort" (dict "spec" $spec) }} -> status-port
*/ -}}
{{- define "istio-aws.nlb.healthPort" -}}
{{- if eq .spec.healthCheck.through "status" -}}
status-port
{{- else }}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}{{- if .plain }}{{ .name }}{{ break }}{{ end }}{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.local: whether only nodes that have a gateway pod get connections. The controller then asks kube-proxy, not the gateway.
Takes: dict "spec" a value of loadBalancers.
Returns: "true" or empty.
Example: {{ if include "istio-aws.nlb.local" (dict "spec" $spec) }}
*/ -}}
{{- define "istio-aws.nlb.local" -}}
{{- if and (eq .spec.targetType "instance") (eq .spec.externalTrafficPolicy "Local") }}true{{ end }}
{{- end }}
