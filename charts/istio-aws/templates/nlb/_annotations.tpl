{{- /* SPDX-License-Identifier: Apache-2.0

Annotations of the Service of an NLB. What AWS has an attribute for is written as one, with its default too: the controller leaves alone
what it is not told, so a value that goes back to its default would otherwise stay as it was.
*/ -}}

{{- /*
istio-aws.nlb.annotations: what makes the load balancer, its listeners and its target groups, over the annotations of the values.
Takes: dict "root" $ "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: YAML map of strings; only those of the values when the load balancer is made elsewhere.
Example: {{ include "istio-aws.nlb.annotations" (dict "root" $ "spec" $spec "lb" $lb) | fromYaml }}
*/ -}}
{{- define "istio-aws.nlb.annotations" -}}
{{- $spec := .spec -}}
{{- $all := deepCopy $spec.annotations -}}
{{- if eq $spec.managedBy "controller" }}
{{- $a := dict "scheme" .lb.scheme "nlb-target-type" $spec.targetType }}
{{- with $spec.name }}{{- $_ := set $a "name" . }}{{- end }}
{{- if eq $spec.ipAddressType "dualstack" }}{{- $_ := set $a "ip-address-type" "dualstack" }}{{- end }}
{{- range $name, $words := dict "subnets" $spec.subnets "security-groups" $spec.securityGroups "security-group-prefix-lists" $spec.prefixLists
    "eip-allocations" $spec.staticIPs.eipAllocations "private-ipv4-addresses" $spec.staticIPs.privateIPv4Addresses }}
{{- with $words }}{{- $_ := set $a $name (join "," .) }}{{- end }}
{{- end }}
{{- if $spec.securityGroups }}{{- $_ := set $a "manage-backend-security-group-rules" (toString $spec.manageBackendRules) }}{{- end }}
{{- range $name, $map := dict "additional-resource-tags" $spec.tags "target-node-labels" $spec.targetNodeLabels
    "attributes" (include "istio-aws.nlb.attributes" . | fromYaml) "target-group-attributes" (include "istio-aws.nlb.targetGroupAttributes" . | fromYaml) }}
{{- with $map }}{{- $_ := set $a $name (include "istio-aws.names.stringMap" (dict "map" .)) }}{{- end }}
{{- end }}
{{- $a = merge $a (include "istio-aws.nlb.listenerAnnotations" . | fromYaml) (include "istio-aws.nlb.healthAnnotations" . | fromYaml) }}
{{- range $name, $value := $a }}{{- $_ := set $all (printf "service.beta.kubernetes.io/aws-load-balancer-%s" $name) $value }}{{- end }}
{{- $all = merge (include "istio-aws.nlb.actions" . | fromYaml) $all }}
{{- end }}
{{- toYaml $all -}}
{{- end }}

{{- /*
istio-aws.nlb.attributes: attributes of the load balancer.
Takes: dict "spec".
Returns: YAML map of strings.
Example: {{ include "istio-aws.nlb.attributes" . | fromYaml }}
*/ -}}
{{- define "istio-aws.nlb.attributes" -}}
{{- $spec := .spec -}}
{{- $policies := dict "any" "any_availability_zone" "partial" "partial_availability_zone_affinity" "full" "availability_zone_affinity" -}}
{{- $a := dict "load_balancing.cross_zone.enabled" (toString $spec.crossZone) "deletion_protection.enabled" (toString $spec.deletionProtection)
    "dns_record.client_routing_policy" (get $policies $spec.zonalAffinity) "access_logs.s3.enabled" (toString (not (empty $spec.accessLogs.bucket))) -}}
{{- with $spec.accessLogs.bucket }}
{{- $_ := set $a "access_logs.s3.bucket" . }}
{{- $_ := set $a "access_logs.s3.prefix" $spec.accessLogs.prefix }}
{{- end }}
{{- merge $a $spec.attributes | toYaml }}
{{- end }}

{{- /*
istio-aws.nlb.targetGroupAttributes: attributes of all target groups. EKS Auto Mode knows PROXY protocol only here, for all of them.
Takes: dict "root" $ "spec".
Returns: YAML map of strings.
Example: {{ include "istio-aws.nlb.targetGroupAttributes" . | fromYaml }}
*/ -}}
{{- define "istio-aws.nlb.targetGroupAttributes" -}}
{{- $spec := .spec -}}
{{- $a := dict "deregistration_delay.timeout_seconds" (toString (int $spec.deregistrationDelaySeconds)) "stickiness.enabled" (toString $spec.stickiness) -}}
{{- if $spec.stickiness }}{{- $_ := set $a "stickiness.type" "source_ip" }}{{- end }}
{{- $datagrams := false }}
{{- $proxy := false }}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- if hasSuffix "UDP" .listener }}{{- $datagrams = true }}{{- end }}
{{- if ne .proxy "none" }}{{- $proxy = true }}{{- end }}
{{- end }}
{{- if ne (toString $spec.preserveClientIP) "default" }}
{{- $_ := set $a "preserve_client_ip.enabled" (toString $spec.preserveClientIP) }}
{{- else if eq $spec.targetType "instance" }}
{{- $_ := set $a "preserve_client_ip.enabled" "true" }}
{{- else if not $datagrams }}{{- /* AWS refuses false for UDP, whose default is true */}}
{{- $_ := set $a "preserve_client_ip.enabled" "false" }}
{{- end }}
{{- if eq .root.Values.controller "eks-auto-mode" }}{{- $_ := set $a "proxy_protocol_v2.enabled" (toString $proxy) }}{{- end }}
{{- merge $a $spec.targetGroupAttributes | toYaml }}
{{- end }}

