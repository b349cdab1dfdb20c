{{- /* SPDX-License-Identifier: Apache-2.0

What the gateway answers when the load balancer checks the port of the requests (healthCheck.through: data): proof that its listener is
there. The load balancer asks for an IP address as host, so the answer lives on the host "*" and takes nothing from hosts with a name.
*/ -}}

{{- /*
istio-aws.gateway.healthPaths: what the load balancer asks for at the port of the requests. Further Ingresses that speak HTTP/2 or gRPC
to the gateway are always checked there.
Takes: dict "spec" a value of loadBalancers.
Returns: YAML list under the key paths, empty when it asks the status port only.
Example: {{ with (include "istio-aws.gateway.healthPaths" (dict "spec" $spec) | fromYaml).paths }}
*/ -}}
{{- define "istio-aws.gateway.healthPaths" -}}
{{- $data := eq .spec.healthCheck.through "data" -}}
{{- $versions := list -}}
{{- if $data -}}{{- $versions = append $versions ((.spec.backend).version | default "HTTP1") -}}{{- end -}}
{{- range .spec.ingresses -}}
{{- $version := .version | default "HTTP1" -}}
{{- if or $data (ne $version "HTTP1") -}}{{- $versions = append $versions $version -}}{{- end -}}
{{- end -}}
{{- $paths := list -}}
{{- if or (has "HTTP1" $versions) (has "HTTP2" $versions) -}}{{- $paths = append $paths "/healthz/ready" -}}{{- end -}}
{{- if has "GRPC" $versions -}}{{- $paths = append $paths "/AWS.ALB/healthcheck" -}}{{- end -}}
paths: {{ toJson $paths }}
{{- end }}

{{- /*
istio-aws.gateway.healthServer: a server for the host "*" where the Gateway's own server of that port is for other hosts.
Takes: dict "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: YAML map, empty when the Gateway answers every host or is not asked.
Example: {{ with include "istio-aws.gateway.healthServer" (dict "spec" $spec "lb" $lb) }}
*/ -}}
{{- define "istio-aws.gateway.healthServer" -}}
{{- if (include "istio-aws.gateway.healthPaths" . | fromYaml).paths -}}
{{- $name := eq .lb.kind "alb" | ternary "http2" (include "istio-aws.nlb.healthPort" . ) -}}
{{- range (include "istio-aws.gateway.servers" . | fromYaml).servers -}}
{{- if and (eq .port.name $name) (not (has "*" .hosts)) -}}
port: {{ toJson .port }}
hosts: ["*"]
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
