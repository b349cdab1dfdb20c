{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.problems: rules of routes and destinations.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.routes.problems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.routes.problems" -}}
{{- $root := .root -}}
{{- $loadBalancers := include "istio-aws.names.loadBalancers" . | fromYaml -}}
{{- $kept := list -}}
{{- range $loadBalancers }}{{- $kept = append $kept (print .name "-health") }}{{- end }}
{{- $names := dict -}}
{{- range $i, $route := $root.Values.routes }}
{{- $path := printf "routes[%d]" $i }}
{{- if hasKey $names $route.name }}
- {{ $path }}.name: {{ $route.name | quote }} is also the name of routes[{{ get $names $route.name }}]; names are used once
{{- else if has $route.name $kept }}
- {{ $path }}.name: {{ $route.name | quote }} is kept for the VirtualService that answers a load balancer's health checks; use another name
{{- end }}
{{- $_ := set $names $route.name $i }}
{{- $one := dict "root" $root "path" $path "route" $route }}
{{- include "istio-aws.routes.hostProblems" $one }}
{{- include "istio-aws.routes.passthroughTLSProblems" $one }}
{{- range $key := $route.loadBalancers }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- if not $spec.enabled }}
- {{ $path }}.loadBalancers: {{ $key }} is not enabled; set loadBalancers.{{ $key }}.enabled to true, or take it out
{{- else }}
{{- range $rule := list "reachability" "passthroughHost" "health" }}
{{- include (printf "istio-aws.routes.%sProblems" $rule) (merge (dict "key" $key "spec" $spec "lb" (get $loadBalancers $key)) $one) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $j, $rule := $route.http }}
{{- include "istio-aws.routes.httpProblems" (dict "root" $root "path" (printf "%s.http[%d]" $path $j) "rule" $rule "hosts" $route.hosts) }}
{{- end }}
{{- with $route.http }}{{- include "istio-aws.routes.orderProblems" (dict "root" $root "path" $path "http" . "hosts" $route.hosts "loadBalancers" $route.loadBalancers) }}{{- end }}
{{- range $kind := list "tcp" "tls" }}
{{- range $j, $rule := index $route $kind }}
{{- include "istio-aws.routes.toProblems" (dict "root" $root "path" (printf "%s.%s[%d].to" $path $kind $j) "to" $rule.to) }}
{{- end }}
{{- end }}
{{- end }}
{{- include "istio-aws.routes.sameHostProblems" . }}
{{- include "istio-aws.routes.samePortProblems" . }}
{{- include "istio-aws.routes.destinationProblems" . }}
{{- end }}

