{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.httpProblems: rules of one HTTP rule.
Takes: dict "root" $ "path" string "rule" an item of routes[].http "hosts" of the route.
Returns: lines.
Example: {{ include "istio-aws.routes.httpProblems" (dict "root" $root "path" "routes[0].http[0]" "rule" $rule "hosts" $route.hosts) }}
*/ -}}
{{- define "istio-aws.routes.httpProblems" -}}
{{- with .rule.to }}{{- include "istio-aws.routes.toProblems" (dict "root" $.root "path" (printf "%s.to" $.path) "to" .) }}{{- end }}
{{- with .rule.mirror }}{{- include "istio-aws.routes.toOneProblems" (dict "root" $.root "path" (printf "%s.mirror" $.path) "to" .) }}{{- end }}
{{- include "istio-aws.routes.matchProblems" . }}
{{- include "istio-aws.routes.rewriteProblems" . }}
{{- include "istio-aws.routes.headerProblems" . }}
{{- include "istio-aws.routes.timeProblems" . }}
{{- include "istio-aws.routes.corsProblems" . }}
{{- include "istio-aws.routes.withoutDestinationProblems" . }}
{{- end }}

{{- /*
istio-aws.routes.regexProblems: a regular expression is one of RE2.
Takes: dict "path" string "regex" string.
Returns: lines.
Example: {{ include "istio-aws.routes.regexProblems" (dict "path" "routes[0].http[0].match.regex" "regex" "/item/[0-9]+") }}
*/ -}}
{{- define "istio-aws.routes.regexProblems" -}}
{{- /* "|x" matches the empty text when x is right; regexMatch says no when it is wrong. */ -}}
{{- if not (regexMatch (print "|" .regex) "") }}
- {{ .path }}: {{ .regex | quote }} is not a regular expression of RE2; correct it (no look-ahead and no back-references there)
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.matchProblems: regular expressions are right, and ignoreCase has a path to act on.
Takes: dict "path" string "rule" map.
Returns: lines.
Example: {{ include "istio-aws.routes.matchProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.matchProblems" -}}
{{- $alternatives := (include "istio-aws.routes.alternatives" . | fromJson).alternatives -}}
{{- range $k, $match := $alternatives }}
{{- $path := kindIs "slice" $.rule.match | ternary (printf "%s.match[%d]" $.path $k) (printf "%s.match" $.path) }}
{{- with $match.regex }}{{- include "istio-aws.routes.regexProblems" (dict "path" (printf "%s.regex" $path) "regex" .) }}{{- end }}
{{- range $key := list "headers" "query" }}
{{- range $name, $matcher := index $match $key }}
{{- with $matcher.regex }}{{- include "istio-aws.routes.regexProblems" (dict "path" (printf "%s.%s.%s.regex" $path $key $name) "regex" .) }}{{- end }}
{{- end }}
{{- end }}
{{- if and $match.ignoreCase (not (or $match.prefix $match.exact)) }}
- {{ $path }}.ignoreCase: acts on prefix and exact only; begin the regex with (?i), or take ignoreCase out
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.rewriteProblems: Envoy replaces the text that matched, so what stands there needs one form for all alternatives of a rule,
and a substitution that RE2 can do.
Takes: dict "path" string "rule" map.
Returns: lines.
Example: {{ include "istio-aws.routes.rewriteProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.rewriteProblems" -}}
{{- $path := .path -}}
{{- $rewrite := kindIs "string" .rule.rewrite | ternary (dict "prefix" .rule.rewrite) (.rule.rewrite | default dict) -}}
{{- with $rewrite.prefix }}
{{- $new := include "istio-aws.routes.prefixRewrite" (dict "rule" $.rule "prefix" .) | fromJson }}
{{- if gt (add (len $new.uris) (min 1 (len $new.strips))) 1 }}
- {{ $path }}.rewrite: the alternatives of match need different rewrites to {{ . | quote }}, since some end with a slash and some do not; make a rule of each
{{- end }}
{{- end }}
{{- with .rule.redirect }}
{{- with .prefix }}
{{- $new := include "istio-aws.routes.prefixRewrite" (dict "rule" $.rule "prefix" .) | fromJson }}
{{- range $new.strips }}
- {{ $path }}.redirect.prefix: {{ . }}/x would be sent to {{ $rewrite := $.rule.redirect.prefix }}{{ $rewrite }}/x, with two slashes, which can be another site; match {{ printf "%s/" . | quote }}, and {{ . | quote }} by exact in a rule of its own
{{- end }}
{{- if gt (len $new.uris) 1 }}
- {{ $path }}.redirect.prefix: the alternatives of match need different redirects to {{ . | quote }}, since some end with a slash and some do not; make a rule of each
{{- end }}
{{- range (include "istio-aws.routes.alternatives" $ | fromJson).alternatives }}
{{- if or .exact .regex }}
- {{ $path }}.redirect.prefix: needs a prefix in match, and Istio refuses it beside exact or regex; use redirect.path
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- with $rewrite.regex }}
{{- include "istio-aws.routes.regexProblems" (dict "path" (printf "%s.rewrite.regex.match" $path) "regex" .match) }}
{{- $new := include "istio-aws.routes.substitution" (dict "replace" .replace) }}
{{- if regexMatch "\\\\([^0-9\\\\]|$)" (regexReplaceAll "\\\\\\\\" $new "") }}
- {{ $path }}.rewrite.regex.replace: {{ .replace | quote }} has a backslash before something that is not a number; write \1 to \9 for what a parenthesis matched, \\ for a backslash
{{- end }}
{{- $groups := include "istio-aws.routes.groups" (dict "regex" .match) | int }}
{{- range regexFindAll "\\\\[0-9]" (regexReplaceAll "\\\\\\\\" $new "") -1 | uniq }}
{{- if gt (trimPrefix "\\" . | int) $groups }}
- {{ $path }}.rewrite.regex.replace: {{ . }} is what parenthesis {{ trimPrefix "\\" . }} matched, and rewrite.regex.match has {{ $groups }}; add parentheses there, or take it out
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.groups: how many parentheses of a regular expression keep what they matched.
Takes: dict "regex" string.
Returns: number.
Example: {{ include "istio-aws.routes.groups" (dict "regex" "/test(/|$)(.*)") }} -> 2
*/ -}}
{{- define "istio-aws.routes.groups" -}}
{{- $plain := regexReplaceAll "\\\\." .regex "" -}}
{{- $plain = regexReplaceAll "\\[\\^?\\]?[^\\]]*\\]" $plain "" -}}
{{- $plain = regexReplaceAll "\\(\\?P?<" $plain "(" -}}
{{- len (regexFindAll "\\(" (regexReplaceAll "\\(\\?" $plain "") -1) -}}
{{- end }}

