{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.nlb.managementProblems: who makes the load balancer, and what that one can do.
Takes: dict "root" "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.managementProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.managementProblems" -}}
{{- if eq .spec.managedBy "none" }}
{{- include "istio-aws.nlb.unmanagedProblems" . }}
{{- else }}
{{- include "istio-aws.nlb.targetGroupARNProblems" . }}
{{- if eq .root.Values.controller "eks-auto-mode" }}{{- include "istio-aws.nlb.autoModeProblems" . }}{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.unmanagedProblems: values of a load balancer that another tool makes. What tells the gateway about it stays: hosts, ports,
where TLS ends, PROXY protocol, the check that the gateway answers, the delay that its drain time must cover.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.unmanagedProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.unmanagedProblems" -}}
{{- $path := .path -}}
{{- $defaults := dict "name" "" "ipAddressType" "ipv4" "subnets" list "staticIPs.eipAllocations" list "staticIPs.privateIPv4Addresses" list
    "manageBackendRules" true "sourceRanges" list "prefixLists" list "preserveClientIP" "default" "stickiness" false "crossZone" false
    "zonalAffinity" "any" "idleTimeoutSeconds" 350 "deletionProtection" false "accessLogs.bucket" "" "accessLogs.prefix" ""
    "canary.service" "" "canary.port" 0 "canary.weight" 0 "tags" dict "attributes" dict "targetGroupAttributes" dict
    "healthCheck.intervalSeconds" 10 "healthCheck.timeoutSeconds" 6 "healthCheck.healthyThreshold" 2 "healthCheck.unhealthyThreshold" 2 -}}
{{- if and .spec.tls.ports (eq .spec.tls.terminateAt "loadBalancer") }}
{{- $defaults = merge $defaults (dict "tls.certificateArns" list "tls.policy" "ELBSecurityPolicy-TLS13-1-2-2021-06" "tls.alpnPolicy" "None") }}
{{- end }}
{{- $because := "the load balancer is made elsewhere (managedBy none)" -}}
{{- $bound := false -}}
{{- range $i, $port := .spec.ports }}
{{- if .targetGroupARN }}{{- $bound = true }}{{- end }}
{{- if .attributes }}
- {{ $path }}.ports[{{ $i }}].attributes: has no effect, since {{ $because }}; leave it out, and set it there
{{- end }}
{{- end }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" $defaults "because" $because "cure" "leave it out, and set it there") .) }}
{{- if not $bound }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" (dict "securityGroups" list "targetNodeLabels" dict) "because" "no port has a targetGroupARN" "cure" "leave it out") .) }}
{{- end }}
{{- include "istio-aws.nlb.targetGroupARNProblems" . }}
{{- end }}

{{- /*
istio-aws.nlb.targetGroupARNProblems: a target group made elsewhere belongs to a load balancer made elsewhere, and to one port.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.targetGroupARNProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.targetGroupARNProblems" -}}
{{- $path := .path -}}
{{- $managed := eq .spec.managedBy "controller" -}}
{{- $seen := dict -}}
{{- range $i, $port := .spec.ports }}
{{- with .targetGroupARN }}
{{- if $managed }}
- {{ $path }}.ports[{{ $i }}].targetGroupARN: is for a load balancer made elsewhere, and this one gets its own target groups; set {{ $path }}.managedBy to none, or leave it out
{{- else if hasKey $seen . }}
- {{ $path }}.ports[{{ $i }}].targetGroupARN: is also that of ports[{{ get $seen . }}]; a target group belongs to one port
{{- end }}
{{- $_ := set $seen . $i }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.autoModeProblems: what AWS's documentation of EKS Auto Mode excludes or does not name (auto-configure-nlb, auto-networking).
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.autoModeProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.autoModeProblems" -}}
{{- $path := .path -}}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" (dict "idleTimeoutSeconds" 350 "canary.service" "") "because" "EKS Auto Mode sets no listener attributes and shares no listener between target groups" "cure" "leave it out, or use the AWS Load Balancer Controller") .) }}
{{- $proxy := list -}}
{{- range $i, $port := (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- $proxy = append $proxy (ne $port.proxy "none") }}
{{- if $port.attributes }}
- {{ $path }}.ports[{{ $i }}].attributes: has no effect, since EKS Auto Mode sets no listener attributes; leave it out, or use the AWS Load Balancer Controller
{{- end }}
{{- end }}
{{- if gt (len (uniq $proxy)) 1 }}
- {{ $path }}.ports: only some have proxyProtocol, and EKS Auto Mode switches it for all target groups together; set it on every port, or on none
{{- end }}
{{- $name := "service.beta.kubernetes.io/aws-load-balancer-disable-nlb-sg" -}}
{{- if get .spec.annotations $name }}
- {{ $path }}.annotations[{{ $name | quote }}]: EKS Auto Mode makes every NLB with security groups; remove it
{{- end }}
{{- end }}
