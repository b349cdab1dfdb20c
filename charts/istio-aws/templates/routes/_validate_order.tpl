{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.orderProblems: the first match wins, so a rule behind a wider one never answers; and a redirect does not lead back to itself.
Takes: dict "root" $ "path" string "http" rules of one route "hosts" "loadBalancers" of it.
Returns: lines.
Example: {{ include "istio-aws.routes.orderProblems" (dict "root" $root "path" "routes[0]" "http" $route.http "hosts" $route.hosts "loadBalancers" $route.loadBalancers) }}
*/ -}}
{{- define "istio-aws.routes.orderProblems" -}}
{{- $one := . -}}
{{- $earlier := list -}}
{{- $same := dict -}}
{{- range $j, $rule := .http }}
{{- $at := printf "http[%d]" $j }}
{{- $alternatives := (include "istio-aws.routes.alternatives" (dict "rule" $rule) | fromJson).alternatives }}
{{- if $rule.redirect }}
{{- include "istio-aws.routes.loopProblems" (dict "root" $one.root "path" (printf "%s.%s.redirect" $one.path $at) "redirect" $rule.redirect "alternatives" $alternatives "earlier" $earlier "hosts" $one.hosts "loadBalancers" $one.loadBalancers) }}
{{- end }}
{{- $own := list }}
{{- range $k, $match := $alternatives }}
{{- $path := printf "%s.%s%s" $one.path $at (kindIs "slice" $rule.match | ternary (printf ".match[%d]" $k) "") }}
{{- with get $same (toJson $match) | default (include "istio-aws.routes.caughtBy" (dict "match" $match "earlier" $earlier)) }}
- {{ $path }}: never answers, since {{ . }} before it takes the same requests; put it first, or take it out
{{- end }}
{{- $own = append $own (dict "at" $at "match" $match) }}
{{- end }}
{{- range $own }}
{{- $_ := set $same (toJson .match) .at }}
{{- if not (or .match.headers .match.query .match.method) }}{{- $earlier = append $earlier . }}{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.caughtBy: the earlier rule that takes all requests of a match.
Takes: dict "match" map "earlier" list of {at, match}, each with no condition but the path.
Returns: string, empty when there is none.
Example: {{ with include "istio-aws.routes.caughtBy" (dict "match" (dict "exact" "/new") "earlier" $earlier) }}
*/ -}}
{{- define "istio-aws.routes.caughtBy" -}}
{{- $match := .match -}}
{{- $text := $match.exact | default $match.prefix | default "" -}}
{{- $by := "" -}}
{{- range .earlier -}}
{{- $wide := .match -}}
{{- $everything := or (eq ($wide.prefix | default "") "/") (not (or $wide.prefix $wide.exact $wide.regex)) (has ($wide.regex | default "") (list ".*" "/.*")) -}}
{{- $sees := default false $wide.ignoreCase | ternary (lower $text) $text -}}
{{- $wanted := $wide.prefix | default $wide.exact | default "" -}}
{{- $wanted = default false $wide.ignoreCase | ternary (lower $wanted) $wanted -}}
{{- $comparable := and $text $wanted (or $wide.ignoreCase (not $match.ignoreCase)) -}}
{{- $inside := and $comparable (or (and $wide.prefix (hasPrefix $wanted $sees)) (and $wide.exact $match.exact (eq $wanted $sees))) -}}
{{- if and (not $by) (or $everything $inside) -}}{{- $by = .at -}}{{- end -}}
{{- end -}}
{{- $by -}}
{{- end }}

{{- /*
istio-aws.routes.loopProblems: a redirect to where the same rule matches again sends clients round and round.
Takes: dict "root" $ "path" string "redirect" map "alternatives" list "earlier" list of {at, match} "hosts" "loadBalancers" of the route.
Returns: lines.
Example: {{ include "istio-aws.routes.loopProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.loopProblems" -}}
{{- $one := . -}}
{{- $to := .redirect -}}
{{- $elsewhere := false -}}
{{- with $to.host -}}
{{- $elsewhere = not (include "istio-aws.routes.covered" (dict "host" . "hosts" $one.hosts)) -}}
{{- if not (has . $one.hosts) -}}
{{- range $one.root.Values.routes -}}{{- if has $to.host .hosts -}}{{- $elsewhere = true -}}{{- end -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $plain := "" -}}
{{- range .loadBalancers -}}
{{- $spec := index $one.root.Values.loadBalancers . -}}
{{- if and (hasPrefix "alb" .) (eq $spec.managedBy "controller") (not (include "istio-aws.alb.listeners" (dict "spec" $spec) | fromJson).https) -}}{{- $plain = print "loadBalancers." . -}}{{- end -}}
{{- end -}}
{{- if not (or $elsewhere $to.port) }}
{{- range $match := .alternatives }}
{{- $names := dict -}}
{{- range $name, $_ := $match.headers -}}{{- $_ := set $names (lower $name) true -}}{{- end -}}
{{- $new := regexReplaceAll "[?#].*$" ($to.path | default $to.prefix | default "") "" }}
{{- if and $to.prefix (hasSuffix "/" ($match.prefix | default "/")) }}{{- $new = printf "%s/" (trimSuffix "/" $new) }}{{- end }}
{{- if and (eq ($to.scheme | default "") "https") $plain }}
- {{ $one.path }}.scheme: leads to https, where {{ $plain }} does not listen; set {{ $plain }}.tls.certificateArns, or take it out
{{- else if and $to.scheme (not $new) (not (hasKey $names "x-forwarded-proto")) }}
- {{ $one.path }}.scheme: requests by {{ $to.scheme }} are sent to where they were, without end; use tls.redirectHTTP of the load balancer, or match the header x-forwarded-proto
{{- else if and (not $to.scheme) (not $match.query) (not (include "istio-aws.routes.caughtBy" (dict "match" (dict (hasKey $to "prefix" | ternary "prefix" "exact") $new) "earlier" $one.earlier))) }}
{{- if or (not $new) (include "istio-aws.routes.caughtBy" (dict "match" (dict (hasKey $to "prefix" | ternary "prefix" "exact") $new) "earlier" (list (dict "at" "it" "match" $match)))) }}
- {{ $one.path }}: leads to where the same rule matches again, so clients would be sent round and round; narrow match, or put a rule for {{ $new | default $to.host }} before it
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
