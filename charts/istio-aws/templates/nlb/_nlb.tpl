{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.nlb.annotations: what makes the load balancer and its target groups.
Takes: dict "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: YAML map of strings.
Example: {{ include "istio-aws.nlb.annotations" (dict "spec" $spec "lb" $lb) | nindent 4 }}
*/ -}}
{{- define "istio-aws.nlb.annotations" -}}
{{- $spec := .spec -}}
{{- $a := dict "scheme" .lb.scheme "nlb-target-type" $spec.targetType -}}
{{- with $spec.name }}{{- $_ := set $a "name" . }}{{- end -}}
{{- if $spec.tls.certificateArns }}
{{- $_ := set $a "ssl-cert" (join "," $spec.tls.certificateArns) }}
{{- $_ := set $a "ssl-ports" (join "," $spec.tls.ports) }}
{{- $_ := set $a "ssl-negotiation-policy" $spec.tls.policy }}
{{- end -}}
{{- $_ := set $a "healthcheck-protocol" "http" -}}
{{- $_ := set $a "healthcheck-port" "status-port" -}}
{{- $_ := set $a "healthcheck-path" "/healthz/ready" -}}
{{- $_ := set $a "healthcheck-interval" (toString (int $spec.healthCheck.intervalSeconds)) -}}
{{- $_ := set $a "healthcheck-timeout" (toString (int $spec.healthCheck.timeoutSeconds)) -}}
{{- $_ := set $a "healthcheck-healthy-threshold" (toString (int $spec.healthCheck.healthyThreshold)) -}}
{{- $_ := set $a "healthcheck-unhealthy-threshold" (toString (int $spec.healthCheck.unhealthyThreshold)) -}}
{{- with $spec.subnets }}{{- $_ := set $a "subnets" (join "," .) }}{{- end -}}
{{- with $spec.securityGroups }}
{{- $_ := set $a "security-groups" (join "," .) }}
{{- $_ := set $a "manage-backend-security-group-rules" "true" }}
{{- end -}}
{{- with $spec.tags }}{{- $_ := set $a "additional-resource-tags" (include "istio-aws.names.stringMap" (dict "map" .)) }}{{- end -}}
{{- $attributes := merge (dict "load_balancing.cross_zone.enabled" (toString $spec.crossZone)) $spec.attributes -}}
{{- $_ := set $a "attributes" (include "istio-aws.names.stringMap" (dict "map" $attributes)) -}}
{{- $tgAttributes := merge (dict "deregistration_delay.timeout_seconds" (toString (int $spec.deregistrationDelaySeconds))) $spec.targetGroupAttributes -}}
{{- $_ := set $a "target-group-attributes" (include "istio-aws.names.stringMap" (dict "map" $tgAttributes)) -}}
{{- $all := deepCopy $spec.annotations -}}
{{- range $name, $value := $a }}{{- $_ := set $all (printf "service.beta.kubernetes.io/aws-load-balancer-%s" $name) $value }}{{- end -}}
{{- toYaml $all -}}
{{- end }}

{{- /*
istio-aws.nlb.owned: annotations that values of this chart set, so that none is written twice.
Takes: nothing.
Returns: YAML, annotation without its prefix -> the value that sets it, below loadBalancers.<key>; "" when nothing may.
Example: {{ $owned := include "istio-aws.nlb.owned" . | fromYaml }}
*/ -}}
{{- define "istio-aws.nlb.owned" -}}
type: ""
scheme: ""
internal: ""
name: name
nlb-target-type: targetType
ssl-cert: tls.certificateArns
ssl-ports: tls.ports
ssl-negotiation-policy: tls.policy
healthcheck-protocol: ""
healthcheck-port: ""
healthcheck-path: ""
healthcheck-interval: healthCheck.intervalSeconds
healthcheck-timeout: healthCheck.timeoutSeconds
healthcheck-healthy-threshold: healthCheck.healthyThreshold
healthcheck-unhealthy-threshold: healthCheck.unhealthyThreshold
cross-zone-load-balancing-enabled: crossZone
attributes: attributes
target-group-attributes: targetGroupAttributes
subnets: subnets
security-groups: securityGroups
manage-backend-security-group-rules: ""
additional-resource-tags: tags
{{- end }}
