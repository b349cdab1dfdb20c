{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.healthProblems: a route for every host leaves health checks of the port of the requests (healthCheck.through: data) to the
gateway. istiod puts the rules of both in one list, in the order of their age, but for those that take everything, which come last.
Takes: dict "path" "route" "key" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.routes.healthProblems" $one }}
*/ -}}
{{- define "istio-aws.routes.healthProblems" -}}
{{- $one := . -}}
{{- $own := include "istio-aws.gateway.healthServer" . -}}
{{- if and (not .route.hosts) (not $own) }}
{{- range $health := (include "istio-aws.gateway.healthPaths" . | fromYaml).paths }}
{{- range $j, $rule := $one.route.http }}
{{- range $k, $match := (include "istio-aws.routes.alternatives" (dict "rule" $rule) | fromJson).alternatives }}
{{- if include "istio-aws.routes.takesHealth" (dict "match" $match "path" $health) }}
- {{ $one.path }}.http[{{ $j }}]{{ if kindIs "slice" $rule.match }}.match[{{ $k }}]{{ end }}: takes {{ $health }} too, which {{ $one.key }} asks for at any host (healthCheck.through data), so its targets could become unhealthy; name the route's hosts, or narrow match
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.routes.takesHealth: whether a match takes a health check without taking everything. Conditions on headers and query are not met.
Takes: dict "match" map "path" that is asked for: by GET, gRPC's by POST.
Returns: "true" or "".
Example: {{ if include "istio-aws.routes.takesHealth" (dict "match" $match "path" "/healthz/ready") }}
*/ -}}
{{- define "istio-aws.routes.takesHealth" -}}
{{- $match := .match -}}
{{- $everything := and (not $match.method) (or (not (or $match.prefix $match.exact $match.regex)) (eq ($match.prefix | default "") "/") (eq ($match.regex | default "") ".*")) -}}
{{- $asked := hasPrefix "/AWS.ALB" .path | ternary "POST" "GET" -}}
{{- $method := or (not $match.method) (eq (toString $match.method) $asked) (and (kindIs "slice" $match.method) (has $asked $match.method)) -}}
{{- $regex := and $match.regex (regexMatch (printf "^(?:%s)$" $match.regex) .path) -}}
{{- $path := or $regex (include "istio-aws.routes.caughtBy" (dict "match" (dict "exact" .path) "earlier" (list (dict "at" "it" "match" $match)))) -}}
{{- if and $method $path (not (or $everything $match.headers $match.query)) -}}true{{- end -}}
{{- end }}
