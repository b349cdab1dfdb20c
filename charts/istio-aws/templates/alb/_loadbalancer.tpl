{{- /* SPDX-License-Identifier: Apache-2.0

What belongs to the load balancer as a whole. Ingresses that share one must agree on it or say nothing, so the gateway's Ingress says it
and the further ones do not. EKS Auto Mode reads part of it from IngressClassParams.
*/ -}}

{{- /*
istio-aws.alb.attributes: load balancer attributes. The controller keeps what it is not told, so the values' defaults are written too;
in a group they are not, since another member of it may have set them.
Takes: dict "spec" a value of loadBalancers.
Returns: JSON map of strings.
Example: {{ include "istio-aws.alb.attributes" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.attributes" -}}
{{- $spec := .spec -}}
{{- $defaults := dict
    "idle_timeout.timeout_seconds" "60"
    "routing.http.xff_header_processing.mode" "append"
    "routing.http.drop_invalid_header_fields.enabled" "false"
    "deletion_protection.enabled" "false"
    "access_logs.s3.enabled" "false" -}}
{{- $own := dict
    "idle_timeout.timeout_seconds" (toString (int $spec.idleTimeoutSeconds))
    "routing.http.xff_header_processing.mode" $spec.xForwardedFor
    "routing.http.drop_invalid_header_fields.enabled" (toString $spec.dropInvalidHeaders)
    "deletion_protection.enabled" (toString $spec.deletionProtection)
    "access_logs.s3.enabled" (toString (not (empty $spec.accessLogs.bucket))) -}}
{{- if $spec.group.name -}}
{{- range $name, $value := $defaults -}}{{- if eq (get $own $name) $value -}}{{- $_ := unset $own $name -}}{{- end -}}{{- end -}}
{{- end -}}
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
{{- merge $a (include "istio-aws.alb.listenerSettings" . | fromJson) (include "istio-aws.alb.frontendNLBCheck" . | fromJson) | toJson -}}
{{- end }}

{{- /*
istio-aws.alb.frontendNLBAnnotations: the NLB in front. Each Ingress of a load balancer repeats them: one without the ports would add
listeners for all of its own, and the controller takes missing attributes for other ones.
Takes: dict "spec" "lb".
Returns: JSON map, annotation without prefix -> text; empty without such an NLB.
Example: {{ include "istio-aws.alb.frontendNLBAnnotations" (dict "spec" $spec "lb" $lb) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.frontendNLBAnnotations" -}}
{{- $nlb := .spec.frontendNLB -}}
{{- $a := dict -}}
{{- if $nlb.enabled -}}
{{- $_ := set $a "enable-frontend-nlb" "true" -}}
{{- $_ := set $a "frontend-nlb-scheme" .lb.scheme -}}
{{- with $nlb.subnets | default .spec.subnets -}}{{- $_ := set $a "frontend-nlb-subnets" (join "," .) -}}{{- end -}}
{{- with $nlb.securityGroups -}}{{- $_ := set $a "frontend-nlb-security-groups" (join "," .) -}}{{- end -}}
{{- with $nlb.eipAllocations -}}{{- $_ := set $a "frontend-nlb-eip-allocations" (join "," .) -}}{{- end -}}
{{- $ports := dict -}}
{{- range $from, $to := $nlb.ports -}}{{- $_ := set $ports $from (toString (int $to)) -}}{{- end -}}
{{- with $ports -}}{{- $_ := set $a "frontend-nlb-listener-port-mapping" (include "istio-aws.names.stringMap" (dict "map" .)) -}}{{- end -}}
{{- with $nlb.attributes -}}{{- $_ := set $a "frontend-nlb-attributes" (include "istio-aws.names.stringMap" (dict "map" .)) -}}{{- end -}}
{{- with $nlb.tags -}}{{- $_ := set $a "frontend-nlb-tags" (include "istio-aws.names.stringMap" (dict "map" .)) -}}{{- end -}}
{{- end -}}
{{- toJson $a -}}
{{- end }}

{{- /*
istio-aws.alb.frontendNLBCheck: how the NLB in front checks the ALB. One Ingress of a load balancer says it: the controller takes the same
success codes of two for different ones. The check carries the ALB's address as Host, which no rule matches, so a redirect or a 404 shows
that the ALB answers.
Takes: dict "spec".
Returns: JSON map, annotation without prefix -> text; empty without such an NLB.
Example: {{ include "istio-aws.alb.frontendNLBCheck" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.frontendNLBCheck" -}}
{{- $a := dict -}}
{{- if .spec.frontendNLB.enabled -}}
{{- $_ := set $a "frontend-nlb-healthcheck-success-codes" "200-499" -}}
{{- $_ := set $a "frontend-nlb-healthcheck-protocol" "HTTPS" -}}
{{- range (include "istio-aws.alb.listeners" . | fromJson).http -}}
{{- $_ := set $a "frontend-nlb-healthcheck-protocol" "HTTP" -}}
{{- $_ := set $a "frontend-nlb-healthcheck-port" (toString (int .)) -}}
{{- end -}}
{{- end -}}
{{- toJson $a -}}
{{- end }}
