{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.gateway.name: name of a gateway's Deployment, by the official chart's rule.
Takes: dict "root" $ "alias" string.
Returns: string.
Example: {{ include "istio-aws.gateway.name" (dict "root" $ "alias" "albPublicGateway") }} -> istio-ingress-alb-public
*/ -}}
{{- define "istio-aws.gateway.name" -}}
{{- (index .root.Values .alias).name | default .root.Release.Name }}
{{- end }}

{{- /*
istio-aws.gateway.selector: labels that only this gateway's pods have: what the official chart gives them, and the release's name, so that
a release of another name with gateways of the same names, in any namespace, is not selected.
Takes: dict "root" $ "alias" string.
Returns: YAML map, for the selectors of Service and Gateway.
Example: {{ include "istio-aws.gateway.selector" (dict "root" $ "alias" "albPublicGateway") | nindent 4 }}
*/ -}}
{{- define "istio-aws.gateway.selector" -}}
{{- $labels := (index .root.Values .alias).labels | default dict -}}
{{- $name := include "istio-aws.gateway.name" . -}}
app: {{ $labels.app | default $name | quote }}
istio: {{ $labels.istio | default (trimPrefix "istio-" $name) | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end }}

{{- /*
istio-aws.gateway.enabled: the gateway charts that are part of this release.
Takes: dict "root" $.
Returns: YAML list of aliases under the key aliases.
Example: {{ range (include "istio-aws.gateway.enabled" (dict "root" $) | fromYaml).aliases }}
*/ -}}
{{- define "istio-aws.gateway.enabled" -}}
{{- $aliases := list -}}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml -}}
{{- if (index $.root.Values.loadBalancers $key).enabled -}}{{- $aliases = append $aliases $lb.alias -}}{{- end -}}
{{- end -}}
{{- if .root.Values.egressGateway.enabled -}}{{- $aliases = append $aliases "egressGateway" -}}{{- end -}}
aliases: {{ $aliases | toJson }}
{{- end }}

{{- /*
istio-aws.gateway.config: how Istio configures a gateway's proxies, from the pods' annotation.
Takes: dict "root" $ "alias" string.
Returns: YAML map, a ProxyConfig; with the key Error when the annotation is not YAML.
Example: {{ $config := include "istio-aws.gateway.config" (dict "root" $ "alias" $lb.alias) | fromYaml }}
*/ -}}
{{- define "istio-aws.gateway.config" -}}
{{- index ((index .root.Values .alias).podAnnotations | default dict) "proxy.istio.io/config" | default "" | fromYaml | toYaml -}}
{{- end }}

{{- /*
istio-aws.gateway.env: variables of a gateway's proxies: its own, over those of its pods' annotation, over the mesh's.
Takes: dict "root" $ "alias" string.
Returns: YAML map.
Example: {{ $env := include "istio-aws.gateway.env" (dict "root" $ "alias" $lb.alias) | fromYaml }}
*/ -}}
{{- define "istio-aws.gateway.env" -}}
{{- $pods := (include "istio-aws.gateway.config" . | fromYaml).proxyMetadata | default dict -}}
{{- $mesh := ((.root.Values.istiod.meshConfig).defaultConfig).proxyMetadata | default dict -}}
{{- merge (dict) ((index .root.Values .alias).env | default dict) $pods $mesh | toYaml -}}
{{- end }}

{{- /*
istio-aws.gateway.configSelector: labels by which Istio's own objects find the pods that they configure. While a canary takes a share,
its pods have to answer as these do: they have the label istio in common, and are of another release.
Takes: dict "root" $ "spec" a value of loadBalancers "lb" its entry in istio-aws.names.loadBalancers.
Returns: YAML map, for the selectors of Gateway and EnvoyFilter.
Example: {{ include "istio-aws.gateway.configSelector" (dict "root" $ "spec" $spec "lb" $lb) | nindent 4 }}
*/ -}}
{{- define "istio-aws.gateway.configSelector" -}}
{{- $selector := include "istio-aws.gateway.selector" (dict "root" .root "alias" .lb.alias) | fromYaml -}}
{{- if .spec.canary.service }}{{- $selector = pick $selector "istio" }}{{- end -}}
{{- toYaml $selector -}}
{{- end }}

{{- /*
istio-aws.gateway.annotations: what tells external-dns where the Gateway's hosts live. It finds an NLB by itself: its Service has the
Gateway's selector. Where no server can name the hosts, as the load balancer sends no SNI, an annotation does.
Takes: dict "root" $ "spec" a value of loadBalancers "lb" its entry in istio-aws.names.loadBalancers "servers" of the Gateway.
Returns: YAML map of strings.
Example: {{ include "istio-aws.gateway.annotations" (dict "root" $ "spec" $spec "lb" $lb "servers" $servers) | fromYaml }}
*/ -}}
{{- define "istio-aws.gateway.annotations" -}}
{{- $a := dict -}}
{{- if .spec.externalDNS.enabled }}
{{- if .spec.externalDNS.target }}
{{- $_ := set $a "target" .spec.externalDNS.target }}
{{- else if and (eq .lb.kind "alb") (eq .spec.managedBy "controller") }}
{{- $_ := set $a "ingress" (printf "%s/%s" .root.Release.Namespace .lb.name) }}
{{- end }}
{{- $named := list }}
{{- range .servers }}{{- $named = concat $named .hosts }}{{- end }}
{{- with .spec.hosts }}
{{- if not (has (first .) $named) }}{{- $_ := set $a "hostname" (join "," .) }}{{- end }}
{{- end }}
{{- else }}
{{- $_ := set $a "controller" "none" }}
{{- end -}}
{{- range $name, $value := $a }}
{{ printf "external-dns.alpha.kubernetes.io/%s" $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
