{{- /* SPDX-License-Identifier: Apache-2.0

What the lists in annotations/ say: which entry a name has, which value sets it, what may be written. The rules are in _validate.tpl.
*/ -}}

{{- /*
istio-aws.annotations.read: the lists, read when the first annotation or attribute asks for them and then kept, since reading takes milliseconds.
Takes: dict "root" $ "known" dict that lives as long as the validation.
Returns: nothing; "known" gets alb, nlb (annotations) and attributes.
Example: {{ include "istio-aws.annotations.read" (dict "root" $ "known" $known) }}
*/ -}}
{{- define "istio-aws.annotations.read" -}}
{{- if not .known.attributes }}
{{- range $list, $file := dict "alb" "ingress" "nlb" "service" "attributes" "attributes" }}
{{- $_ := set $.known $list ($.root.Files.Get (printf "annotations/%s.yaml" $file) | fromYaml) }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.prefix: what stands before the names of one kind of load balancer.
Takes: dict "kind" alb or nlb.
Returns: text.
Example: {{ include "istio-aws.annotations.prefix" (dict "kind" "alb") }} -> alb.ingress.kubernetes.io/
*/ -}}
{{- define "istio-aws.annotations.prefix" -}}
{{ eq .kind "alb" | ternary "alb.ingress.kubernetes.io/" "service.beta.kubernetes.io/" }}
{{- end }}

{{- /*
istio-aws.annotations.entry: the entry of a list that a name belongs to, also for names that go on with a port or a name.
Takes: dict "list" one of the lists of annotations, "name" without prefix.
Returns: text, the entry's key; empty when there is none.
Example: {{ include "istio-aws.annotations.entry" (dict "list" $known.alb "name" "listener-attributes.HTTP-80") }} -> listener-attributes.<PROTOCOL>-<port>
*/ -}}
{{- define "istio-aws.annotations.entry" -}}
{{- if hasKey .list .name }}{{ contains "<" .name | ternary "" .name }}
{{- else }}
{{- $name := .name }}
{{- range $key, $_ := .list }}
{{- $start := regexFind "^[^<]+<" $key | trimSuffix "<" }}
{{- if and $start (hasPrefix $start $name) (ne $start $name) }}{{ $key }}{{ break }}{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.nearest: the name that shares most pairs of neighbouring letters with a wrong one (Dice's coefficient).
Takes: dict "names" list "name" text.
Returns: text; empty when less than two fifths of the pairs are shared.
Example: {{ include "istio-aws.annotations.nearest" (dict "names" (keys $known.alb) "name" "group-name") }} -> group.name
*/ -}}
{{- define "istio-aws.annotations.nearest" -}}
{{- $noise := "^(aws-)?((load-?balancer|nlb|elb|lb)-)?" -}}
{{- $name := regexReplaceAll $noise (lower .name) "" -}}
{{- $pairs := list -}}
{{- range $i := until (int (sub (len $name) 1)) }}{{- $pairs = append $pairs (substr $i (int (add $i 2)) $name) }}{{- end }}
{{- $best := "" }}
{{- $most := 39 }}
{{- range sortAlpha .names }}
{{- $other := regexReplaceAll $noise (regexReplaceAll "\\.<.*" . "") "" }}
{{- $shared := 0 }}
{{- range $pair := $pairs }}{{- if contains $pair $other }}{{- $shared = add1 $shared }}{{- end }}{{- end }}
{{- $percent := div (mul 200 $shared) (max 1 (add (len $pairs) (len $other) -1)) }}
{{- if gt (int $percent) (int $most) }}{{- $best = . }}{{- $most = $percent }}{{- end }}
{{- end }}
{{- $best }}
{{- end }}

{{- /*
istio-aws.annotations.allowed: what may be written, when something else is.
Takes: dict "entry" of a list "value" text, "bools" pattern of the words for true and false, when not all that the controller reads are taken.
Returns: words; empty when the value is allowed.
Example: {{ include "istio-aws.annotations.allowed" (dict "entry" $entry "value" "yes") }} -> true, false
*/ -}}
{{- define "istio-aws.annotations.allowed" -}}
{{- $entry := .entry -}}
{{- $value := .value -}}
{{- if $entry.allowed }}
{{- if not (has $value $entry.allowed) }}{{ join ", " $entry.allowed }}{{ end }}
{{- else if eq $entry.type "bool" }}
{{- if not (regexMatch (.bools | default "^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$") $value) }}true, false{{ end }}
{{- else if eq $entry.type "int" }}
{{- $number := and (regexMatch "^[+-]?[0-9]{1,9}$" $value) (ge (atoi $value) (int $entry.min)) (le (atoi $value) (int $entry.max)) }}
{{- if not (or $number (and $entry.also (eq $value $entry.also))) }}{{ int $entry.min }} to {{ int $entry.max }}{{ with $entry.also }}, or {{ . }}{{ end }}{{ end }}
{{- else if $entry.items }}
{{- $bad := not (trimAll ", " $value) }}
{{- range splitList "," $value }}{{- with trim . }}{{- if not (regexMatch $entry.items .) }}{{- $bad = true }}{{- end }}{{- end }}{{- end }}
{{- if $bad }}{{ $entry.form }}{{ end }}
{{- else if $entry.pattern }}
{{- if not (regexMatch $entry.pattern $value) }}{{ $entry.form }}{{ end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.lookup: what a load balancer's values say at a path.
Takes: dict "one" a load balancer, "path" such as waf.webACLArn, or annotations.<name without prefix>.
Returns: text; lists are joined, what is unset, none or false is empty.
Example: {{ include "istio-aws.annotations.lookup" (dict "one" $one "path" "waf.webACLArn") }}
*/ -}}
{{- define "istio-aws.annotations.lookup" -}}
{{- $value := .one.spec -}}
{{- $unset := list "" "false" "none" "0" -}}
{{- if hasPrefix "annotations." .path }}
{{- $unset = list "" "false" }}
{{- $value = get ($value.annotations | default dict) (print (include "istio-aws.annotations.prefix" .one.lb) (trimPrefix "annotations." .path)) }}
{{- else }}
{{- range splitList "." .path }}{{- if kindIs "map" $value }}{{- $value = get $value . }}{{- else }}{{- $value = "" }}{{- end }}{{- end }}
{{- end }}
{{- if kindIs "slice" $value }}{{ join "," $value }}
{{- else if not (has (toString $value) $unset) }}{{ $value }}
{{- end }}
{{- end }}
