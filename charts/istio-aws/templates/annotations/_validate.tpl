{{- /* SPDX-License-Identifier: Apache-2.0

Rules of annotations: the controller ignores a name that it does not know, and often a value that does not fit, without a word.
In this folder "one" is a load balancer: dict "root" $ "path" "spec" "lb", "known" dict kept between calls (istio-aws.annotations.read).
*/ -}}

{{- /*
istio-aws.annotations.problems: annotations of one load balancer and of its further Ingresses.
Takes: dict "root" $ "path" "spec" "lb" "known".
Returns: lines.
Example: {{ include "istio-aws.annotations.problems" $one }}
*/ -}}
{{- define "istio-aws.annotations.problems" -}}
{{- $one := . -}}
{{- $places := list (dict "path" .path "map" .spec.annotations) -}}
{{- range $i, $ingress := .spec.ingresses }}
{{- $places = append $places (dict "path" (printf "%s.ingresses[%d]" $one.path $i) "map" $ingress.annotations) }}
{{- end }}
{{- range $place := $places }}
{{- range $name, $value := $place.map }}
{{- with include "istio-aws.annotations.problem" (dict "one" $one "path" $place.path "name" $name "value" $value) | trim }}
- {{ $place.path }}.annotations: {{ $name | quote }} {{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.problem: what is wrong with one annotation: whose it is, and whether it is spelt as the controller reads it.
Takes: dict "one" "name" "value", "path" of the load balancer or of its further Ingress.
Returns: words; empty when all is well.
Example: {{ include "istio-aws.annotations.problem" (dict "one" $one "path" $one.path "name" $name "value" $value) }}
*/ -}}
{{- define "istio-aws.annotations.problem" -}}
{{- $one := .one -}}
{{- $kind := $one.lb.kind -}}
{{- $other := eq $kind "alb" | ternary "nlb" "alb" -}}
{{- $prefix := include "istio-aws.annotations.prefix" (dict "kind" $kind) -}}
{{- $before := regexFind "^.*/" .name -}}
{{- $name := trimPrefix $before .name -}}
{{- $suggest := dict "one" $one "name" $name -}}
{{- $alike := regexMatch "^$|(kubernetes\\.io|k8s\\.io|k8s\\.aws|amazonaws\\.com)/$" $before -}}
{{- if $alike }}{{- include "istio-aws.annotations.read" $one }}{{- end -}}
{{- if eq .name "kubernetes.io/ingress.class" -}}
is fixed by this chart; remove it
{{- else if eq $before $prefix }}
{{- include "istio-aws.annotations.own" (dict "one" $one "path" .path "name" $name "value" .value) }}
{{- else if eq $before (include "istio-aws.annotations.prefix" (dict "kind" $other)) -}}
is for {{ upper $other }}s, and this is an {{ upper $kind }}; remove it{{ include "istio-aws.annotations.suggestion" $suggest }}
{{- else if hasSuffix "ingress.kubernetes.io/" $before -}}
is another ingress controller's and does nothing here; remove it
{{- else if $alike }}
{{- if or (hasPrefix "aws-load-balancer-" $name) (include "istio-aws.annotations.entry" (dict "list" (get $one.known $kind) "name" $name)) -}}
is not read by the controller, whose names begin with {{ $prefix }}{{ include "istio-aws.annotations.suggestion" $suggest }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.suggestion: the nearest annotation that there is for this kind of load balancer, and the value that sets it.
Takes: dict "one" with its lists read, "name" without prefix.
Returns: words that go on behind a sentence; empty when none is near.
Example: {{ include "istio-aws.annotations.suggestion" (dict "one" $one "name" "group-name") }}
*/ -}}
{{- define "istio-aws.annotations.suggestion" -}}
{{- $one := .one -}}
{{- $list := get $one.known $one.lb.kind -}}
{{- with include "istio-aws.annotations.nearest" (dict "names" (keys $list) "name" .name) }}
{{- $entry := get $list . -}}
; the nearest is {{ print (include "istio-aws.annotations.prefix" $one.lb) . | quote }}
{{- if $entry.fixed }}, which this chart sets by itself{{ else if $entry.value }}, which {{ $one.path }}.{{ $entry.value }} sets{{ end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.own: what is wrong with an annotation of the right kind: unknown, set by a value, or not as it may be written.
Takes: dict "one" "path" "value", "name" without prefix.
Returns: words.
Example: {{ include "istio-aws.annotations.own" (dict "one" $one "path" $one.path "name" "scheme" "value" "internal") }}
*/ -}}
{{- define "istio-aws.annotations.own" -}}
{{- $one := .one -}}
{{- $alb := eq $one.lb.kind "alb" -}}
{{- $list := get $one.known $one.lb.kind -}}
{{- $key := include "istio-aws.annotations.entry" (dict "list" $list "name" .name) -}}
{{- $entry := get $list $key | default dict -}}
{{- $further := and $entry.ingresses (ne .path $one.path) -}}
{{- if eq .name "aws-load-balancer-quic-enabled-containers" -}}
is for pods; write it into {{ $one.lb.alias }}.podAnnotations
{{- else if not $entry -}}
is not known to the controller and would do nothing{{ include "istio-aws.annotations.suggestion" . | default "; docs/load-balancers.md lists those that there are" }}
{{- else if $entry.fixed -}}
is fixed by this chart; remove it
{{- else if $entry.value -}}
is what {{ if $further }}{{ .path }}.{{ $entry.ingresses }}{{ else }}{{ $one.path }}.{{ $entry.value }}{{ end }} sets{{ if and $alb (eq $entry.object "service") }} on the gateway's Service{{ end }}; use that value
{{- else if eq (toString $one.spec.managedBy) "none" -}}
does nothing, since {{ $one.path }}.managedBy is none; remove it
{{- else }}
{{- $allowed := include "istio-aws.annotations.allowed" (dict "entry" $entry "value" .value) }}
{{- if $allowed -}}
is {{ .value | quote }}; allowed: {{ $allowed }}
{{- else if ne .value (toString $entry.default) }}
{{- include "istio-aws.annotations.circumstances" (dict "one" $one "path" .path "name" .name "value" .value "key" $key "entry" $entry) }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.circumstances: values, ports and Services that an annotation needs or excludes.
Takes: dict "one" "path" "name" "value", "key" and "entry" of the list.
Returns: words.
Example: {{ include "istio-aws.annotations.circumstances" (dict "one" $one "path" $one.path "name" $name "value" $value "key" $key "entry" $entry) }}
*/ -}}
{{- define "istio-aws.annotations.circumstances" -}}
{{- $one := .one -}}
{{- $missing := include "istio-aws.annotations.missing" . -}}
{{- $beside := "" -}}
{{- range .entry.excludes }}
{{- if include "istio-aws.annotations.lookup" (dict "one" $one "path" .) }}{{- $beside = . }}{{- end }}
{{- end }}
{{- $main := get ($one.spec.annotations | default dict) (print (include "istio-aws.annotations.prefix" $one.lb) .name) -}}
{{- if $missing -}}
{{ $missing }}
{{- else if $beside -}}
does not go with {{ $one.path }}.{{ $beside }}; keep one of the two
{{- else if and (ne .path $one.path) .entry.group $main (ne $main .value) -}}
is {{ .value | quote }}, but {{ $main | quote }} in {{ $one.path }}.annotations, and Ingresses of a group must agree; leave it out here
{{- else if contains "<service>" .key }}
{{- include "istio-aws.annotations.service" . }}
{{- else if contains "<port>" .key }}
{{- include "istio-aws.annotations.port" . }}
{{- else if eq .key "aws-load-balancer-quic-enabled-ports" }}
{{- include "istio-aws.annotations.quic" . }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.missing: a value that an annotation or an attribute needs and that is another one.
Takes: dict "one" "entry".
Returns: words; empty when nothing is missing.
Example: {{ include "istio-aws.annotations.missing" (dict "one" $one "entry" $entry) }}
*/ -}}
{{- define "istio-aws.annotations.missing" -}}
{{- $one := .one -}}
{{- range $path, $want := .entry.needs }}
{{- $is := include "istio-aws.annotations.lookup" (dict "one" $one "path" $path) }}
{{- $met := eq $is $want }}
{{- if not $want }}{{- $met = ne $is "" }}{{- else if eq $want "false" }}{{- $met = eq $is "" }}{{- end }}
{{- if not $met -}}
needs {{ $one.path }}.{{ $path }}{{ with $want }} {{ . }}{{ end }}; set that, or remove it
{{- break }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.misplacedProblems: the controller's annotations where they reach no load balancer, or every one.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.annotations.misplacedProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.annotations.misplacedProblems" -}}
{{- $root := .root -}}
{{- $its := "^(alb\\.ingress\\.kubernetes\\.io|service\\.(beta\\.)?kubernetes\\.io)/(aws-)?" -}}
{{- range $name, $_ := $root.Values.commonAnnotations }}
{{- if regexMatch $its $name }}
- commonAnnotations: {{ $name | quote }} is for one load balancer, and these are for every object; write it into loadBalancers.<name>.annotations
{{- end }}
{{- end }}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $gateway := get $root.Values $lb.alias | default dict }}
{{- range $at, $map := dict "annotations" $gateway.annotations "service.annotations" ($gateway.service).annotations }}
{{- range $name, $_ := $map }}
{{- if or (eq $at "service.annotations") (regexMatch $its $name) }}
- {{ $lb.alias }}.{{ $at }}: {{ $name | quote }} does nothing there, since this chart makes the Service; write it into loadBalancers.{{ $key }}.annotations
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
