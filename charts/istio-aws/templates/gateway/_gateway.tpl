{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.gateway.name: name of a gateway's Deployment, by the official chart's rule.
Takes: dict "root" $ "alias" string.
Returns: string.
Example: {{ include "istio-aws.gateway.name" (dict "root" $ "alias" "albPublicGateway") }} -> istio-ingress-alb-public
*/ -}}
{{- define "istio-aws.gateway.name" -}}
{{- (index .root.Values .alias).name | default .root.Release.Name }}
{{- end }}

{{- /*
istio-aws.gateway.selector: labels that only this gateway's pods have: what the official chart gives them, and the release's name, so that
a release of another name with gateways of the same names, in any namespace, is not selected.
Takes: dict "root" $ "alias" string.
Returns: YAML map, for the selectors of Service and Gateway.
Example: {{ include "istio-aws.gateway.selector" (dict "root" $ "alias" "albPublicGateway") | nindent 4 }}
*/ -}}
{{- define "istio-aws.gateway.selector" -}}
{{- $labels := (index .root.Values .alias).labels | default dict -}}
{{- $name := include "istio-aws.gateway.name" . -}}
app: {{ $labels.app | default $name | quote }}
istio: {{ $labels.istio | default (trimPrefix "istio-" $name) | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end }}

{{- /*
istio-aws.gateway.enabled: the gateway charts that are part of this release.
Takes: dict "root" $.
Returns: YAML list of aliases under the key aliases.
Example: {{ range (include "istio-aws.gateway.enabled" (dict "root" $) | fromYaml).aliases }}
*/ -}}
{{- define "istio-aws.gateway.enabled" -}}
{{- $aliases := list -}}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml -}}
{{- if (index $.root.Values.loadBalancers $key).enabled -}}{{- $aliases = append $aliases $lb.alias -}}{{- end -}}
{{- end -}}
{{- if .root.Values.egressGateway.enabled -}}{{- $aliases = append $aliases "egressGateway" -}}{{- end -}}
aliases: {{ $aliases | toJson }}
{{- end }}

{{- /*
istio-aws.gateway.servers: the ports of a Gateway resource. Their numbers are the Service's; istiod finds the pods' port by that Service.
TLS has ended at the load balancer, so all of them are plain HTTP.
Takes: dict "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: YAML list.
Example: {{ include "istio-aws.gateway.servers" (dict "spec" $spec "lb" $lb) | nindent 4 }}
*/ -}}
{{- define "istio-aws.gateway.servers" -}}
{{- $hosts := .spec.hosts | default (list "*") -}}
{{- $ports := eq .lb.kind "alb" | ternary (list (dict "name" "http2" "port" 80)) .spec.ports -}}
{{- range $ports }}
- port: {name: {{ .name }}, number: {{ .port | int }}, protocol: HTTP}
  hosts: {{ $hosts | toJson }}
{{- end }}
{{- end }}
