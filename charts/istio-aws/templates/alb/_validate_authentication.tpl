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
{{- range $type := list "cognito" "oidc" }}
{{- range $key, $value := get $auth $type }}
{{- if and (eq $auth.type $type) (not $value) }}
- {{ $path }}.authentication.{{ $type }}.{{ $key }}: is empty, but authentication.type is {{ $type | quote }}; set it
{{- else if and (ne $auth.type $type) $value }}
- {{ $path }}.authentication.{{ $type }}.{{ $key }}: has no effect, since authentication.type is {{ $auth.type | quote }}; set {{ $path }}.authentication.type to {{ $type }}, or take it out
{{- end }}
{{- end }}
{{- end }}
{{- if eq $auth.type "none" }}
{{- $defaults := dict "onUnauthenticated" "authenticate" "scope" "openid" "sessionCookie" "AWSELBAuthSessionCookie" "sessionTimeoutSeconds" 604800 }}
{{- if $auth.extraParameters }}
- {{ $path }}.authentication.extraParameters: {{ toJson $auth.extraParameters }} has no effect, since authentication.type is "none"; set {{ $path }}.authentication.type, or take it out
{{- end }}
{{- range $key, $default := $defaults }}
{{- if ne (toString (get $auth $key)) (toString $default) }}
- {{ $path }}.authentication.{{ $key }}: {{ get $auth $key | toJson }} has no effect, since authentication.type is "none"; set {{ $path }}.authentication.type, or take it out
{{- end }}
{{- end }}
{{- end }}
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
{{- range $key, $value := pick $jwt "issuer" "additionalClaims" }}
{{- if $value }}
- {{ $path }}.jwtValidation.{{ $key }}: has no effect without {{ $path }}.jwtValidation.jwksEndpoint; set that, or take it out
{{- end }}
{{- end }}
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
