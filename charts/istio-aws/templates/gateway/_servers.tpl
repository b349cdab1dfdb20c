{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.gateway.hosts: hosts that the gateway behind a load balancer answers; every host when the rest goes to the gateway too.
Takes: dict "spec" a value of loadBalancers.
Returns: YAML list under the key hosts, empty for every host.
Example: {{ $hosts := (include "istio-aws.gateway.hosts" (dict "spec" $spec) | fromYaml).hosts }}
*/ -}}
{{- define "istio-aws.gateway.hosts" -}}
hosts: {{ eq (.spec.defaultBackend | default "none") "gateway" | ternary list .spec.hosts | toJson }}
{{- end }}

{{- /*
istio-aws.gateway.servers: the ports of a Gateway resource. Their numbers are the Service's; istiod finds the pods' port by that Service.
A server without SNI is for every host, since a load balancer that opens TLS to the gateway sends none: VirtualServices then tell hosts
apart. Several servers of one port have names of their own, and SNI tells them apart.
Takes: dict "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: YAML list under the key servers; empty when every port is UDP, which Istio has no servers for.
Example: {{ $servers := (include "istio-aws.gateway.servers" (dict "spec" $spec "lb" $lb) | fromYaml).servers }}
*/ -}}
{{- define "istio-aws.gateway.servers" -}}
{{- $spec := .spec -}}
{{- $every := list "*" -}}
{{- $hosts := (include "istio-aws.gateway.hosts" (dict "spec" $spec) | fromYaml).hosts | default $every -}}
{{- $servers := list -}}
{{- if eq .lb.kind "nlb" -}}
{{- range $port := (include "istio-aws.nlb.ports" (dict "spec" $spec) | fromJson).ports -}}
{{- if eq .inside "UDP" -}}{{- continue -}}{{- end -}}
{{- if and .tls (eq $spec.tls.terminateAt "passthrough") -}}
{{- $servers = append $servers (dict "port" . "protocol" "TLS" "hosts" $hosts "tls" (dict "mode" "PASSTHROUGH")) -}}
{{- else if and .tls (or $spec.tls.reencrypt (eq $spec.tls.terminateAt "gateway")) -}}
{{- range $i, $credential := $spec.tls.credentials -}}
{{- $tls := dict "mode" ($credential.mode | default "SIMPLE") "credentialName" $credential.secret -}}
{{- $server := dict "port" $port "protocol" (eq $port.inside "TCP" | ternary "TLS" "HTTPS") "tls" $tls -}}
{{- $_ := set $server "hosts" ($spec.tls.reencrypt | ternary $every ($credential.hosts | default $hosts)) -}}
{{- $_ := set $server "suffix" (gt $i 0 | ternary (printf "-%d" $i) "") -}}
{{- $servers = append $servers $server -}}
{{- end -}}
{{- else if not .plain -}}
{{- $servers = append $servers (dict "port" . "protocol" "TCP" "hosts" $every) -}}
{{- else -}}
{{- $servers = append $servers (dict "port" . "protocol" "HTTP" "hosts" $hosts "tls" (and $spec.tls.redirectHTTP (not .tls) | ternary (dict "httpsRedirect" true) dict)) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- $port := dict "name" (include "istio-aws.alb.portName" (dict "spec" $spec)) "port" 80 -}}
{{- if eq $spec.backend.protocol "HTTPS" -}}
{{- $servers = list (dict "port" $port "protocol" "HTTPS" "hosts" $every "tls" (dict "mode" "SIMPLE" "credentialName" $spec.backend.secret)) -}}
{{- else -}}
{{- $servers = list (dict "port" $port "protocol" "HTTP" "hosts" $hosts) -}}
{{- end -}}
{{- end -}}
servers:
{{- range $servers }}
  - port: {name: {{ printf "%s%s" .port.name (.suffix | default "") | quote }}, number: {{ .port.port | int }}, protocol: {{ .protocol }}}
    hosts: {{ toJson .hosts }}
    {{- with .tls }}
    tls: {{ toJson . }}
    {{- end }}
{{- else }} []
{{- end }}
{{- end }}
