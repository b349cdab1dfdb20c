{{- /* SPDX-License-Identifier: Apache-2.0

Rules of attributes. The controller passes them on; AWS refuses what it does not know, and then the controller changes nothing any more.
*/ -}}

{{- /*
istio-aws.annotations.attributeProblems: attributes of one load balancer, its target groups, its listeners and its frontend NLB.
Takes: dict "root" $ "path" "spec" "lb" "known".
Returns: lines.
Example: {{ include "istio-aws.annotations.attributeProblems" $one }}
*/ -}}
{{- define "istio-aws.annotations.attributeProblems" -}}
{{- $one := . -}}
{{- $listeners := list -}}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}{{- $listeners = append $listeners .listener }}{{- end }}
{{- $places := list
    (dict "at" "attributes" "map" .spec.attributes "level" "loadBalancer")
    (dict "at" "targetGroupAttributes" "map" .spec.targetGroupAttributes "level" "targetGroup" "protocols" (uniq $listeners))
    (dict "at" "frontendNLB.attributes" "map" (.spec.frontendNLB).attributes "level" "loadBalancer" "one" (dict "lb" (dict "kind" "nlb") "root" .root "known" .known "path" .path "spec" dict) "free" true) -}}
{{- range $i, $listener := .spec.listeners }}
{{- $places = append $places (dict "at" (printf "listeners[%d].attributes" $i) "map" $listener.attributes "level" "listener" "protocols" (list $listener.protocol)) }}
{{- end }}
{{- range $i, $port := .spec.ports }}
{{- $places = append $places (dict "at" (printf "ports[%d].attributes" $i) "map" $port.attributes "level" "listener" "protocols" (list (index $listeners $i))) }}
{{- end }}
{{- range $place := $places }}
{{- range $name, $value := $place.map }}
{{- with include "istio-aws.annotations.attribute" (dict "one" ($place.one | default $one) "level" $place.level "protocols" $place.protocols "free" $place.free "beside" $place.map "name" $name "value" $value) | trim }}
- {{ $one.path }}.{{ $place.at }}: {{ $name | quote }} {{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.attribute: what is wrong with one attribute.
Takes: dict "one" "name" "value", "level" loadBalancer, targetGroup or listener, "beside" the map it stands in, "protocols" of the
listeners that it is for, "free" when no value of this load balancer sets it.
Returns: words.
Example: {{ include "istio-aws.annotations.attribute" (dict "one" $one "level" "loadBalancer" "name" $name "value" $value "beside" $map) }}
*/ -}}
{{- define "istio-aws.annotations.attribute" -}}
{{- include "istio-aws.annotations.read" .one -}}
{{- $call := . -}}
{{- $entry := get (get (get .one.known.attributes .one.lb.kind) .level) .name | default dict -}}
{{- if not $entry }}
{{- include "istio-aws.annotations.unknownAttribute" . }}
{{- else if $entry.fixed -}}
is always {{ first $entry.allowed }}; remove it
{{- else if and $entry.value (not .free) -}}
is what {{ .one.path }}.{{ $entry.value }} sets; use that value
{{- else }}
{{- $allowed := include "istio-aws.annotations.allowed" (dict "entry" $entry "value" .value "bools" "^(true|false)$") }}
{{- $counts := ne .value (toString $entry.default) }}
{{- with $entry.when }}{{- $counts = has $call.value . }}{{- end }}
{{- $without := "" }}
{{- range $other, $want := $entry.with }}
{{- $is := get $call.beside $other }}
{{- if or (not $is) (and $want (ne $is $want)) }}{{- $without = trim (printf "%s %s" $other $want) }}{{- end }}
{{- end }}
{{- $outside := "" }}
{{- if $entry.protocols }}{{- range .protocols }}{{- if not (has . $entry.protocols) }}{{- $outside = . }}{{- end }}{{- end }}{{- end }}
{{- if $allowed -}}
is {{ .value | quote }}; allowed: {{ $allowed }}
{{- else if and $counts $without -}}
needs the attribute {{ $without }} beside it; add that, or remove it
{{- else if and $counts $outside -}}
is for {{ join " and " $entry.protocols }} only, and {{ eq .level "listener" | ternary "this listener" "a listener" }} is {{ $outside }}; remove it
{{- else if $counts }}
{{- include "istio-aws.annotations.missing" (dict "one" .one "entry" $entry) }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.unknownAttribute: where an attribute belongs that does not belong here, or what it may be a misspelling of.
Takes: dict "one" with its lists read, "name" "level" "free".
Returns: words.
Example: {{ include "istio-aws.annotations.unknownAttribute" (dict "one" $one "level" "listener" "name" "idle_timeout") }}
*/ -}}
{{- define "istio-aws.annotations.unknownAttribute" -}}
{{- $call := . -}}
{{- $kind := .one.lb.kind -}}
{{- $other := eq $kind "alb" | ternary "nlb" "alb" -}}
{{- $all := .one.known.attributes -}}
{{- $words := dict "loadBalancer" "load balancer" "targetGroup" "target group" "listener" "listener" -}}
{{- $homes := dict "loadBalancer" "attributes" "targetGroup" "targetGroupAttributes" "listener" (eq $kind "alb" | ternary "listeners[].attributes" "ports[].attributes") -}}
{{- $home := "" -}}
{{- range $level, $entries := get $all $kind }}{{- if hasKey $entries $call.name }}{{- $home = $level }}{{- end }}{{- end }}
{{- $entries := get (get $all $kind) .level -}}
{{- if and $home (not .free) -}}
is a {{ get $words $home }} attribute; {{ with (get (get (get $all $kind) $home) .name).value }}use {{ $call.one.path }}.{{ . }}{{ else }}write it into {{ .one.path }}.{{ get $homes $home }}{{ end }}
{{- else if hasKey (get (get $all $other) .level) .name -}}
is an attribute of {{ upper $other }}s, and this is an {{ upper $kind }}; remove it
{{- else -}}
is no {{ get $words .level }} attribute that AWS knows
{{- with include "istio-aws.annotations.nearest" (dict "names" (keys $entries) "name" .name) -}}
; the nearest is {{ . | quote }}{{ if not $call.free }}{{ with (get $entries .).value }}, which {{ $call.one.path }}.{{ . }} sets{{ end }}{{ end }}
{{- else -}}
; docs/load-balancers.md lists those that there are
{{- end }}
{{- end }}
{{- end }}
