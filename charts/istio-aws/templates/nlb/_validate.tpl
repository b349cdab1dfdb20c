{{- /* SPDX-License-Identifier: Apache-2.0

Rules of one NLB. Those of its ports, of TLS and of who makes it are in the files beside this one.
*/ -}}

{{- /*
istio-aws.nlb.problems: every rule of one NLB that is broken.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.nlb.problems" $one }}
*/ -}}
{{- define "istio-aws.nlb.problems" -}}
{{- include "istio-aws.nlb.portProblems" . }}
{{- include "istio-aws.nlb.datagramProblems" . }}
{{- include "istio-aws.nlb.quicProblems" . }}
{{- include "istio-aws.nlb.tlsProblems" . }}
{{- include "istio-aws.nlb.credentialProblems" . }}
{{- include "istio-aws.nlb.managementProblems" . }}
{{- if eq .spec.managedBy "controller" }}
{{- include "istio-aws.nlb.addressProblems" . }}
{{- include "istio-aws.nlb.attributeProblems" . }}
{{- include "istio-aws.nlb.canaryProblems" . }}
{{- end }}
{{- include "istio-aws.nlb.healthProblems" . }}
{{- include "istio-aws.nlb.targetProblems" . }}
{{- end }}

{{- /*
istio-aws.nlb.addressProblems: fixed addresses go by scheme and are one per subnet, in the order of the subnets.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.nlb.addressProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.addressProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- $static := $spec.staticIPs -}}
{{- $public := eq .lb.scheme "internet-facing" -}}
{{- if and $static.eipAllocations (not $public) }}
- {{ $path }}.staticIPs.eipAllocations: are for internet-facing NLBs, and {{ $path }} is internal; use staticIPs.privateIPv4Addresses
{{- end }}
{{- if and $static.privateIPv4Addresses $public }}
- {{ $path }}.staticIPs.privateIPv4Addresses: are for internal NLBs, and {{ $path }} is internet-facing; use staticIPs.eipAllocations
{{- end }}
{{- $prefix := "service.beta.kubernetes.io/aws-load-balancer-" -}}
{{- $lists := dict "staticIPs.eipAllocations" $static.eipAllocations "staticIPs.privateIPv4Addresses" $static.privateIPv4Addresses -}}
{{- range $name := list "ipv6-addresses" "source-nat-ipv6-prefixes" }}
{{- with get $spec.annotations (print $prefix $name) }}{{- $_ := set $lists (printf "annotations[%q]" (print $prefix $name)) (splitList "," .) }}{{- end }}
{{- end }}
{{- range $key, $addresses := $lists }}
{{- if and $addresses (ne (len $addresses) (len $spec.subnets)) }}
- {{ $path }}.{{ $key }}: has {{ len $addresses }}, and {{ $path }}.subnets has {{ len $spec.subnets }}; name as many subnets, in the same order
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.attributeProblems: values that AWS has an attribute for, but not on the listeners or target groups that are there.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.attributeProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.attributeProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- $listeners := dict -}}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}{{- $_ := set $listeners .listener .name }}{{- end }}
{{- if and (ne (int $spec.idleTimeoutSeconds) 350) (not $listeners.TCP) }}
- {{ $path }}.idleTimeoutSeconds: {{ int $spec.idleTimeoutSeconds }} has no effect, since no listener is TCP, and AWS keeps TLS at 350 seconds and UDP at 120; leave it out
{{- end }}
{{- if and $spec.accessLogs.bucket (not $listeners.TLS) }}
- {{ $path }}.accessLogs.bucket: would stay empty, since AWS logs TLS listeners only, and TLS ends at the load balancer on no port; leave it out, or set {{ $path }}.tls.ports
{{- end }}
{{- if and $spec.stickiness $spec.tls.reencrypt }}
- {{ $path }}.stickiness: true is refused by AWS for target groups that TLS is opened to again; set {{ $path }}.tls.reencrypt or this to false
{{- end }}
{{- if and $spec.stickiness $spec.canary.service $listeners.TLS }}
- {{ $path }}.stickiness: true is refused by AWS on TLS listeners, as port {{ $listeners.TLS }}, that share connections with a canary; set it to false while {{ $path }}.canary is there
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.canaryProblems: one port of a canary stands for one listener, and is checked where the gateway's is.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.canaryProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.canaryProblems" -}}
{{- $path := .path -}}
{{- $canary := .spec.canary -}}
{{- if $canary.service }}
{{- if and (int $canary.port) (gt (len .spec.ports) 1) }}
- {{ $path }}.canary.port: {{ int $canary.port }} would get the connections of all {{ len .spec.ports }} ports; leave it 0, and each listener uses the canary's port of its own number
{{- end }}
{{- if include "istio-aws.nlb.local" . }}
- {{ $path }}.canary.service: {{ $canary.service | quote }} would be checked at the node port that kube-proxy has for this gateway, not for the canary; set {{ $path }}.externalTrafficPolicy to Cluster
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.healthProblems: the check is one for all target groups, and it begins with a PROXY header where the target group has it.
Takes: dict "root" "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.healthProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.healthProblems" -}}
{{- $path := .path -}}
{{- if eq .spec.healthCheck.through "data" }}
{{- $name := include "istio-aws.nlb.healthPort" . }}
{{- $checked := "" }}
{{- $proxied := "" }}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- if eq .name $name }}{{- $checked = .proxy }}{{- end }}
{{- if ne .proxy "none" }}{{- $proxied = .name }}{{- end }}
{{- end }}
{{- if not $name }}
- {{ $path }}.healthCheck.through: data needs a port with protocol HTTP whose TLS, if any, ends at the load balancer; add one, or use status
{{- else if and $proxied (ne $checked "permissive") (eq .spec.managedBy "controller") (eq .root.Values.controller "aws-load-balancer-controller") }}
- {{ $path }}.healthCheck.through: data asks port {{ $name }} for every target group, with a PROXY header from those like {{ $proxied }} and without from status-port's; set proxyProtocol of {{ $name }} to permissive, or use status
{{- end }}
{{- if and (include "istio-aws.nlb.local" .) (eq .spec.managedBy "controller") }}
- {{ $path }}.healthCheck.through: data has no effect with externalTrafficPolicy Local, where kube-proxy answers for the node; leave it out, or use Cluster
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.targetProblems: what goes with node ports only, and with kube-proxy's health check not at all.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.targetProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.targetProblems" -}}
{{- $path := .path -}}
{{- if eq .spec.targetType "ip" }}
{{- include "istio-aws.validate.unusedProblems" (merge (dict "values" (dict "externalTrafficPolicy" "Cluster") "because" "targets are pods (targetType ip)" "cure" "leave it out, or use instance targets") .) }}
{{- end }}
{{- if and (include "istio-aws.nlb.local" .) (eq .spec.managedBy "controller") }}
{{- range $i, $port := (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- if ne $port.proxy "none" }}
- {{ $path }}.ports[{{ $i }}].proxyProtocol: {{ $port.proxy }} makes health checks fail with externalTrafficPolicy Local, since kube-proxy, which answers them, reads no PROXY header; use Cluster, or none (Local keeps the client's address)
{{- end }}
{{- end }}
{{- end }}
{{- end }}
