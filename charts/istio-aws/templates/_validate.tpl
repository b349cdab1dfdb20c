{{- /* SPDX-License-Identifier: Apache-2.0

Relations between values; the shape of single values is the schema's. One define per rule, each beside its concern, each returning one
line per problem: "- <path>: <what it is>; <what to do>". All problems are reported together.
*/ -}}

{{- /*
istio-aws.validate.problems: every rule that is broken.
Takes: dict "root" $.
Returns: lines, empty when all is well.
Example: {{ include "istio-aws.validate.problems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.validate.problems" -}}
{{- $root := .root -}}
{{- $known := dict -}}
{{- include "istio-aws.gateway.rootNamespaceProblems" . }}
{{- include "istio-aws.gateway.distinctProblems" . }}
{{- include "istio-aws.gateway.serviceNameProblems" . }}
{{- include "istio-aws.gateway.egressProblems" . }}
{{- include "istio-aws.validate.nameProblems" . }}
{{- include "istio-aws.gateway.canaryProblems" . }}
{{- range $alias := (include "istio-aws.gateway.enabled" . | fromYaml).aliases }}
{{- range $rule := list "account" "injection" "revision" "termination" "scaling" "spread" }}
{{- include (printf "istio-aws.gateway.%sProblems" $rule) (dict "root" $root "alias" $alias) }}
{{- end }}
{{- end }}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- if $spec.enabled }}
{{- $one := dict "root" $root "path" (printf "loadBalancers.%s" $key) "spec" $spec "lb" $lb "known" $known }}
{{- range $rule := list "service" "unusedService" "canaryService" "trustedProxy" "proxyProtocol" "deregistration" "externalDNS" }}
{{- include (printf "istio-aws.gateway.%sProblems" $rule) $one }}
{{- end }}
{{- include "istio-aws.networkpolicy.problems" $one }}
{{- include "istio-aws.annotations.problems" $one }}
{{- include "istio-aws.annotations.attributeProblems" $one }}
{{- range $rule := list "nodePort" "healthCheck" "tag" "targetNodeLabel" "securityGroupID" "client" "accessLog" "canary" "region" }}
{{- include (printf "istio-aws.validate.%sProblems" $rule) $one }}
{{- end }}
{{- include (printf "istio-aws.%s.problems" $lb.kind) $one }}
{{- end }}
{{- end }}
{{- include "istio-aws.annotations.misplacedProblems" . }}
{{- include "istio-aws.annotations.commonProblems" . }}
{{- include "istio-aws.targetgroupbinding.problems" . }}
{{- include "istio-aws.mtls.problems" . }}
{{- include "istio-aws.routes.problems" . }}
{{- end }}

{{- /*
istio-aws.validate.nameProblems: the load balancers of an AWS account have names of their own, ALBs and NLBs together.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.validate.nameProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.validate.nameProblems" -}}
{{- $seen := dict -}}
{{- range $key, $_ := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $.root.Values.loadBalancers $key }}
{{- if and $spec.enabled $spec.name }}
{{- if hasKey $seen $spec.name }}
- loadBalancers.{{ $key }}.name: {{ $spec.name | quote }} is also loadBalancers.{{ get $seen $spec.name }}.name, and AWS wants names of its own for the load balancers of an account; use two names
{{- end }}
{{- $_ := set $seen $spec.name $key }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.validate.unusedProblems: values that differ from their defaults although nothing reads them.
Takes: dict "path" "spec", "values" map of paths below the load balancer to defaults, "because" why, "cure" what to do.
Returns: lines.
Example: {{ include "istio-aws.validate.unusedProblems" (merge (dict "values" (dict "stickiness" false) "because" "it is off" "cure" "leave it out") .) }}
*/ -}}
{{- define "istio-aws.validate.unusedProblems" -}}
{{- range $key, $default := .values }}
{{- $value := $.spec }}
{{- range splitList "." $key }}{{- $value = get $value . }}{{- end }}
{{- if ne (toJson $value) (toJson $default) }}
- {{ $.path }}.{{ $key }}: {{ toJson $value }} has no effect, since {{ $.because }}; {{ $.cure }}
{{- end }}
{{- end }}
{{- end }}