{{- /*
istio-aws.nlb.listenerAnnotations: protocols, TLS, PROXY protocol and time-outs of the listeners.
Takes: dict "root" $ "spec".
Returns: YAML map of strings, annotations without aws-load-balancer-.
Example: {{ include "istio-aws.nlb.listenerAnnotations" . | fromYaml }}
*/ -}}
{{- define "istio-aws.nlb.listenerAnnotations" -}}
{{- $spec := .spec -}}
{{- $controller := .root.Values.controller -}}
{{- $a := dict -}}
{{- if and $spec.tls.ports (eq $spec.tls.terminateAt "loadBalancer") }}
{{- $_ := set $a "ssl-cert" (join "," $spec.tls.certificateArns) }}
{{- $_ := set $a "ssl-ports" (join "," $spec.tls.ports) }}
{{- $_ := set $a "ssl-negotiation-policy" $spec.tls.policy }}
{{- $_ := set $a "alpn-policy" $spec.tls.alpnPolicy }}
{{- if $spec.tls.reencrypt }}{{- $_ := set $a "backend-protocol" "ssl" }}{{- end }}
{{- end }}
{{- $proxy := list }}
{{- range $port := (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- if ne $port.proxy "none" }}{{- $proxy = concat $proxy (list $port.port ($spec.canary.port | default $port.port)) }}{{- end }}
{{- if eq $port.listener "TCP_UDP" }}{{- $_ := set $a "enable-tcp-udp-listener" "true" }}{{- end }}
{{- if eq $controller "aws-load-balancer-controller" }}
{{- $idle := eq $port.listener "TCP" | ternary (dict "tcp.idle_timeout.seconds" (toString (int $spec.idleTimeoutSeconds))) dict }}
{{- with merge (dict) ($port.attributes | default dict) $idle }}
{{- $_ := set $a (printf "listener-attributes.%s-%d" $port.listener (int $port.port)) (include "istio-aws.names.stringMap" (dict "map" .)) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $proxy (eq $controller "aws-load-balancer-controller") }}{{- $_ := set $a "proxy-protocol-per-target-group" (join "," (uniq $proxy)) }}{{- end }}
{{- toYaml $a }}
{{- end }}

{{- /*
istio-aws.nlb.healthAnnotations: the health check of every target group, the canary's too. With Local the controller itself names kube-proxy's port and path.
Takes: dict "spec".
Returns: YAML map of strings, annotations without aws-load-balancer-.
Example: {{ include "istio-aws.nlb.healthAnnotations" . | fromYaml }}
*/ -}}
{{- define "istio-aws.nlb.healthAnnotations" -}}
{{- $check := .spec.healthCheck -}}
{{- if not (include "istio-aws.nlb.local" .) }}
healthcheck-protocol: http
healthcheck-port: {{ include "istio-aws.nlb.healthPort" . }}
healthcheck-path: /healthz/ready
{{- end }}
healthcheck-interval: {{ int $check.intervalSeconds | quote }}
healthcheck-timeout: {{ int $check.timeoutSeconds | quote }}
healthcheck-healthy-threshold: {{ int $check.healthyThreshold | quote }}
healthcheck-unhealthy-threshold: {{ int $check.unhealthyThreshold | quote }}
{{- end }}

{{- /*
istio-aws.nlb.actions: the canary's share of each listener, but not of the status port's. What TLS ends for is plain to the canary too.
Takes: dict "spec".
Returns: YAML map of whole annotations to JSON; empty without a canary.
Example: {{ include "istio-aws.nlb.actions" . | fromYaml }}
*/ -}}
{{- define "istio-aws.nlb.actions" -}}
{{- $spec := .spec -}}
{{- $actions := dict -}}
{{- with $spec.canary.service }}
{{- $weight := $spec.canary.weight | int }}
{{- range (include "istio-aws.nlb.ports" (dict "spec" $spec) | fromJson).ports }}
{{- $canary := dict "serviceName" $spec.canary.service "servicePort" ($spec.canary.port | default .port | int) "weight" $weight }}
{{- if and (eq .listener "TLS") (not $spec.tls.reencrypt) }}{{- $_ := set $canary "decrypt" true }}{{- end }}
{{- $forward := dict "baseServiceWeight" (sub 100 $weight) "targetGroups" (list $canary) }}
{{- if $spec.stickiness }}{{- $_ := set $forward "targetGroupStickinessConfig" (dict "enabled" true) }}{{- end }}
{{- $_ := set $actions (printf "service.beta.kubernetes.io/actions.%s-%d" .listener (int .port)) (dict "type" "forward" "forwardConfig" $forward | toJson) }}
{{- end }}
{{- end }}
{{- toYaml $actions }}
{{- end }}
