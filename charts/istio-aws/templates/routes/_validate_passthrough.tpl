{{- /* SPDX-License-Identifier: Apache-2.0

Routes whose TLS passes through the gateway: the client's TLS ends at the destination.
*/ -}}

{{- /*
istio-aws.routes.passthroughHostProblems: a load balancer lets the server names of a route in; where the route has hosts, these are checked.
Takes: dict "path" "route" "key" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.routes.passthroughHostProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.passthroughHostProblems" -}}
{{- $one := . -}}
{{- $hosts := (include "istio-aws.gateway.hosts" . | fromYaml).hosts -}}
{{- if not .route.hosts }}
{{- range $j, $rule := .route.tls }}
{{- range $host := $rule.hosts }}
{{- if not (include "istio-aws.routes.covered" (dict "host" $host "hosts" $hosts)) }}
- {{ $one.path }}.tls[{{ $j }}].hosts: {{ $host | quote }} is not let in by loadBalancers.{{ $one.key }}.hosts {{ toJson $hosts }}; add it there, or take {{ $one.key }} out
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.passthroughTLSProblems: what is TLS already is not put into TLS again. A host of two labels is left alone: TLS is how
destinations tells one outside of the cluster from a short name.
Takes: dict "root" $ "path" "route".
Returns: lines.
Example: {{ include "istio-aws.routes.passthroughTLSProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.passthroughTLSProblems" -}}
{{- $one := . -}}
{{- range $j, $rule := .route.tls }}
{{- range $k, $to := $rule.to }}
{{- $mode := ((get $one.root.Values.destinations $to.host | default dict).tls | default dict).mode | default "" }}
{{- if and (eq $mode "SIMPLE") (gt (splitList "." $to.host | len) 2) }}
- {{ $one.path }}.tls[{{ $j }}].to[{{ $k }}].host: {{ $to.host | quote }} gets the client's TLS, and destinations[{{ $to.host | quote }}].tls.mode SIMPLE would put that into TLS once more; leave tls out there
{{- end }}
{{- end }}
{{- end }}
{{- end }}