{{- /*
istio-aws.routes.headerProblems: Istio refuses a change of Host among the headers, and Envoy reads a percent sign as the beginning of a variable.
Takes: dict "path" string "rule" map.
Returns: lines.
Example: {{ include "istio-aws.routes.headerProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.headerProblems" -}}
{{- $path := .path -}}
{{- range $side, $changes := .rule.headers }}
{{- range $name := concat (keys ($changes.set | default dict)) (keys ($changes.add | default dict)) ($changes.remove | default list) | sortAlpha }}
{{- if eq (lower $name) "host" }}
- {{ $path }}.headers.{{ $side }}: {{ $name | quote }} cannot be changed there; {{ eq $side "request" | ternary "use rewrite.host" "take it out, a response has none" }}
{{- end }}
{{- end }}
{{- range $key := list "set" "add" }}
{{- range $name, $value := index $changes $key }}
{{- if contains "%" (regexReplaceAll "%%|%[A-Z0-9_]+(\\([^()]*\\))?(:[0-9]+)?%" $value "") }}
- {{ $path }}.headers.{{ $side }}.{{ $key }}.{{ $name }}: {{ $value | quote }} has a percent sign that begins no variable of Envoy; write %% for one
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.timeProblems: a try is shorter than all of them together, or Envoy ignores its limit; no tries, no conditions.
Takes: dict "path" string "rule" map.
Returns: lines.
Example: {{ include "istio-aws.routes.timeProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.timeProblems" -}}
{{- $path := .path -}}
{{- $timeout := .rule.timeoutSeconds -}}
{{- with .rule.retries }}
{{- if and $timeout .perTryTimeoutSeconds (ge (float64 .perTryTimeoutSeconds) (float64 $timeout)) }}
- {{ $path }}.retries.perTryTimeoutSeconds: {{ .perTryTimeoutSeconds }} has no effect with timeoutSeconds {{ $timeout }}, which is for all tries together; lower it, or raise timeoutSeconds
{{- end }}
{{- if and (eq (int .attempts) 0) (or .retryOn .perTryTimeoutSeconds) }}
- {{ $path }}.retries.attempts: 0 means no retries, and Istio refuses {{ .retryOn | empty | ternary "perTryTimeoutSeconds" "retryOn" }} beside it; take that out, or raise attempts
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.corsProblems: origins are right, and cookies are not for every site.
Takes: dict "path" string "rule" map.
Returns: lines.
Example: {{ include "istio-aws.routes.corsProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.corsProblems" -}}
{{- $path := .path -}}
{{- with .rule.cors }}
{{- $credentials := .credentials }}
{{- range $k, $origin := .origins }}
{{- with $origin.regex }}{{- include "istio-aws.routes.regexProblems" (dict "path" (printf "%s.cors.origins[%d].regex" $path $k) "regex" .) }}{{- end }}
{{- if and $credentials (or (eq ($origin.exact | default "") "*") (has ($origin.regex | default "") (list ".*" "^.*$" ".+" "*"))) }}
- {{ $path }}.cors.credentials: with an origin that is every site, any page on the web could call with the user's cookies; name the origins
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.withoutDestinationProblems: what is for a destination has no effect on a redirect or a direct response.
Takes: dict "path" string "rule" map.
Returns: lines.
Example: {{ include "istio-aws.routes.withoutDestinationProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.withoutDestinationProblems" -}}
{{- $rule := .rule -}}
{{- $path := .path -}}
{{- range $answer := list "redirect" "directResponse" }}
{{- if hasKey $rule $answer }}
{{- range $key := list "rewrite" "timeoutSeconds" "retries" "fault" "mirror" }}
{{- if hasKey $rule $key }}
- {{ $path }}.{{ $key }}: has no effect beside {{ $answer }}, which asks no destination; take one of the two out
{{- end }}
{{- end }}
{{- if hasKey ($rule.headers | default dict) "request" }}
- {{ $path }}.headers.request: has no effect beside {{ $answer }}, which asks no destination; take one of the two out
{{- end }}
{{- end }}
{{- end }}
{{- end }}
