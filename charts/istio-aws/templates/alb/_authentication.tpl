{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.authenticationAnnotations: sign-in, or the check of a token, ahead of all rules of an Ingress.
Takes: dict "spec" a value of loadBalancers.
Returns: JSON map, annotation without prefix -> text; empty when everybody is let through.
Example: {{ include "istio-aws.alb.authenticationAnnotations" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.authenticationAnnotations" -}}
{{- $auth := .spec.authentication -}}
{{- $a := dict -}}
{{- if ne $auth.type "none" -}}
{{- $idp := deepCopy (get $auth $auth.type) -}}
{{- with $idp.secret -}}{{- $idp = merge (dict "secretName" .) (omit $idp "secret") -}}{{- end -}}
{{- with $auth.extraParameters -}}{{- $_ := set $idp "authenticationRequestExtraParams" . -}}{{- end -}}
{{- $_ := set $a (print "auth-idp-" $auth.type) (toRawJson $idp) -}}
{{- $_ := set $a "auth-type" $auth.type -}}
{{- $_ := set $a "auth-on-unauthenticated-request" $auth.onUnauthenticated -}}
{{- $_ := set $a "auth-scope" $auth.scope -}}
{{- $_ := set $a "auth-session-cookie" $auth.sessionCookie -}}
{{- $_ := set $a "auth-session-timeout" (toString (int $auth.sessionTimeoutSeconds)) -}}
{{- end -}}
{{- $jwt := .spec.jwtValidation -}}
{{- if $jwt.jwksEndpoint -}}
{{- $config := dict "jwksEndpoint" $jwt.jwksEndpoint "issuer" $jwt.issuer -}}
{{- with $jwt.additionalClaims -}}{{- $_ := set $config "additionalClaims" . -}}{{- end -}}
{{- $_ := set $a "jwt-validation" (toRawJson $config) -}}
{{- end -}}
{{- toJson $a -}}
{{- end }}
