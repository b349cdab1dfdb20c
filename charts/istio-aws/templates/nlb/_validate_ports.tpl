{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.nlb.portProblems: listeners are told apart by name and number, the gateway's listeners behind them by targetPort.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.portProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.portProblems" -}}
{{- $path := .path -}}
{{- $names := list "status-port" -}}
{{- $numbers := dict "15021" "TCP" -}}
{{- $behind := dict -}}
{{- range $i, $port := (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- $at := printf "%s.ports[%d]" $path $i }}
{{- $number := int $port.port }}
{{- $own := eq $port.inside "TCP_UDP" | ternary (list $port.name (print $port.name "-udp")) (list $port.name) }}
{{- range $own }}
{{- if has . $names }}
- {{ $at }}.name: {{ . | quote }} is the name of another listener{{ if eq . "status-port" }}, which is always there{{ end }}; names are used once
{{- end }}
{{- end }}
{{- if gt (len (last $own)) 15 }}
- {{ $at }}.name: {{ $port.name | quote }} has {{ len $port.name }} characters, and {{ last $own | quote }} is to be the name of its UDP half; allowed with TCP_UDP: 11
{{- end }}
{{- with get $numbers (toString $number) }}
- {{ $at }}.port: {{ $number }} is the port of another listener{{ if eq $number 15021 }}, status-port, which is always there{{ end }}; ports are used once
{{- if ne . (eq $port.inside "UDP" | ternary "UDP" "TCP") }}, and TCP and UDP on one number are one port with protocol TCP_UDP{{ end }}
{{- end }}
{{- include "istio-aws.gateway.targetPortProblems" (dict "path" $at "port" $port.targetPort) }}
{{- $kind := printf "%s %t %t %s" $port.inside $port.tls $port.plain $port.proxy }}
{{- $target := printf "%s/%d" (eq $port.inside "UDP" | ternary "UDP" "TCP") (int $port.targetPort) }}
{{- with get $behind $target }}
{{- if or (ne .kind $kind) (not (or $port.plain (eq $port.inside "UDP"))) }}
- {{ $at }}.targetPort: {{ int $port.targetPort }} is also that of ports[{{ .index }}], and the gateway treats both alike; use another one, unless both are plain HTTP at the gateway, with the same TLS before and the same proxyProtocol
{{- end }}
{{- end }}
{{- $names = concat $names $own }}
{{- $_ := set $numbers (toString $number) (eq $port.inside "UDP" | ternary "UDP" "TCP") }}
{{- $_ := set $behind $target (dict "kind" $kind "index" $i) }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.datagramProblems: what UDP cannot have.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.datagramProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.datagramProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- $prefix := get .spec.annotations "service.beta.kubernetes.io/aws-load-balancer-enable-prefix-for-ipv6-source-nat" -}}
{{- range $i, $port := (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- if hasSuffix "UDP" $port.inside }}
{{- $at := printf "%s.ports[%d]" $path $i }}
{{- if ne $port.proxy "none" }}
- {{ $at }}.proxyProtocol: {{ $port.proxy }} would put a header into the packets of {{ $port.inside }}, which nothing reads; leave it out, AWS preserves the client's address here
{{- end }}
{{- if eq (toString $spec.preserveClientIP) "false" }}
- {{ $path }}.preserveClientIP: false is refused by AWS for {{ $port.inside }}, as on port {{ $port.name }}; leave it out, or move the port to another load balancer
{{- end }}
{{- if and (eq $spec.ipAddressType "dualstack") (or (ne (toString $prefix) "on") (eq $spec.targetType "instance")) }}
- {{ $at }}.protocol: {{ $port.inside }} goes with dualstack only in an IPv6 cluster, with ip targets and the annotation service.beta.kubernetes.io/aws-load-balancer-enable-prefix-for-ipv6-source-nat: "on"; use ipv4
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.nlb.quicProblems: AWS's conditions for QUIC, which is there through an annotation.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.nlb.quicProblems" $one }}
*/ -}}
{{- define "istio-aws.nlb.quicProblems" -}}
{{- $spec := .spec -}}
{{- $prefix := "service.beta.kubernetes.io/aws-load-balancer-" -}}
{{- $name := print $prefix "quic-enabled-ports" -}}
{{- with get .spec.annotations $name }}
{{- $at := printf "%s.annotations[%q]" $.path $name }}
{{- $datagrams := 0 }}
{{- range (include "istio-aws.nlb.ports" $ | fromJson).ports }}{{- if hasSuffix "UDP" .listener }}{{- $datagrams = add1 $datagrams }}{{- end }}{{- end }}
{{- if or (gt (len (splitList "," .)) 1) (gt (int $datagrams) 1) }}
- {{ $at }}: AWS takes one QUIC listener and no UDP listener beside it, and there are {{ $datagrams }} ports with UDP; leave one
{{- end }}
{{- if ne (toString (get $spec.annotations (print $prefix "disable-nlb-sg"))) "true" }}
- {{ $at }}: AWS takes no QUIC listener on a load balancer with security groups; add the annotation {{ $prefix }}disable-nlb-sg: "true" before the load balancer is made
{{- end }}
{{- if eq $spec.ipAddressType "dualstack" }}
- {{ $at }}: AWS takes no QUIC listener on a dualstack load balancer; use ipv4
{{- end }}
{{- end }}
{{- end }}
