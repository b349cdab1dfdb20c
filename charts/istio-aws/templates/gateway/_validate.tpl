{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.gateway.rootNamespaceProblems: Istio's charts put parts of themselves into global.istioNamespace, the rest into the release's namespace.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.rootNamespaceProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.rootNamespaceProblems" -}}
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
istio-aws.gateway.distinctProblems: gateways have names and labels of their own.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.distinctProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.distinctProblems" -}}
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
istio-aws.gateway.accountProblems: the account is made by this chart, last, and has the gateway's name.
Takes: dict "root" $ "alias" string.
Returns: lines.
Example: {{ include "istio-aws.gateway.accountProblems" (dict "root" $ "alias" "egressGateway") }}
*/ -}}
{{- define "istio-aws.gateway.accountProblems" -}}
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
istio-aws.gateway.serviceProblems: this chart makes the Service of a gateway behind a load balancer.
Takes: dict "root" "path" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.serviceProblems" $one }}
*/ -}}
{{- define "istio-aws.gateway.serviceProblems" -}}
{{- $type := ((index .root.Values .lb.alias).service).type | default "LoadBalancer" -}}
{{- if ne $type "None" }}
- {{ .lb.alias }}.service.type: {{ $type | quote }} would make a second Service of the same name; leave it None and set {{ .path }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.canaryProblems: a canary answers as the release does whose traffic it shares, by that release's own objects.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.canaryProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.canaryProblems" -}}
{{- $values := .root.Values -}}
{{- with $values.canaryOf }}
{{- if eq . $.root.Release.Name }}
- canaryOf: {{ . | quote }} is this release itself; install the canary as a release of another name
{{- end }}
{{- if $values.base.enabled }}
- base.enabled: true, but release {{ . }} has Istio's base (canaryOf); set it to false
{{- end }}
{{- if and $values.istiod.enabled (not $values.istiod.revision) }}
- istiod.revision: is empty, and a second istiod beside that of release {{ . }} (canaryOf) needs one; set it, as 1-32, and the gateways' revision too, or istiod.enabled to false
{{- end }}
{{- range $key, $given := dict "routes" $values.routes "destinations" $values.destinations "mtls.namespaces" $values.mtls.namespaces "mtls.workloads" $values.mtls.workloads }}
{{- if $given }}
- {{ $key }}: are those of release {{ $values.canaryOf }} (canaryOf), for its canary too; leave them out here
{{- end }}
{{- end }}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" $.root | fromYaml }}
{{- $spec := index $values.loadBalancers $key }}
{{- if $spec.enabled }}
{{- if ne $spec.managedBy "none" }}
- loadBalancers.{{ $key }}.managedBy: {{ $spec.managedBy }}, but a canary gets its share from the load balancer of release {{ $values.canaryOf }} (canaryOf); set it to none
{{- end }}
{{- if not ((index $values $lb.alias).labels).istio }}
- {{ $lb.alias }}.labels.istio: is unset, and the Gateway of release {{ $values.canaryOf }} (canaryOf) finds its canary by this label; set it to that of the gateway there, as {{ trimPrefix "istio-" (printf "istio-ingress-%s" $lb.name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
