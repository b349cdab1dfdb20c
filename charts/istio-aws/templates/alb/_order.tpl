{{- /* SPDX-License-Identifier: Apache-2.0

The rules of an ALB are tried in their order, and the first that matches wins: the actions' in theirs, then those of the further Ingresses,
then the gateway's.
*/ -}}

{{- /*
istio-aws.alb.takesPath: whether an action or a further Ingress takes every request for a path.
Takes: dict "item", "path" with * for anything, "pathType".
Returns: "true" or "".
Example: {{ include "istio-aws.alb.takesPath" (dict "item" (dict "paths" (list "/a")) "path" "/a/b" "pathType" "Exact") }} -> true
*/ -}}
{{- define "istio-aws.alb.takesPath" -}}
{{- $server := empty .item.paths -}}
{{- $type := .item.pathType | default "Prefix" -}}
{{- $literal := regexFind "^[^*?]*" .path -}}
{{- range .item.paths -}}
{{- $under := print (trimSuffix "/" .) "/" -}}
{{- if eq $type "Prefix" -}}
{{- if or (eq (trimSuffix "/" $.path) (trimSuffix "/" .)) (hasPrefix $under $literal) -}}{{- $server = true -}}{{- end -}}
{{- else if or (and (eq . $.path) (eq $type $.pathType)) (and (eq . "/*") (eq $type "ImplementationSpecific")) -}}{{- $server = true -}}
{{- end -}}
{{- end -}}
{{- if $server -}}true{{- end -}}
{{- end }}

{{- /*
istio-aws.alb.shadowed: actions and further Ingresses that get no request, because earlier ones take them all.
Takes: dict "spec".
Returns: JSON {items: [{path: below the load balancer, by: such a path, page: whether that one takes every path}]}.
Example: {{ range (include "istio-aws.alb.shadowed" (dict "spec" $spec) | fromJson).items }}
*/ -}}
{{- define "istio-aws.alb.shadowed" -}}
{{- $spec := .spec -}}
{{- $all := list -}}
{{- range $i, $action := $spec.actions -}}
{{- if ne .name $spec.defaultBackend -}}
{{- $hosts := .hosts | default ((.conditions).hostRegex | empty | ternary $spec.hosts list) -}}
{{- $own := dict "path" (printf "actions[%d]" $i) "hosts" $hosts "always" (empty .conditions) "page" (empty .paths) -}}
{{- $all = append $all (merge $own (pick . "paths" "pathType")) -}}
{{- end -}}
{{- end -}}
{{- $places := dict -}}
{{- range $i, $ingress := $spec.ingresses -}}
{{- $place := include "istio-aws.alb.order" (dict "spec" $spec "ingress" .) | int -}}
{{- $own := dict "path" (printf "ingresses[%d]" $i) "hosts" (.hosts | default $spec.hosts) "always" true "page" false -}}
{{- $_ := set $places (printf "%05d %s" (add $place 2000) .name) (merge $own (pick . "paths" "pathType")) -}}
{{- end -}}
{{- range keys $places | sortAlpha -}}{{- $all = append $all (get $places .) -}}{{- end -}}
{{- $shadowed := list -}}
{{- range $i, $item := $all -}}
{{- $by := dict -}}
{{- $reached := false -}}
{{- range $host := $item.hosts | default (list "") -}}
{{- range $path := $item.paths | default (list "/") -}}
{{- $first := dict -}}
{{- range $j, $earlier := $all -}}
{{- if and (lt $j $i) $earlier.always (not $first) (include "istio-aws.routes.covered" (dict "host" $host "hosts" $earlier.hosts)) -}}
{{- if include "istio-aws.alb.takesPath" (dict "item" $earlier "path" $path "pathType" ($item.pathType | default "Prefix")) -}}{{- $first = $earlier -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $first -}}{{- $by = $first -}}{{- else -}}{{- $reached = true -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if not $reached -}}{{- $shadowed = append $shadowed (dict "path" $item.path "by" $by.path "page" $by.page) -}}{{- end -}}
{{- end -}}
{{- dict "items" $shadowed | toJson -}}
{{- end }}

{{- /*
istio-aws.alb.orderProblems: a rule behind one that takes its requests does nothing. An action for every path is left to the notes, for that is
how a maintenance page is put up for a while.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.orderProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.orderProblems" -}}
{{- range (include "istio-aws.alb.shadowed" . | fromJson).items }}
{{- if not .page }}
- {{ $.path }}.{{ .path }}: gets no request, since {{ $.path }}.{{ .by }} comes before it and takes them all; put it first, or take it out
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.orderWarnings: rules that wait behind an action for every path.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.orderWarnings" $one }}
*/ -}}
{{- define "istio-aws.alb.orderWarnings" -}}
{{- if eq .lb.kind "alb" }}
{{- range (include "istio-aws.alb.shadowed" . | fromJson).items }}
{{- if .page }}
- {{ $.path }}.{{ .path }}: gets no request as long as {{ $.path }}.{{ .by }} takes those for every path; take that out when it has served
{{- end }}
{{- end }}
{{- end }}
{{- end }}
