{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.gateway.rootNamespace: Istio's charts put parts of themselves into global.istioNamespace, the rest into the release's namespace.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.rootNamespace" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.rootNamespace" -}}
{{- $root := .root -}}
{{- range $chart := list "base" "istiod" }}
{{- $values := index $root.Values $chart }}
{{- $wanted := ($values.global).istioNamespace | default ($root.Values.global).istioNamespace | default "istio-system" }}
{{- if and $values.enabled (ne $wanted $root.Release.Namespace) }}
- {{ $chart }}.global.istioNamespace: {{ $wanted | quote }}, but the release's namespace is {{ $root.Release.Namespace | quote }}; install with -n {{ $wanted }}, or for more gateways beside an Istio that is there set base.enabled and istiod.enabled to false
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.distinct: gateways have names and labels of their own.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.distinct" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.distinct" -}}
{{- $root := .root -}}
{{- $names := dict -}}
{{- $labels := dict -}}
{{- range $alias := (include "istio-aws.gateway.enabled" . | fromYaml).aliases }}
{{- $name := include "istio-aws.gateway.name" (dict "root" $root "alias" $alias) }}
{{- $label := (include "istio-aws.gateway.selector" (dict "root" $root "alias" $alias) | fromYaml).istio }}
{{- if hasKey $names $name }}
- {{ $alias }}.name: {{ $name | quote }} is also the name of {{ get $names $name }}; give each gateway a name of its own
{{- else if hasKey $labels $label }}
- {{ $alias }}.labels.istio: {{ $label | quote }} is also the label of {{ get $labels $label }}; give each gateway a label of its own
{{- end }}
{{- $_ := set $names $name $alias }}
{{- $_ := set $labels $label $alias }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.account: the account is made by this chart, last, and has the gateway's name.
Takes: dict "root" $ "alias" string.
Returns: lines.
Example: {{ include "istio-aws.gateway.account" (dict "root" $ "alias" "egressGateway") }}
*/ -}}
{{- define "istio-aws.gateway.account" -}}
{{- $account := (index .root.Values .alias).serviceAccount -}}
{{- $name := include "istio-aws.gateway.name" . -}}
{{- if $account.create }}
- {{ .alias }}.serviceAccount.create: true would create the account before the injection webhook, and the gateway's first pod would keep the image "auto"; leave it false
{{- end }}
{{- if ne ($account.name | default "") $name }}
- {{ .alias }}.serviceAccount.name: {{ $account.name | default "" | quote }} must equal {{ .alias }}.name, {{ $name | quote }}; set both
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.service: this chart makes the Service of a gateway behind a load balancer.
Takes: dict "root" "path" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.service" $one }}
*/ -}}
{{- define "istio-aws.gateway.service" -}}
{{- $type := ((index .root.Values .lb.alias).service).type | default "LoadBalancer" -}}
{{- if ne $type "None" }}
- {{ .lb.alias }}.service.type: {{ $type | quote }} would make a second Service of the same name; leave it None and set {{ .path }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.trustedProxies: behind an ALB its entry in X-Forwarded-For is believed, behind an NLB none: clients could forge it.
Takes: dict "root" "path" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.trustedProxies" $one }}
*/ -}}
{{- define "istio-aws.gateway.trustedProxies" -}}
{{- $config := index ((index .root.Values .lb.alias).podAnnotations | default dict) "proxy.istio.io/config" | default "" | fromYaml -}}
{{- $own := ($config.gatewayTopology).numTrustedProxies | int -}}
{{- $mesh := (((.root.Values.istiod.meshConfig).defaultConfig).gatewayTopology).numTrustedProxies | int -}}
{{- if and (eq .lb.kind "alb") (lt $own 1) }}
- {{ .lb.alias }}.podAnnotations["proxy.istio.io/config"]: gatewayTopology.numTrustedProxies is {{ $own }} behind an ALB, so applications would see the ALB as client and http as scheme; set it to 1, plus one for each proxy in front of the ALB
{{- end }}
{{- if and (eq .lb.kind "nlb") (gt $own 0) }}
- {{ .lb.alias }}.podAnnotations["proxy.istio.io/config"]: gatewayTopology.numTrustedProxies is {{ $own }} behind an NLB, so clients could forge X-Forwarded-For; leave it out
{{- end }}
{{- if and (eq .lb.kind "nlb") (gt $mesh 0) }}
- istiod.meshConfig.defaultConfig.gatewayTopology.numTrustedProxies: {{ $mesh }} would also hold for {{ .lb.alias }} behind an NLB, so clients could forge X-Forwarded-For; set it per gateway, in podAnnotations["proxy.istio.io/config"]
{{- end }}
{{- end }}
