{{- /* SPDX-License-Identifier: Apache-2.0

What NOTES.txt says. Warnings are values that go together, but not without a word; they read as the messages of _validate.tpl do.
*/ -}}

{{- /*
istio-aws.notes.loadBalancer: what one load balancer is, and the command that prints its address, or what stands for it.
Takes: dict "root" $ "key" of loadBalancers, "spec" its value, "lb" its entry in istio-aws.names.loadBalancers.
Returns: two lines.
Example: {{ include "istio-aws.notes.loadBalancer" (dict "root" $ "key" $key "spec" $spec "lb" $lb) }}
*/ -}}
{{- define "istio-aws.notes.loadBalancer" -}}
{{- $spec := .spec -}}
{{- $lb := .lb -}}
{{- $gateway := include "istio-aws.gateway.name" (dict "root" .root "alias" $lb.alias) -}}
{{- $get := printf "  kubectl -n %s get" .root.Release.Namespace -}}
{{- $hosts := $spec.hosts | default (list "every host") | join ", " -}}
{{- if .root.Values.canaryOf -}}
{{ .key }} is made by release {{ .root.Values.canaryOf }}; {{ $gateway }} gets what its loadBalancers.{{ .key }}.canary says. Its Service:
{{ $get }} service {{ $gateway }}
{{- else if eq $spec.managedBy "none" -}}
{{ .key }} is made elsewhere; {{ $gateway }} serves {{ $hosts }}.
{{- $arns := list ($spec.backend).targetGroupARN -}}
{{- range $spec.ports }}{{- $arns = append $arns .targetGroupARN }}{{- end }}
{{- if compact $arns }} Its target groups and their targets:
{{ $get }} targetgroupbindings
{{- else if eq $spec.targetType "instance" }} Its node ports:
{{ $get }} service {{ $gateway }} -o jsonpath='{range .spec.ports[*]}{.name}={.nodePort}{"\n"}{end}'
{{- else }} Its Service:
{{ $get }} service {{ $gateway }}
{{- end }}
{{- else -}}
{{- $listeners := list -}}
{{- if eq $lb.kind "alb" -}}
{{- range (include "istio-aws.alb.listeners" (dict "spec" $spec) | fromJson).all }}{{- $listeners = append $listeners (printf "%s %d" .protocol (int .port)) }}{{- end }}
{{- else -}}
{{- range (include "istio-aws.nlb.ports" (dict "spec" $spec) | fromJson).ports }}{{- $listeners = append $listeners (printf "%s %d" .listener (int .port)) }}{{- end }}
{{- end -}}
{{- $clients := concat ($spec.inboundCIDRs | default list) ($spec.sourceRanges | default list) $spec.prefixLists $spec.securityGroups -}}
{{ .key }} is {{ eq $lb.scheme "internal" | ternary "an internal" "an internet-facing" }} {{ upper $lb.kind }} for {{ $hosts }} on {{ join ", " $listeners }}, open to {{ $clients | default (list "everybody") | join ", " }}; it sends to {{ $gateway }}. Its address:
{{ $get }} {{ eq $lb.kind "alb" | ternary (printf "ingress %s" $lb.name) (printf "service %s" $gateway) }} -o jsonpath='{.status.loadBalancer.ingress[0].hostname}'
{{- end }}
{{- end }}

