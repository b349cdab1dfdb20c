{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.http: one rule for HTTP requests.
Takes: dict "rule" an item of routes[].http.
Returns: YAML, Istio's HTTPRoute.
Example: {{ include "istio-aws.routes.http" (dict "rule" .) | nindent 6 }}
*/ -}}
{{- define "istio-aws.routes.http" -}}
{{- $rule := .rule -}}
{{- $out := dict -}}
{{- with $rule.name -}}{{- $_ := set $out "name" . -}}{{- end -}}
{{- if $rule.match -}}
{{- $matches := list -}}
{{- range (include "istio-aws.routes.alternatives" . | fromJson).alternatives -}}
{{- $matches = append $matches (include "istio-aws.routes.match" (dict "match" .) | fromJson) -}}
{{- end -}}
{{- $_ := set $out "match" $matches -}}
{{- end -}}
{{- with $rule.to -}}{{- $_ := set $out "route" (include "istio-aws.routes.to" (dict "to" .) | fromJsonArray) -}}{{- end -}}
{{- with $rule.rewrite -}}{{- $_ := set $out "rewrite" (include "istio-aws.routes.rewrite" $ | fromJson) -}}{{- end -}}
{{- with $rule.redirect -}}{{- $_ := set $out "redirect" (include "istio-aws.routes.redirect" $ | fromJson) -}}{{- end -}}
{{- with $rule.directResponse -}}
{{- $response := dict "status" (int .status) -}}
{{- with .body -}}{{- $_ := set $response "body" (dict "string" .) -}}{{- end -}}
{{- $_ := set $out "directResponse" $response -}}
{{- end -}}
{{- with $rule.timeoutSeconds -}}{{- $_ := set $out "timeout" (include "istio-aws.routes.seconds" (dict "seconds" .)) -}}{{- end -}}
{{- with $rule.retries -}}
{{- $retries := dict "attempts" (int .attempts) -}}
{{- with .perTryTimeoutSeconds -}}{{- $_ := set $retries "perTryTimeout" (include "istio-aws.routes.seconds" (dict "seconds" .)) -}}{{- end -}}
{{- with .retryOn -}}{{- $_ := set $retries "retryOn" (join "," .) -}}{{- end -}}
{{- $_ := set $out "retries" $retries -}}
{{- end -}}
{{- with $rule.fault -}}
{{- $fault := dict -}}
{{- with .delay -}}
{{- $_ := set $fault "delay" (dict "fixedDelay" (include "istio-aws.routes.seconds" (dict "seconds" .seconds)) "percentage" (include "istio-aws.routes.percentage" (dict "of" .) | fromJson)) -}}
{{- end -}}
{{- with .abort -}}
{{- $_ := set $fault "abort" (dict "httpStatus" (int .status) "percentage" (include "istio-aws.routes.percentage" (dict "of" .) | fromJson)) -}}
{{- end -}}
{{- $_ := set $out "fault" $fault -}}
{{- end -}}
{{- with $rule.mirror -}}
{{- $_ := set $out "mirror" (include "istio-aws.routes.destination" (dict "to" .) | fromJson) -}}
{{- $_ := set $out "mirrorPercentage" (include "istio-aws.routes.percentage" (dict "of" .) | fromJson) -}}
{{- end -}}
{{- with $rule.cors -}}{{- $_ := set $out "corsPolicy" (include "istio-aws.routes.cors" (dict "cors" .) | fromJson) -}}{{- end -}}
{{- with $rule.headers -}}{{- $_ := set $out "headers" . -}}{{- end -}}
{{- toYaml $out -}}
{{- end }}

{{- /*
istio-aws.routes.redirect: where the client is sent.
Takes: dict "rule" an item of routes[].http.
Returns: JSON, Istio's HTTPRedirect.
Example: {{ include "istio-aws.routes.redirect" (dict "rule" $rule) | fromJson }}
*/ -}}
{{- define "istio-aws.routes.redirect" -}}
{{- $redirect := .rule.redirect -}}
{{- $out := dict -}}
{{- with $redirect.host -}}{{- $_ := set $out "authority" . -}}{{- end -}}
{{- with $redirect.path -}}{{- $_ := set $out "uri" . -}}{{- end -}}
{{- with $redirect.prefix -}}
{{- $_ := set $out "prefixRewrite" ((include "istio-aws.routes.prefixRewrite" (dict "rule" $.rule "prefix" .) | fromJson).uris | first) -}}
{{- end -}}
{{- with $redirect.scheme -}}{{- $_ := set $out "scheme" . -}}{{- end -}}
{{- with $redirect.port -}}{{- $_ := set $out "port" (int .) -}}{{- end -}}
{{- with $redirect.code -}}{{- $_ := set $out "redirectCode" (int .) -}}{{- end -}}
{{- toJson $out -}}
{{- end }}

{{- /*
istio-aws.routes.cors: which other sites' pages may call.
Takes: dict "cors" map.
Returns: JSON, Istio's CorsPolicy.
Example: {{ include "istio-aws.routes.cors" (dict "cors" .) | fromJson }}
*/ -}}
{{- define "istio-aws.routes.cors" -}}
{{- $cors := .cors -}}
{{- $out := dict "allowOrigins" $cors.origins -}}
{{- range $key, $field := dict "methods" "allowMethods" "headers" "allowHeaders" "exposeHeaders" "exposeHeaders" "credentials" "allowCredentials" -}}
{{- if hasKey $cors $key -}}{{- $_ := set $out $field (get $cors $key) -}}{{- end -}}
{{- end -}}
{{- with $cors.maxAgeSeconds -}}{{- $_ := set $out "maxAge" (printf "%ds" (int .)) -}}{{- end -}}
{{- toJson $out -}}
{{- end }}

{{- /*
istio-aws.routes.percentage: a share of the requests; all of them when it is not said.
Takes: dict "of" map with or without the key percent.
Returns: JSON, Istio's Percent.
Example: {{ include "istio-aws.routes.percentage" (dict "of" $rule.mirror) | fromJson }}
*/ -}}
{{- define "istio-aws.routes.percentage" -}}
{{- dict "value" (hasKey .of "percent" | ternary .of.percent 100) | toJson -}}
{{- end }}
