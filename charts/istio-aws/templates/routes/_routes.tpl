{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.destinations: how the gateways connect to the hosts of all routes that say so.
Takes: dict "root" $.
Returns: YAML, host -> TLS mode; the last route wins (istio-aws.routes.conflicts refuses two modes for one host).
Example: {{ range $host, $mode := include "istio-aws.routes.destinations" (dict "root" $) | fromYaml }}
*/ -}}
{{- define "istio-aws.routes.destinations" -}}
{{- $modes := dict -}}
{{- range $route := .root.Values.routes -}}
{{- with ($route.destination).tls -}}
{{- $mode := . -}}
{{- range $rule := $route.http -}}{{- range $rule.to -}}{{- $_ := set $modes .host $mode -}}{{- end -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $modes -}}
{{- end }}

{{- /*
istio-aws.routes.covered: whether a load balancer lets a host in.
Takes: dict "host" string "hosts" list of a load balancer.
Returns: "true" or "".
Example: {{ if include "istio-aws.routes.covered" (dict "host" "a.example.com" "hosts" (list "*.example.com")) }}
*/ -}}
{{- define "istio-aws.routes.covered" -}}
{{- $host := .host -}}
{{- $covered := empty .hosts -}}
{{- range .hosts -}}
{{- if or (eq . $host) (and (hasPrefix "*." .) (hasSuffix (trimPrefix "*" .) $host)) -}}{{- $covered = true -}}{{- end -}}
{{- end -}}
{{- if $covered -}}true{{- end -}}
{{- end }}
