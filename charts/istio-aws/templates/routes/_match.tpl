{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.alternatives: the matches of a rule; a request fulfils one of them.
Takes: dict "rule" an item of routes[].http.
Returns: JSON, list under the key alternatives; a rule without match has one that is empty, and takes every request.
Example: {{ range (include "istio-aws.routes.alternatives" (dict "rule" .) | fromJson).alternatives }}
*/ -}}
{{- define "istio-aws.routes.alternatives" -}}
{{- $match := .rule.match | default dict -}}
{{- dict "alternatives" (kindIs "slice" $match | ternary $match (list $match)) | toJson -}}
{{- end }}

{{- /*
istio-aws.routes.match: one alternative. Istio takes a matcher without condition as "is there".
Takes: dict "match" map.
Returns: JSON, Istio's HTTPMatchRequest.
Example: {{ include "istio-aws.routes.match" (dict "match" .) | fromJson }}
*/ -}}
{{- define "istio-aws.routes.match" -}}
{{- $match := .match -}}
{{- $out := dict -}}
{{- range $kind := list "prefix" "exact" "regex" -}}
{{- with get $match $kind -}}{{- $_ := set $out "uri" (dict $kind .) -}}{{- end -}}
{{- end -}}
{{- if $match.ignoreCase -}}{{- $_ := set $out "ignoreUriCase" true -}}{{- end -}}
{{- range $key, $field := dict "headers" "headers" "query" "queryParams" -}}
{{- with get $match $key -}}
{{- $matchers := dict -}}
{{- range $name, $matcher := . -}}{{- $_ := set $matchers $name (hasKey $matcher "present" | ternary (dict) $matcher) -}}{{- end -}}
{{- $_ := set $out $field $matchers -}}
{{- end -}}
{{- end -}}
{{- with $match.method -}}
{{- $_ := set $out "method" (kindIs "slice" . | ternary (dict "regex" (. | toStrings | join "|")) (dict "exact" .)) -}}
{{- end -}}
{{- toJson $out -}}
{{- end }}

{{- /*
istio-aws.routes.prefixRewrite: what replaces the part of the path that matched, with one slash between the new prefix and the rest.
A path that matched exactly, or by regex, is replaced as a whole.
Takes: dict "rule" an item of routes[].http "prefix" string.
Returns: JSON, uris: what Envoy puts in place, strips: matched prefixes without slash that lead to one with; each for the alternatives that need it.
Example: {{ $new := include "istio-aws.routes.prefixRewrite" (dict "rule" $rule "prefix" "/") | fromJson }}
*/ -}}
{{- define "istio-aws.routes.prefixRewrite" -}}
{{- $new := .prefix -}}
{{- $uris := list -}}
{{- $strips := list -}}
{{- range (include "istio-aws.routes.alternatives" . | fromJson).alternatives -}}
{{- $old := .prefix | default "/" -}}
{{- if or .exact .regex -}}{{- $uris = append $uris $new -}}
{{- else if hasSuffix "/" $old -}}{{- $uris = append $uris (printf "%s/" (trimSuffix "/" $new)) -}}
{{- else if hasSuffix "/" $new -}}{{- $strips = append $strips $old -}}
{{- else -}}{{- $uris = append $uris $new -}}
{{- end -}}
{{- end -}}
{{- dict "uris" (uniq $uris) "strips" (uniq $strips) | toJson -}}
{{- end }}

{{- /*
istio-aws.routes.rewrite: the path and host that the destination sees.
Takes: dict "rule" an item of routes[].http.
Returns: JSON, Istio's HTTPRewrite.
Example: {{ include "istio-aws.routes.rewrite" (dict "rule" $rule) | fromJson }}
*/ -}}
{{- define "istio-aws.routes.rewrite" -}}
{{- $rewrite := kindIs "string" .rule.rewrite | ternary (dict "prefix" .rule.rewrite) .rule.rewrite -}}
{{- $out := dict -}}
{{- with $rewrite.prefix -}}
{{- $new := include "istio-aws.routes.prefixRewrite" (dict "rule" $.rule "prefix" .) | fromJson -}}
{{- if $new.strips -}}
{{- $old := list -}}
{{- range $new.strips -}}{{- $old = append $old (regexQuoteMeta .) -}}{{- end -}}
{{- $ignoreCase := false -}}
{{- range (include "istio-aws.routes.alternatives" $ | fromJson).alternatives -}}{{- if .ignoreCase -}}{{- $ignoreCase = true -}}{{- end -}}{{- end -}}
{{- $_ := set $out "uriRegexRewrite" (dict "match" (printf "%s^(?:%s)/?" ($ignoreCase | ternary "(?i)" "") (join "|" $old)) "rewrite" .) -}}
{{- else -}}
{{- $_ := set $out "uri" (first $new.uris) -}}
{{- end -}}
{{- end -}}
{{- with $rewrite.regex -}}
{{- $_ := set $out "uriRegexRewrite" (dict "match" .match "rewrite" (include "istio-aws.routes.substitution" (dict "replace" .replace))) -}}
{{- end -}}
{{- with $rewrite.host -}}{{- $_ := set $out "authority" . -}}{{- end -}}
{{- toJson $out -}}
{{- end }}

{{- /*
istio-aws.routes.substitution: Envoy writes \2 for what the second parenthesis matched; nginx's $2 is taken too.
Takes: dict "replace" string.
Returns: string.
Example: {{ include "istio-aws.routes.substitution" (dict "replace" "/$2") }} -> /\2
*/ -}}
{{- define "istio-aws.routes.substitution" -}}
{{- regexReplaceAll "\\$\\{?([0-9])\\}?" .replace "\\${1}" -}}
{{- end }}
