{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.unmanagedProblems: values that do nothing when the load balancer is made elsewhere.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.unmanagedProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.unmanagedProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- $defaults := dict "name" "" "group.name" "" "group.order" 0 "ipAddressType" "ipv4" "subnets" list "inboundCIDRs" list "prefixLists" list
    "defaultBackend" "none" "listeners" list "tls.certificateArns" list "tls.discoverCertificates" false "tls.redirectHTTP" true
    "tls.policy" "ELBSecurityPolicy-TLS13-1-2-2021-06" "tls.clientCertificates.mode" "none"
    "tls.clientCertificates.trustStore" "" "tls.clientCertificates.ignoreExpiry" false "tls.clientCertificates.advertiseAuthorities" false
    "idleTimeoutSeconds" 60 "xForwardedFor" "append" "dropInvalidHeaders" false "deletionProtection" false
    "accessLogs.bucket" "" "accessLogs.prefix" "" "waf.webACLArn" "" "shieldAdvanced" "default" "authentication.type" "none"
    "authentication.cognito.userPoolARN" "" "authentication.cognito.userPoolClientID" "" "authentication.cognito.userPoolDomain" ""
    "authentication.oidc.issuer" "" "authentication.oidc.authorizationEndpoint" "" "authentication.oidc.tokenEndpoint" ""
    "authentication.oidc.userInfoEndpoint" "" "authentication.oidc.secret" "" "authentication.onUnauthenticated" "authenticate"
    "authentication.scope" "openid" "authentication.extraParameters" dict "authentication.sessionCookie" "AWSELBAuthSessionCookie"
    "authentication.sessionTimeoutSeconds" 604800 "jwtValidation.jwksEndpoint" "" "jwtValidation.issuer" "" "jwtValidation.additionalClaims" list
    "actions" list "canary.service" "" "canary.port" 80 "canary.weight" 0 "frontendNLB.enabled" false "frontendNLB.subnets" list
    "frontendNLB.securityGroups" list "frontendNLB.eipAllocations" list "frontendNLB.ports" dict "frontendNLB.attributes" dict
    "frontendNLB.tags" dict "tags" dict "attributes" dict -}}
{{- /* Of a target group made elsewhere its own maker decides; without one, a load balancer of another release may read these. */ -}}
{{- $group := dict "healthCheck.through" "status" "healthCheck.successCodes" "" "healthCheck.intervalSeconds" 15 "healthCheck.timeoutSeconds" 5
    "healthCheck.healthyThreshold" 2 "healthCheck.unhealthyThreshold" 2 "algorithm" "round_robin" "slowStartSeconds" 0 "stickiness.enabled" false
    "targetGroupAttributes" dict -}}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" $defaults "because" "the load balancer is made elsewhere (managedBy none)" "cure" "leave it out, and set it there") .) }}
{{- if $spec.backend.targetGroupARN }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" $group "because" "the target group is made elsewhere (backend.targetGroupARN)" "cure" "leave it out, and set it there") .) }}
{{- if $spec.ingresses }}
- {{ $path }}.ingresses: have no effect beside {{ $path }}.backend.targetGroupARN; take them out
{{- end }}
{{- else if or $spec.securityGroups (not $spec.manageBackendRules) }}
- {{ $path }}.{{ $spec.securityGroups | empty | ternary "manageBackendRules" "securityGroups" }}: has no effect without {{ $path }}.backend.targetGroupARN, since nothing else opens the nodes; take it out
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.autoModeProblems: what EKS Auto Mode does not do or, by AWS's documentation, does not promise (EKS user guide, "Create an
IngressClass to configure an Application Load Balancer").
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.autoModeProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.autoModeProblems" -}}
{{- $path := .path -}}
{{- $not := "is not something that EKS Auto Mode does; set controller to aws-load-balancer-controller, or take it out" -}}
{{- if ne (toString .spec.shieldAdvanced) "default" }}
- {{ $path }}.shieldAdvanced: {{ .spec.shieldAdvanced }} {{ $not }}
{{- end }}
{{- range $i, $listener := .spec.listeners }}
{{- if $listener.attributes }}
- {{ $path }}.listeners[{{ $i }}].attributes: {{ $not }}
{{- end }}
{{- end }}
{{- if .spec.jwtValidation.jwksEndpoint }}
- {{ $path }}.jwtValidation.jwksEndpoint: {{ $not }}
{{- end }}
{{- if .spec.frontendNLB.enabled }}
- {{ $path }}.frontendNLB.enabled: {{ $not }}
{{- end }}
{{- range $i, $action := .spec.actions }}
{{- range $key, $_ := pick $action "conditions" "transforms" }}
- {{ $path }}.actions[{{ $i }}].{{ $key }}: {{ $not }}
{{- end }}
{{- end }}
{{- range $name := list "waf-acl-id" "web-acl-id" }}
{{- if hasKey $.spec.annotations (print "alb.ingress.kubernetes.io/" $name) }}
- {{ $path }}.annotations: "alb.ingress.kubernetes.io/{{ $name }}" {{ $not }}
{{- end }}
{{- end }}
{{- range .spec.subnets }}
{{- if not (hasPrefix "subnet-" .) }}
- {{ $path }}.subnets: {{ . | quote }} is no ID (subnet-…), and EKS Auto Mode takes no names; write the ID
{{- end }}
{{- end }}
{{- end }}
