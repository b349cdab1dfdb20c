{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.toProblems: several destinations have shares, and each is one that istiod can find.
Takes: dict "root" $ "path" string "to" list.
Returns: lines.
Example: {{ include "istio-aws.routes.toProblems" (dict "root" $root "path" "routes[0].http[0].to" "to" $rule.to) }}
*/ -}}
{{- define "istio-aws.routes.toProblems" -}}
{{- $one := . -}}
{{- $count := len .to -}}
{{- $weights := 0 -}}
{{- $sum := 0 -}}
{{- range $k, $to := .to }}
{{- include "istio-aws.routes.toOneProblems" (dict "root" $one.root "path" (printf "%s[%d]" $one.path $k) "to" $to) }}
{{- if hasKey $to "weight" }}{{- $weights = add1 $weights }}{{- $sum = add $sum (int $to.weight) }}{{- end }}
{{- end }}
{{- if and (gt $count 1) (ne (int $weights) $count) }}
- {{ .path }}: has {{ $count }} destinations and {{ $weights }} with a weight; give each a weight, its share of the requests
{{- else if and (gt (int $weights) 0) (eq (int $sum) 0) }}
- {{ .path }}: all weights are 0, {{ eq $count 1 | ternary "but a destination that is alone gets everything" "and Istio refuses that" }}; give {{ eq $count 1 | ternary "it a share, or answer with directResponse" "one a share" }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.toOneProblems: a destination has a name that istiod knows, and a subset that is there.
Takes: dict "root" $ "path" string "to" map.
Returns: lines.
Example: {{ include "istio-aws.routes.toOneProblems" (dict "root" $root "path" "routes[0].http[0].mirror" "to" $rule.mirror) }}
*/ -}}
{{- define "istio-aws.routes.toOneProblems" -}}
{{- include "istio-aws.routes.nameProblems" (dict "root" .root "path" (printf "%s.host" .path) "host" .to.host) }}
{{- with .to.subset }}
{{- $subsets := (get $.root.Values.destinations $.to.host | default dict).subsets | default dict }}
{{- if not (hasKey $subsets .) }}
- {{ $.path }}.subset: {{ . | quote }} is not one of destinations[{{ $.to.host | quote }}].subsets {{ keys $subsets | sortAlpha | toJson }}; add it there, or take it out
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.nameProblems: istiod completes a name without dots by this release's namespace and takes any other as it is.
Takes: dict "root" $ "path" string "host" string.
Returns: lines.
Example: {{ include "istio-aws.routes.nameProblems" (dict "root" $root "path" "routes[0].http[0].to[0].host" "host" "shop.shop") }}
*/ -}}
{{- define "istio-aws.routes.nameProblems" -}}
{{- $labels := splitList "." .host -}}
{{- $outside := eq ((get .root.Values.destinations .host | default dict).tls | default dict).mode "SIMPLE" -}}
{{- if eq (len $labels) 1 }}
- {{ .path }}: {{ .host | quote }} would be looked for in this release's namespace; write the whole name, {{ .host }}.<namespace>.svc.cluster.local
{{- else if and (eq (len $labels) 2) (not $outside) }}
- {{ .path }}: {{ .host | quote }} is no name that istiod knows, and requests would get 503; write {{ .host }}.svc.cluster.local, or, for a host outside of the cluster, set destinations[{{ .host | quote }}].tls.mode to SIMPLE
{{- else if or (and (eq (len $labels) 3) (eq (last $labels) "svc")) (and (hasSuffix ".svc.cluster.local" .host) (lt (len $labels) 5)) }}
- {{ .path }}: {{ .host | quote }} is no name that istiod knows, and requests would get 503; write <service>.<namespace>.svc.cluster.local
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.destinationProblems: names and TLS of destinations, against what mtls says of the workloads behind them.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.routes.destinationProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.routes.destinationProblems" -}}
{{- $root := .root -}}
{{- range $host, $spec := $root.Values.destinations }}
{{- $path := printf "destinations[%q]" $host }}
{{- include "istio-aws.routes.nameProblems" (dict "root" $root "path" $path "host" $host) }}
{{- with $spec.tls }}
{{- if ne .mode "SIMPLE" }}
{{- range $key := list "sni" "secret" }}
{{- if get $spec.tls $key }}
- {{ $path }}.tls.{{ $key }}: has no effect with mode {{ $spec.tls.mode }}; take it out, or set mode to SIMPLE
{{- end }}
{{- end }}
{{- end }}
{{- $server := include "istio-aws.mtls.serverMode" (dict "root" $root "host" $host) | fromJson }}
{{- if and (eq ($server.mode | default "") "STRICT") (ne .mode "ISTIO_MUTUAL") }}
- {{ $path }}.tls.mode: is {{ .mode }}, but {{ $server.by }} is STRICT and answers to mutual TLS only; leave tls out, or make that PERMISSIVE
{{- else if and (eq ($server.mode | default "") "DISABLE") (eq .mode "ISTIO_MUTUAL") }}
- {{ $path }}.tls.mode: is ISTIO_MUTUAL, but {{ $server.by }} is DISABLE and takes plaintext only; leave tls out, or make that PERMISSIVE
{{- end }}
{{- end }}
{{- end }}
{{- end }}
