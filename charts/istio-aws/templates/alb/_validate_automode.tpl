{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

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
