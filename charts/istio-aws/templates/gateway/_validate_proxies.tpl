{{- /* SPDX-License-Identifier: Apache-2.0

What the gateway believes about clients: entries of X-Forwarded-For, and PROXY protocol.
*/ -}}

{{- /*
istio-aws.gateway.topology: Istio's gatewayTopology of a gateway's pods. Their annotation replaces the mesh's as a whole.
Takes: dict "root" $ "alias" string.
Returns: YAML {path: of the value, topology: map}.
Example: {{ $its := include "istio-aws.gateway.topology" (dict "root" $ "alias" $lb.alias) | fromYaml }}
*/ -}}
{{- define "istio-aws.gateway.topology" -}}
{{- $config := include "istio-aws.gateway.config" . | fromYaml -}}
{{- $mesh := ((.root.Values.istiod.meshConfig).defaultConfig).gatewayTopology -}}
{{- if or (hasKey $config "gatewayTopology") (not $mesh) -}}
{{- dict "path" (printf `%s.podAnnotations["proxy.istio.io/config"]: gatewayTopology.` .alias) "topology" ($config.gatewayTopology | default dict) | toYaml -}}
{{- else -}}
{{- dict "path" "istiod.meshConfig.defaultConfig.gatewayTopology." "topology" $mesh | toYaml -}}
{{- end -}}
{{- end }}

{{- /*
istio-aws.gateway.trustedProxyProblems: behind an ALB its entry in X-Forwarded-For is believed, behind an NLB none: clients could forge it. Entries
further to the left are believed only when nobody but the proxies in front reaches the ALB.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.trustedProxyProblems" $one }}
*/ -}}
{{- define "istio-aws.gateway.trustedProxyProblems" -}}
{{- $alias := .lb.alias -}}
{{- $annotation := printf `%s.podAnnotations["proxy.istio.io/config"]` $alias -}}
{{- $its := include "istio-aws.gateway.topology" (dict "root" .root "alias" $alias) | fromYaml -}}
{{- $number := $its.topology.numTrustedProxies | int -}}
{{- $mesh := hasPrefix "istiod" $its.path -}}
{{- with (include "istio-aws.gateway.config" (dict "root" .root "alias" $alias) | fromYaml).Error }}
- {{ $annotation }}: is not YAML, and istiod would inject no pod: {{ . }}; mend it
{{- end }}
{{- if and (eq .lb.kind "alb") (lt $number 1) }}
- {{ $annotation }}: gatewayTopology.numTrustedProxies is {{ $number }} behind an ALB, so applications would see the ALB as client and http as scheme; set it to 1, plus one for each proxy in front of the ALB
{{- end }}
{{- if and (eq .lb.kind "nlb") (gt $number 0) }}
{{- if $mesh }}
- {{ $its.path }}numTrustedProxies: {{ $number }} would also hold for {{ $alias }} behind an NLB, so clients could forge X-Forwarded-For; set it per gateway, in podAnnotations["proxy.istio.io/config"]
{{- else }}
- {{ $annotation }}: gatewayTopology.numTrustedProxies is {{ $number }} behind an NLB, so clients could forge X-Forwarded-For; leave it out
{{- end }}
{{- end }}
{{- if and (eq .lb.kind "alb") (eq .spec.managedBy "controller") (not .spec.securityGroups) (not .spec.prefixLists) }}
{{- $everybody := or (not .spec.inboundCIDRs) (has "0.0.0.0/0" .spec.inboundCIDRs) (has "::/0" .spec.inboundCIDRs) }}
{{- $cure := printf "let in only those proxies, by %s.inboundCIDRs, prefixLists or securityGroups" .path }}
{{- if and $everybody (gt $number 1) }}
- {{ $annotation }}: gatewayTopology.numTrustedProxies is {{ $number }}, and everybody reaches the ALB, so clients that go past the proxies in front of it could forge X-Forwarded-For; set it to 1, or {{ $cure }}
{{- end }}
{{- if and $everybody (gt $number 0) (eq .spec.xForwardedFor "preserve") }}
- {{ .path }}.xForwardedFor: preserve, and everybody reaches the ALB, so the gateway would believe what clients write; use append, or {{ $cure }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.proxyProtocolProblems: who sends PROXY protocol, and that everything behind expects it: listeners by this chart, the status port by
a variable of the proxy. Istio's own switch is for all listeners, strict, and would take a second header where this chart takes one.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.proxyProtocolProblems" $one }}
*/ -}}
{{- define "istio-aws.gateway.proxyProtocolProblems" -}}
{{- $alias := .lb.alias -}}
{{- $its := include "istio-aws.gateway.topology" (dict "root" .root "alias" $alias) | fromYaml -}}
{{- if hasKey $its.topology "proxyProtocol" }}
{{- if eq .lb.kind "alb" }}
- {{ $its.path }}proxyProtocol: an ALB sends none, and {{ $alias }} would close every connection; leave it out
{{- else }}
- {{ $its.path }}proxyProtocol: is for every port of {{ $alias }}, and strict; leave it out, and set {{ .path }}.ports[].proxyProtocol
{{- end }}
{{- end }}
{{- if and (eq .lb.kind "nlb") (eq .spec.healthCheck.through "status") }}
{{- $name := "" }}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}{{- if ne .proxy "none" }}{{- $name = .name }}{{- end }}{{- end }}
{{- $env := include "istio-aws.gateway.env" (dict "root" .root "alias" $alias) | fromYaml }}
{{- if and $name (ne (toString $env.ENVOY_STATUS_PORT_ENABLE_PROXY_PROTOCOL) "true") }}
- {{ $alias }}.env.ENVOY_STATUS_PORT_ENABLE_PROXY_PROTOCOL: is {{ $env.ENVOY_STATUS_PORT_ENABLE_PROXY_PROTOCOL | default "" | toString | quote }}, and health checks of port {{ $name }} begin with a PROXY header, which the status port would answer with 400; set it to "true"
{{- end }}
{{- end }}
{{- end }}
