{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.actionProblems: the actions, and the one that answers what no rule matches.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.actionProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.actionProblems" -}}
{{- $one := . -}}
{{- $spec := .spec -}}
{{- $services := dict -}}
{{- range (include "istio-aws.alb.services" . | fromJson).services }}{{- $_ := set $services .name true }}{{- end }}
{{- $names := dict -}}
{{- range $i, $action := $spec.actions }}
{{- $path := printf "%s.actions[%d]" $one.path $i }}
{{- if hasKey $names $action.name }}
- {{ $path }}.name: {{ $action.name | quote }} is also the name of {{ $one.path }}.actions[{{ get $names $action.name }}]; names are used once
{{- else if hasKey $services $action.name }}
- {{ $path }}.name: {{ $action.name | quote }} is the name of a gateway's Service, whose rules would get this action's conditions; use another name
{{- end }}
{{- $_ := set $names $action.name $i }}
{{- $call := dict "path" $path "at" $one.path "spec" $spec "services" $services }}
{{- if eq $action.name $spec.defaultBackend }}
{{- range $key, $_ := pick $action "hosts" "paths" "conditions" "transforms" }}
- {{ $path }}.{{ $key }}: has no effect, since {{ $one.path }}.defaultBackend names this action, which then gets what no rule matches; take it out, or write a second action
{{- end }}
{{- else }}
{{- include "istio-aws.alb.matchProblems" (dict "path" $path "spec" $spec "item" $action) }}
{{- end }}
{{- with $action.redirect }}{{ include "istio-aws.alb.redirectProblems" (merge (dict "redirect" .) $call) }}{{ end }}
{{- if $action.redirect }}{{ include "istio-aws.alb.redirectTargetProblems" (merge (dict "action" $action "index" $i) $call) }}{{ end }}
{{- with $action.forward }}{{ include "istio-aws.alb.forwardProblems" (merge (dict "forward" .) $call) }}{{ end }}
{{- include "istio-aws.alb.ownServiceProblems" (merge (dict "action" $action) $call) }}
{{- include "istio-aws.alb.regexProblems" (dict "path" $path "action" $action) }}
{{- if and $action.transforms (not $action.forward) }}
- {{ $path }}.transforms: change what is forwarded, and this action forwards nothing; take them out
{{- end }}
{{- end }}
{{- if not (or (has $spec.defaultBackend (list "none" "gateway")) (hasKey $names $spec.defaultBackend)) }}
- {{ .path }}.defaultBackend: {{ $spec.defaultBackend | quote }} is not the name of one of {{ .path }}.actions; allowed: none, gateway{{ range sortAlpha (keys $names) }}, {{ . }}{{ end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.redirectProblems: a redirect must lead somewhere else, and AWS leads none from HTTPS to HTTP.
Takes: dict "path" of the action, "at" of the load balancer, "spec" "redirect".
Returns: lines.
Example: {{ include "istio-aws.alb.redirectProblems" (dict "path" $path "at" $one.path "spec" $spec "redirect" .) }}
*/ -}}
{{- define "istio-aws.alb.redirectProblems" -}}
{{- $listeners := include "istio-aws.alb.listeners" . | fromJson -}}
{{- $same := dict "protocol" "#{protocol}" "host" "#{host}" "port" "#{port}" "path" "/#{path}" -}}
{{- $changes := false -}}
{{- range $part, $kept := $same }}{{- if ne (get $.redirect $part | default $kept) $kept }}{{- $changes = true }}{{- end }}{{- end }}
{{- $protocol := .redirect.protocol | default "" -}}
{{- if not $changes }}
- {{ .path }}.redirect: leads to where the request came from; change protocol, host, port or path
{{- else if and (eq $protocol "HTTP") $listeners.https }}
- {{ .path }}.redirect.protocol: "HTTP" is not where AWS redirects from HTTPS listeners to; use HTTPS, or leave it out
{{- else if and (eq $protocol "HTTPS") (not .redirect.port) $listeners.http (not $listeners.redirect) }}
- {{ .path }}.redirect.port: is not set, so from HTTP it leads to HTTPS on the port of HTTP; set it to that of an HTTPS listener, such as "443"
{{- end }}
{{- $port := .redirect.port | default "1" }}
{{- if and (regexMatch "^[0-9]+$" $port) (gt (int $port) 65535) }}
- {{ .path }}.redirect.port: {{ $port | quote }} is no port; allowed: 1 to 65535
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.forwardProblems: shares of several target groups.
Takes: dict "path" of the action, "at" of the load balancer, "spec" "forward", "services" map whose keys are the gateway's.
Returns: lines.
Example: {{ include "istio-aws.alb.forwardProblems" (dict "path" $path "at" $one.path "spec" $spec "forward" . "services" $services) }}
*/ -}}
{{- define "istio-aws.alb.forwardProblems" -}}
{{- $to := .forward.to -}}
{{- $weights := list -}}
{{- range $to }}{{- if hasKey . "weight" }}{{- $weights = append $weights (int .weight) }}{{- end }}{{- end }}
{{- if gt (len $to) 1 }}
{{- if ne (len $weights) (len $to) }}
- {{ .path }}.forward.to: has {{ len $to }} target groups and {{ len $weights }} with a weight; give each a weight, its share of the requests
{{- end }}
{{- else if int .forward.stickinessSeconds }}
- {{ .path }}.forward.stickinessSeconds: {{ int .forward.stickinessSeconds }} has no effect with one target group; take it out
{{- end }}
{{- if and (eq (len $weights) (len $to)) (eq (uniq $weights | join ",") "0") }}
- {{ .path }}.forward.to: has weight 0 only, so nothing gets a request; give one a share
{{- end }}
{{- range $i, $target := $to }}
{{- if and (gt (len $to) 1) (hasKey $.services ($target.service | default "")) $.spec.stickiness.enabled (not (int $.forward.stickinessSeconds)) }}
- {{ $.path }}.forward.stickinessSeconds: is 0, but {{ $.at }}.stickiness.enabled keeps clients with a target of {{ $target.service }}, and AWS then wants them kept with the target group too; set it
{{- end }}
{{- range $j, $other := $to }}
{{- if and (lt $j $i) (eq (omit $target "weight" | toJson) (omit $other "weight" | toJson)) }}
- {{ $.path }}.forward.to[{{ $i }}]: is also {{ $.path }}.forward.to[{{ $j }}]; give it one weight
{{- end }}
{{- end }}
{{- end }}
{{- end }}
