{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.redirectTargetProblems: a redirect must not lead back to its own rule, and AWS fills in five words.
Takes: dict "path" of the action, "at" of the load balancer, "spec" "action" and its "index".
Returns: lines.
Example: {{ include "istio-aws.alb.redirectTargetProblems" (merge (dict "action" $action "index" $i) $call) }}
*/ -}}
{{- define "istio-aws.alb.redirectTargetProblems" -}}
{{- $to := .action.redirect -}}
{{- range $part := list "host" "path" "query" }}
{{- range regexFindAll "#\\{[^}]*\\}?" (get $to $part | default "") -1 | uniq }}
{{- if not (has . (list "#{protocol}" "#{host}" "#{port}" "#{path}" "#{query}")) }}
- {{ $.path }}.redirect.{{ $part }}: {{ . | quote }} is nothing that AWS fills in; allowed: #{protocol}, #{host}, #{port}, #{path}, #{query}
{{- end }}
{{- end }}
{{- end }}
{{- if include "istio-aws.alb.redirectLoops" . }}
- {{ .path }}.redirect: leads to where this action matches again, so clients would be sent round and round; give the action hosts or paths that do not take in {{ $to.host | default "the same host" }}{{ with $to.path }} {{ . }}{{ end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.redirectLoops: whether the request that a redirect asks for gets the same redirect. Conditions can make the difference, and so can
an action before this one; then the answer is no.
Takes: dict "spec" "action" and its "index".
Returns: "true" or "".
Example: {{ if include "istio-aws.alb.redirectLoops" (dict "spec" $spec "action" $action "index" 0) }}
*/ -}}
{{- define "istio-aws.alb.redirectLoops" -}}
{{- $spec := .spec -}}
{{- $to := .action.redirect -}}
{{- $listeners := include "istio-aws.alb.listeners" . | fromJson -}}
{{- $carrying := list -}}
{{- range $listeners.https -}}{{- $carrying = append $carrying (printf "HTTPS %d" (int .)) -}}{{- end -}}
{{- if not $listeners.redirect -}}{{- range $listeners.http -}}{{- $carrying = append $carrying (printf "HTTP %d" (int .)) -}}{{- end -}}{{- end -}}
{{- $lands := false -}}
{{- range $carrying -}}
{{- $from := splitList " " . -}}
{{- $protocol := has $to.protocol (list nil "#{protocol}") | ternary (first $from) $to.protocol -}}
{{- $port := has $to.port (list nil "#{port}") | ternary (last $from) $to.port -}}
{{- if has (printf "%s %s" $protocol $port) $carrying -}}{{- $lands = true -}}{{- end -}}
{{- end -}}
{{- $host := $to.host | default "#{host}" -}}
{{- $path := $to.path | default "/#{path}" -}}
{{- $moves := or (ne $host "#{host}") (ne $path "/#{path}") -}}
{{- $pattern := regexReplaceAll "#\\{.*$" $path "*" -}}
{{- $changes := or $moves (not (has $to.protocol (list nil "#{protocol}"))) (not (has $to.port (list nil "#{port}"))) -}}
{{- if and $changes $lands (not .action.conditions) (ne .action.name $spec.defaultBackend) -}}
{{- $same := include "istio-aws.alb.lets" (dict "host" $host "hosts" (.action.hosts | default $spec.hosts)) -}}
{{- if ne $path "/#{path}" -}}
{{- $same = and $same (include "istio-aws.alb.takesPath" (dict "item" .action "path" $pattern "pathType" "Exact")) -}}
{{- end -}}
{{- range $i, $earlier := $spec.actions -}}
{{- if and (lt $i (int $.index)) $moves (ne $earlier.name $spec.defaultBackend) -}}
{{- $sees := include "istio-aws.alb.lets" (dict "host" $host "hosts" ($earlier.hosts | default $spec.hosts)) -}}
{{- if and $sees (or (eq $path "/#{path}") (include "istio-aws.alb.takesPath" (dict "item" $earlier "path" $pattern "pathType" "Exact"))) -}}{{- $same = "" -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $same -}}
{{- end -}}
{{- end }}

{{- /*
istio-aws.alb.lets: whether a redirect's host stays among these.
Takes: dict "host" as a redirect has it, "hosts" list; an empty one is every host.
Returns: "true" or "".
Example: {{ include "istio-aws.alb.lets" (dict "host" "#{host}" "hosts" (list "a.example.com")) }} -> true
*/ -}}
{{- define "istio-aws.alb.lets" -}}
{{- if eq .host "#{host}" -}}true
{{- else if not (contains "#{" .host) -}}{{- include "istio-aws.routes.covered" . -}}
{{- end -}}
{{- end }}
