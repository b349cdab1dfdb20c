{{- /* SPDX-License-Identifier: Apache-2.0

What belongs to the load balancer as a whole. Ingresses that share one must agree on it or say nothing, so the gateway's Ingress says it
and the further ones do not. EKS Auto Mode reads part of it from IngressClassParams.
*/ -}}

{{- /*
istio-aws.alb.attributes: load balancer attributes. The controller keeps what it is not told, so the values' defaults are written too,
in a group as well: else what was set there once could never be unset. The other members then say the same or nothing.
Takes: dict "spec" a value of loadBalancers.
Returns: JSON map of strings.
Example: {{ include "istio-aws.alb.attributes" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.attributes" -}}
{{- $spec := .spec -}}
{{- $own := dict
    "idle_timeout.timeout_seconds" (toString (int $spec.idleTimeoutSeconds))
    "routing.http.xff_header_processing.mode" $spec.xForwardedFor
    "routing.http.drop_invalid_header_fields.enabled" (toString $spec.dropInvalidHeaders)
    "deletion_protection.enabled" (toString $spec.deletionProtection)
    "access_logs.s3.enabled" (toString (not (empty $spec.accessLogs.bucket))) -}}
{{- with $spec.accessLogs.bucket -}}
{{- $_ := set $own "access_logs.s3.bucket" . -}}
{{- $_ := set $own "access_logs.s3.prefix" $spec.accessLogs.prefix -}}
{{- end -}}
{{- merge $own $spec.attributes | toJson -}}
{{- end }}

{{- /*
istio-aws.alb.loadBalancerAnnotations: the load balancer itself, who may reach it and what protects it.
Takes: dict "root" $ "spec" "lb".
Returns: JSON map, annotation without prefix -> text.
Example: {{ include "istio-aws.alb.loadBalancerAnnotations" (dict "root" $ "spec" $spec "lb" $lb) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.loadBalancerAnnotations" -}}
{{- $spec := .spec -}}
{{- $a := dict -}}
{{- if ne .root.Values.controller "eks-auto-mode" -}}
{{- $_ := set $a "scheme" .lb.scheme -}}
{{- if ne $spec.ipAddressType "ipv4" -}}{{- $_ := set $a "ip-address-type" $spec.ipAddressType -}}{{- end -}}
{{- with $spec.subnets -}}{{- $_ := set $a "subnets" (join "," .) -}}{{- end -}}
{{- with include "istio-aws.alb.attributes" . | fromJson -}}
{{- $_ := set $a "load-balancer-attributes" (include "istio-aws.names.stringMap" (dict "map" .)) -}}
{{- end -}}
{{- end -}}
{{- if and $spec.deletionProtection (eq .root.Values.controller "eks-auto-mode") -}}
{{- /* Beside the class: before the controller deletes a load balancer, it looks for this on the Ingress. */ -}}
{{- $_ := set $a "load-balancer-attributes" "deletion_protection.enabled=true" -}}
{{- end -}}
{{- with $spec.name -}}{{- $_ := set $a "load-balancer-name" . -}}{{- end -}}
{{- with $spec.inboundCIDRs -}}{{- $_ := set $a "inbound-cidrs" (join "," .) -}}{{- end -}}
{{- with $spec.prefixLists -}}{{- $_ := set $a "security-group-prefix-lists" (join "," .) -}}{{- end -}}
{{- with $spec.securityGroups -}}
{{- $_ := set $a "security-groups" (join "," .) -}}
{{- $_ := set $a "manage-backend-security-group-rules" (toString $spec.manageBackendRules) -}}
{{- end -}}
{{- with $spec.waf.webACLArn -}}{{- $_ := set $a "wafv2-acl-arn" . -}}{{- end -}}
{{- with toString $spec.shieldAdvanced -}}
{{- if ne . "default" -}}{{- $_ := set $a "shield-advanced-protection" . -}}{{- end -}}
{{- end -}}
{{- merge $a (include "istio-aws.alb.sharedListenerAnnotations" . | fromJson) (include "istio-aws.alb.frontendNLBCheck" . | fromJson) | toJson -}}
{{- end }}