{{- /*
istio-aws.routes.hostProblems: Istio refuses a VirtualService that has a host twice, also when a wildcard takes it in, and a server name
outside of its hosts.
Takes: dict "path" "route".
Returns: lines.
Example: {{ include "istio-aws.routes.hostProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.hostProblems" -}}
{{- $path := .path -}}
{{- $hosts := .route.hosts -}}
{{- range $host := $hosts }}
{{- range $wildcard := $hosts }}
{{- if and (ne $host $wildcard) (include "istio-aws.routes.covered" (dict "host" $host "hosts" (list $wildcard))) }}
- {{ $path }}.hosts: {{ $wildcard | quote }} takes in {{ $host | quote }} already, and Istio refuses the two in one route; take one out
{{- end }}
{{- end }}
{{- end }}
{{- range $j, $rule := .route.tls }}
{{- range $host := $rule.hosts }}
{{- if not (include "istio-aws.routes.covered" (dict "host" $host "hosts" $hosts)) }}
- {{ $path }}.tls[{{ $j }}].hosts: {{ $host | quote }} is not within {{ $path }}.hosts {{ toJson $hosts }}; add it there, or make a route of its own
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.reachabilityProblems: a load balancer lets the hosts of a route in, and has the ports that its rules are for.
Takes: dict "path" "route" "key" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.routes.reachabilityProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.reachabilityProblems" -}}
{{- $one := . -}}
{{- $hosts := (include "istio-aws.gateway.hosts" (dict "spec" .spec) | fromYaml).hosts -}}
{{- $certified := (include "istio-aws.routes.certified" (dict "spec" .spec "lb" .lb) | fromJson).hosts -}}
{{- range $host := .route.hosts }}
{{- if not (include "istio-aws.routes.covered" (dict "host" $host "hosts" $hosts)) }}
- {{ $one.path }}.hosts: {{ $host | quote }} is not let in by loadBalancers.{{ $one.key }}.hosts {{ toJson $hosts }}; add it there, or take {{ $one.key }} out
{{- else if and $one.route.http (not (include "istio-aws.routes.covered" (dict "host" $host "hosts" $certified))) }}
- {{ $one.path }}.hosts: {{ $host | quote }} has no certificate at the gateway, where loadBalancers.{{ $one.key }}.tls.credentials are for {{ toJson $certified }}; add it to the hosts of one, or take {{ $one.key }} out
{{- end }}
{{- end }}
{{- $ports := include "istio-aws.routes.ports" (dict "spec" .spec "lb" .lb) | fromJson -}}
{{- if and .route.http (not $ports.http) }}
- {{ .path }}.http: no port of loadBalancers.{{ .key }} carries HTTP to the gateway; set protocol HTTP on one, outside of TLS passthrough, or take {{ .key }} out
{{- end }}
{{- range $kind := list "tcp" "tls" }}
{{- range $j, $rule := index $one.route $kind }}
{{- if eq $one.lb.kind "alb" }}
- {{ $one.path }}.{{ $kind }}[{{ $j }}]: {{ $one.key }} is an ALB, which carries HTTP only; take {{ $one.key }} out, or use an NLB
{{- else if not (has (float64 $rule.port) (get $ports $kind)) }}
- {{ $one.path }}.{{ $kind }}[{{ $j }}].port: {{ int $rule.port }} is not a port of loadBalancers.{{ $one.key }} {{ eq $kind "tcp" | ternary "with protocol TCP" "whose TLS passes through" }}; {{ with get $ports $kind }}there are {{ toJson . }}{{ else }}{{ eq $kind "tcp" | ternary "set its protocol to TCP" (printf "set loadBalancers.%s.tls.terminateAt to passthrough and name it in tls.ports" $one.key) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.sameHostProblems: Istio puts the rules of all VirtualServices for one host on one Gateway together, in an order of its own.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.routes.sameHostProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.routes.sameHostProblems" -}}
{{- $root := .root -}}
{{- $seen := dict -}}
{{- range $i, $route := $root.Values.routes }}
{{- if $route.http }}
{{- range $key := $route.loadBalancers }}
{{- $allowed := (include "istio-aws.gateway.hosts" (dict "spec" (index $root.Values.loadBalancers $key)) | fromYaml).hosts }}
{{- range $host := (include "istio-aws.routes.common" (dict "hosts" $route.hosts "allowed" $allowed) | fromJson).hosts }}
{{- $at := printf "%s %s" $key $host }}
{{- if not (hasKey $seen $at) }}
{{- $_ := set $seen $at $i }}
{{- else if and (has $host $allowed) (or (not (has $host $route.hosts)) (not (has $host (index $root.Values.routes (get $seen $at)).hosts))) }}
- routes[{{ $i }}].hosts: takes in {{ $host | quote }}, which is one of loadBalancers.{{ $key }}.hosts and also within those of routes[{{ get $seen $at }}], and the order of their rules would be undefined; {{ if or (not $route.hosts) (not (index $root.Values.routes (get $seen $at)).hosts) }}name the hosts of both{{ else }}take it out of loadBalancers.{{ $key }}.hosts, where a wildcard lets it in{{ end }}
{{- else }}
- routes[{{ $i }}].hosts: {{ eq $host "*" | ternary "every host" (quote $host) }} on {{ $key }} is also in routes[{{ get $seen $at }}], and the order of their rules would be undefined; put the rules into one route
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.samePortProblems: a TCP port leads to one route, a server name on a TLS port too; istiod ignores the second.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.routes.samePortProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.routes.samePortProblems" -}}
{{- $root := .root -}}
{{- $seen := dict -}}
{{- range $i, $route := $root.Values.routes }}
{{- range $key := $route.loadBalancers }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- range $j, $rule := $route.tcp }}
{{- $path := printf "routes[%d].tcp[%d]" $i $j }}
{{- $byName := false }}
{{- range (include "istio-aws.nlb.ports" (dict "spec" $spec) | fromJson).ports }}
{{- if and (eq (int .port) (int $rule.port)) .tls (eq $spec.tls.terminateAt "gateway") }}{{- $byName = true }}{{- end }}
{{- end }}
{{- range $host := $byName | ternary ($route.hosts | default (list "*")) (list "*") }}
{{- $at := printf "%s %d %s" $key (int $rule.port) $host }}
{{- if hasKey $seen $at }}
- {{ $path }}.port: {{ int $rule.port }} of {{ $key }} is also that of {{ get $seen $at }}; make one rule of the two
{{- end }}
{{- $_ := set $seen $at $path }}
{{- end }}
{{- end }}
{{- range $j, $rule := $route.tls }}
{{- $path := printf "routes[%d].tls[%d]" $i $j }}
{{- range $host := $rule.hosts }}
{{- $at := printf "%s %d %s" $key (int $rule.port) $host }}
{{- if hasKey $seen $at }}
- {{ $path }}.hosts: {{ $host | quote }} on port {{ int $rule.port }} of {{ $key }} is also in {{ get $seen $at }}; make one rule of the two
{{- end }}
{{- $_ := set $seen $at $path }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
