{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.authenticationProblems: sign-in and tokens.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.authenticationProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.authenticationProblems" -}}
{{- $path := .path -}}
{{- $auth := .spec.authentication -}}
{{- $unused := dict -}}
{{- range $type := list "cognito" "oidc" }}
{{- range $key, $value := get $auth $type }}
{{- if ne $auth.type $type }}
{{- $_ := set $unused (printf "authentication.%s.%s" $type $key) "" }}
{{- else if not $value }}
- {{ $path }}.authentication.{{ $type }}.{{ $key }}: is empty, but authentication.type is {{ $type | quote }}; set it
{{- end }}
{{- end }}
{{- end }}
{{- if eq $auth.type "none" }}
{{- $unused = merge $unused (dict "authentication.onUnauthenticated" "authenticate" "authentication.scope" "openid" "authentication.extraParameters" dict
    "authentication.sessionCookie" "AWSELBAuthSessionCookie" "authentication.sessionTimeoutSeconds" 604800) }}
{{- end }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" $unused "because" (printf "authentication.type is %s" $auth.type) "cure" "set that, or leave it out") .) }}
{{- if and (ne $auth.type "none") (eq .spec.backend.version "GRPC") }}
- {{ $path }}.authentication.type: {{ $auth.type | quote }} redirects browsers, which gRPC clients are not, and backend.version is "GRPC"; use jwtValidation
{{- end }}
{{- $jwt := .spec.jwtValidation -}}
{{- if $jwt.jwksEndpoint }}
{{- if not $jwt.issuer }}
- {{ $path }}.jwtValidation.issuer: is empty, but a check needs it; set it
{{- end }}
{{- if ne $auth.type "none" }}
- {{ $path }}.jwtValidation.jwksEndpoint: does not go with authentication.type {{ $auth.type | quote }}, the controller takes one of the two; keep one
{{- end }}
{{- else }}
{{- $values := dict "jwtValidation.issuer" "" "jwtValidation.additionalClaims" list }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" $values "because" "jwtValidation.jwksEndpoint is empty" "cure" "set that, or leave it out") .) }}
{{- end }}
{{- range $i, $claim := $jwt.additionalClaims }}
{{- if and (eq $claim.format "single-string") (gt (len $claim.values) 1) }}
- {{ $path }}.jwtValidation.additionalClaims[{{ $i }}].values: has {{ len $claim.values }} values, and the format is "single-string"; give one, or use string-array
{{- end }}
{{- if and (eq $claim.format "space-separated-values") (contains " " (join "," $claim.values)) }}
- {{ $path }}.jwtValidation.additionalClaims[{{ $i }}].values: have spaces, and the format is "space-separated-values"; give each word by itself
{{- end }}
{{- end }}
{{- end }}
