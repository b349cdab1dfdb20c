{{- /* SPDX-License-Identifier: Apache-2.0

What requests the rules of an ALB are for, and how many rules there are: those of the gateway's hosts, of actions and of further Ingresses.
*/ -}}

{{- /*
istio-aws.alb.matchProblems: what requests a rule is for. AWS takes five values and five wildcards in a rule, host and path among them.
Takes: dict "path" "spec", "item" an action or a further Ingress.
Returns: lines.
Example: {{ include "istio-aws.alb.matchProblems" (dict "path" $path "spec" $spec "item" $action) }}
*/ -}}
{{- define "istio-aws.alb.matchProblems" -}}
{{- $path := .path -}}
{{- $item := .item -}}
{{- $prefix := eq ($item.pathType | default "Prefix") "Prefix" -}}
{{- $literal := ne ($item.pathType | default "Prefix") "ImplementationSpecific" -}}
{{- range $item.hosts }}
{{- with include "istio-aws.alb.hostProblem" (dict "host" .) }}
- {{ $path }}.hosts: {{ . }}
{{- end }}
{{- end }}
{{- if and $item.pathType (not $item.paths) }}
- {{ $path }}.pathType: {{ $item.pathType | quote }} has no effect without {{ $path }}.paths; add those, or take it out
{{- end }}
{{- $conditions := $item.conditions | default dict -}}
{{- range $key, $regex := dict "hosts" "hostRegex" "paths" "pathRegex" }}
{{- if and (get $item $key) (get $conditions $regex) }}
- {{ $path }}.conditions.{{ $regex }}: does not go with {{ $path }}.{{ $key }}, the controller takes one of the two; keep one
{{- end }}
{{- end }}
{{- range $name, $_ := merge dict ($conditions.headers | default dict) ($conditions.headerRegex | default dict) }}
{{- if eq (lower $name) "host" }}
- {{ $path }}.conditions.headers: {{ $name | quote }} is not for conditions; use {{ $path }}.hosts
{{- end }}
{{- end }}
{{- if has "255.255.255.255/32" $conditions.sourceIPs }}
- {{ $path }}.conditions.sourceIPs: "255.255.255.255/32" is not taken by AWS; take it out
{{- end }}
{{- $values := 0 -}}
{{- range pick $conditions "methods" "sourceIPs" "hostRegex" "pathRegex" -}}{{- $values = add $values (len .) -}}{{- end -}}
{{- range $conditions.headerRegex -}}{{- $values = add $values (len .) -}}{{- end -}}
{{- $words := "" -}}
{{- range $conditions.headers -}}{{- $values = add $values (len .) -}}{{- $words = print $words (join "" .) -}}{{- end -}}
{{- range $key, $list := $conditions.query -}}{{- $values = add $values (len $list) -}}{{- range $list -}}{{- $words = print $words $key . -}}{{- end -}}{{- end -}}
{{- $hosts := $item.hosts | default ($conditions.hostRegex | empty | ternary .spec.hosts list) -}}
{{- $host := "" -}}
{{- range $hosts -}}{{- if or (not $host) (hasPrefix "*" .) -}}{{- $host = . -}}{{- end -}}{{- end -}}
{{- range $item.paths | default (list "") }}
{{- $patterns := list . }}
{{- if $literal }}
{{- include "istio-aws.alb.literalPathProblems" (dict "path" (print $path ".paths") "literal" .) }}
{{- if regexMatch "[*?]" . }}
- {{ $path }}.paths: {{ . | quote }} has a wildcard, which pathType {{ $item.pathType | default "Prefix" | quote }} does not take; set {{ $path }}.pathType to ImplementationSpecific
{{- end }}
{{- end }}
{{- if and $prefix . }}{{- $patterns = eq . "/" | ternary (list "/*") (list (trimSuffix "/" .) (print (trimSuffix "/" .) "/*")) }}{{- end }}
{{- if gt (len (last $patterns)) 128 }}
- {{ $path }}.paths: {{ . | quote }} is too long, with the /* that a prefix gets a path may have 128 characters; shorten it
{{- end }}
{{- $all := int (add $values (len (compact (list $host))) (len (compact $patterns))) }}
{{- $stars := len (regexReplaceAll "[^*?]" (print $words $host (join "" $patterns)) "") }}
{{- if gt $all 5 }}
- {{ $path }}: a rule of it has {{ $all }} values ({{ with $host }}its host, {{ end }}{{ with . }}{{ len $patterns }} for the path {{ . | quote }}, {{ end }}{{ $values }} of conditions), and AWS takes 5; split it into two actions{{ if and $prefix (gt (len $patterns) 1) }}, or use pathType Exact, which counts once{{ end }}
{{- else if gt $stars 5 }}
- {{ $path }}: a rule of it has {{ $stars }} wildcards, and AWS takes 5; use fewer
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.hostProblem: a host that no rule of an ALB can have.
Takes: dict "host" string.
Returns: words; empty when it can.
Example: {{ include "istio-aws.alb.hostProblem" (dict "host" "shop") }}
*/ -}}
{{- define "istio-aws.alb.hostProblem" -}}
{{- if not (regexMatch "\\.[a-z]+$" .host) -}}
{{ .host | quote }} is no host for an ALB, which wants a dot, and letters only behind the last one; write it in full
{{- else if gt (len .host) 128 -}}
{{ .host | quote }} has {{ len .host }} characters, an ALB takes 128; shorten it
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.ruleCountProblems: AWS's default quota is 100 rules for a load balancer, those of all its listeners together.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.ruleCountProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.ruleCountProblems" -}}
{{- $spec := .spec -}}
{{- $listeners := (include "istio-aws.alb.listeners" . | fromJson).rules | int -}}
{{- $rules := max 1 (len $spec.hosts) -}}
{{- $items := $spec.ingresses -}}
{{- range $spec.actions }}{{- if ne .name $spec.defaultBackend }}{{- $items = append $items . }}{{- end }}{{- end }}
{{- range $items }}
{{- $rules = add $rules (mul (max 1 (len (.hosts | default $spec.hosts))) (max 1 (len (.paths | default list)))) }}
{{- end }}
{{- if gt (mul $rules $listeners) 100 }}
- {{ .path }}: has {{ $rules }} rules (each host with each path of the gateway, its actions and ingresses) on {{ $listeners }} listener{{ if gt $listeners 1 }}s{{ end }}, and AWS's default quota is 100 on a load balancer; use wildcards, fewer hosts or a second load balancer
{{- end }}
{{- end }}
