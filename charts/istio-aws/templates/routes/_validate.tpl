{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.problems: a route names load balancers that are there and let its hosts in, and says how weights are shared.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.routes.problems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.routes.problems" -}}
{{- $root := .root -}}
{{- $names := dict -}}
{{- range $i, $route := $root.Values.routes }}
{{- $path := printf "routes[%d]" $i }}
{{- if hasKey $names $route.name }}
- {{ $path }}.name: {{ $route.name | quote }} is also the name of routes[{{ get $names $route.name }}]; names are used once
{{- end }}
{{- $_ := set $names $route.name $i }}
{{- range $key := $route.loadBalancers }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- if not $spec.enabled }}
- {{ $path }}.loadBalancers: {{ $key }} is not enabled; set loadBalancers.{{ $key }}.enabled to true, or take it out
{{- else }}
{{- range $host := $route.hosts }}
{{- if not (include "istio-aws.routes.covered" (dict "host" $host "hosts" $spec.hosts)) }}
- {{ $path }}.hosts: {{ $host | quote }} is not let in by loadBalancers.{{ $key }}.hosts {{ toJson $spec.hosts }}; add it there, or take {{ $key }} out
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- range $j, $rule := $route.http }}
{{- $weights := 0 }}
{{- range $rule.to }}{{- if hasKey . "weight" }}{{- $weights = add1 $weights }}{{- end }}{{- end }}
{{- if and (gt (len $rule.to) 1) (ne (int $weights) (len $rule.to)) }}
- {{ $path }}.http[{{ $j }}].to: has {{ len $rule.to }} destinations and {{ $weights }} with a weight; give each a weight, its share of the requests
{{- end }}
{{- end }}
{{- end }}
{{- include "istio-aws.routes.conflicts" . }}
{{- end }}

{{- /*
istio-aws.routes.conflicts: the gateways connect to a host in one way, whichever route leads there.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.routes.conflicts" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.routes.conflicts" -}}
{{- $modes := include "istio-aws.routes.destinations" . | fromYaml -}}
{{- range $i, $route := .root.Values.routes }}
{{- $mode := ($route.destination).tls | default "" }}
{{- range $rule := $route.http }}
{{- range $rule.to }}
{{- if and (hasKey $modes .host) (ne (get $modes .host) $mode) }}
- routes[{{ $i }}].destination.tls: {{ $mode | default "unset" }} for {{ .host }}, but another route has {{ get $modes .host }}; use one for all routes to that host
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