{{- /*
istio-aws.notes.warnings: what somebody should know about these values.
Takes: dict "root" $.
Returns: lines, empty when there is nothing to say.
Example: {{ include "istio-aws.notes.warnings" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.notes.warnings" -}}
{{- $root := .root -}}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- if and $spec.enabled (eq $spec.managedBy "controller") }}
{{- include "istio-aws.notes.loadBalancerWarnings" (dict "path" (printf "loadBalancers.%s" $key) "spec" $spec "lb" $lb) }}
{{- end }}
{{- end }}
{{- if not (include "istio-aws.gateway.enabled" . | fromYaml).aliases }}
- loadBalancers: none is enabled, so nothing leads into the mesh; enable one
{{- else if not (or $root.Values.routes $root.Values.canaryOf) }}
- routes: there are none; until these or VirtualServices lead somewhere, the gateways answer 404
{{- end }}
{{- include "istio-aws.gateway.warnings" . }}
{{- include "istio-aws.gateway.sharedHostWarnings" . }}
{{- include "istio-aws.routes.warnings" . }}
{{- include "istio-aws.notes.misspeltWarnings" . }}
{{- if and $root.Values.istiod.enabled (ne $root.Values.mtls.mode "STRICT") (not $root.Values.canaryOf) }}
- mtls.mode: is {{ $root.Values.mtls.mode }}, so workloads {{ eq $root.Values.mtls.mode "DISABLE" | ternary "speak plaintext" "take plaintext from anybody in the cluster" }}; {{ eq $root.Values.mtls.mode "DISABLE" | ternary "go to STRICT by way of PERMISSIVE" "set STRICT when every caller has a sidecar" }}
{{- end }}
{{- if not (or $root.Values.istiod.enabled $root.Values.canaryOf) }}
- istiod.enabled: is false, so the gateways wait for the istiod of another release, whose mTLS mode for the mesh holds; install that first
{{- end }}
{{- end }}

{{- /*
istio-aws.notes.loadBalancerWarnings: what somebody should know about one load balancer.
Takes: dict "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.notes.loadBalancerWarnings" (dict "path" "loadBalancers.albPublic" "spec" $spec "lb" $lb) }}
*/ -}}
{{- define "istio-aws.notes.loadBalancerWarnings" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- if and (eq .lb.kind "alb") (eq .lb.scheme "internet-facing") (not (include "istio-aws.alb.listeners" . | fromJson).https) }}
- {{ $path }}.tls: has no certificate, so clients on the internet speak plain HTTP; set certificateArns or discoverCertificates
{{- end }}
{{- if and (not $spec.hosts) $spec.externalDNS.enabled (not $spec.externalDNS.target) }}
- {{ $path }}.hosts: is empty, so every host is let in, and external-dns, if you have it, can make no record; list the hosts
{{- end }}
{{- if and (eq .lb.scheme "internal") (not (or $spec.inboundCIDRs $spec.sourceRanges $spec.prefixLists $spec.securityGroups)) }}
- {{ $path }}.{{ eq .lb.kind "alb" | ternary "inboundCIDRs" "sourceRanges" }}: is empty, so all that can reach the VPC is let in; list the networks
{{- end }}
{{- if $spec.deletionProtection }}
- {{ $path }}.deletionProtection: is on, so helm uninstall leaves the load balancer and its {{ eq .lb.kind "alb" | ternary "Ingress" "Service" }} behind; set it to false and upgrade before that
{{- end }}
{{- include "istio-aws.notes.securityGroupWarnings" . }}
{{- include "istio-aws.alb.orderWarnings" . }}
{{- with $spec.canary.service }}
- {{ $path }}.canary: Service {{ . }} gets {{ int $spec.canary.weight }} percent; docs/upgrade.md says how to go on and how to go back
{{- end }}
{{- end }}

{{- /*
istio-aws.notes.managed: whether there is a load balancer that a controller makes for this release.
Takes: dict "root" $.
Returns: "true" or "".
Example: {{ if include "istio-aws.notes.managed" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.notes.managed" -}}
{{- $managed := false -}}
{{- range .root.Values.loadBalancers }}{{- if and .enabled (eq .managedBy "controller") }}{{- $managed = true }}{{- end }}{{- end }}
{{- if $managed }}true{{ end }}
{{- end }}

{{- /*
istio-aws.notes.ipGateways: the gateways whose pods are targets themselves, which readiness gates are for.
Takes: dict "root" $.
Returns: words "deployment/<name>".
Example: {{ with include "istio-aws.notes.ipGateways" (dict "root" $) | trim }}
*/ -}}
{{- define "istio-aws.notes.ipGateways" -}}
{{- $root := .root -}}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- $kind := (index $root.Values $lb.alias).kind | default "Deployment" | lower }}
{{- if and $spec.enabled (eq $spec.targetType "ip") (eq $spec.managedBy "controller") }} {{ $kind }}/{{ include "istio-aws.gateway.name" (dict "root" $root "alias" $lb.alias) }}{{ end }}
{{- end }}
{{- end }}
