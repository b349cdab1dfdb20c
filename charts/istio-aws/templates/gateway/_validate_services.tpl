{{- /* SPDX-License-Identifier: Apache-2.0

Services of the release: each has a name of its own, and says what its load balancer is told.
*/ -}}

{{- /*
istio-aws.gateway.services: the Services that this release makes, each with the value that names it.
Takes: dict "root" $.
Returns: JSON {services: [{name, path: of the value, of: the load balancer's or chart's key}]}.
Example: {{ range (include "istio-aws.gateway.services" (dict "root" $) | fromJson).services }}
*/ -}}
{{- define "istio-aws.gateway.services" -}}
{{- $root := .root -}}
{{- $services := list -}}
{{- if $root.Values.istiod.enabled -}}
{{- $name := list "istiod" $root.Values.istiod.revision | compact | join "-" -}}
{{- $services = append $services (dict "name" $name "path" "istiod" "of" "istiod") -}}
{{- end -}}
{{- range $alias := (include "istio-aws.gateway.enabled" . | fromYaml).aliases -}}
{{- $name := include "istio-aws.gateway.name" (dict "root" $root "alias" $alias) -}}
{{- $services = append $services (dict "name" $name "path" (print $alias ".name") "of" $alias) -}}
{{- end -}}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml -}}
{{- $spec := index $root.Values.loadBalancers $key -}}
{{- if $spec.enabled -}}
{{- $gateway := include "istio-aws.gateway.name" (dict "root" $root "alias" $lb.alias) -}}
{{- range $i, $ingress := $spec.ingresses -}}
{{- $path := printf "loadBalancers.%s.ingresses[%d].name" $key $i -}}
{{- $services = append $services (dict "name" (printf "%s-%s" $gateway $ingress.name) "path" $path "of" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "services" $services | toJson -}}
{{- end }}

{{- /*
istio-aws.gateway.serviceNameProblems: no Service of the release takes the place of another one. Two gateways of one name, and two
Ingresses of one load balancer, have rules of their own.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.serviceNameProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.serviceNameProblems" -}}
{{- $seen := dict -}}
{{- range $service := (include "istio-aws.gateway.services" . | fromJson).services }}
{{- with get $seen .name }}
{{- $gateways := and (hasSuffix "Gateway.name" .path) (hasSuffix "Gateway.name" $service.path) }}
{{- if not (or $gateways (eq .of $service.of)) }}
- {{ $service.path }}: makes {{ $service.name | quote }} the name of a Service, which is already that of {{ .path }}; use another name
{{- end }}
{{- end }}
{{- $_ := set $seen .name . }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.canaryServiceProblems: a canary is of another release; another gateway of this one serves what is not for this load
balancer. Its own gateway has a rule of its own.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.canaryServiceProblems" $one }}
*/ -}}
{{- define "istio-aws.gateway.canaryServiceProblems" -}}
{{- $one := . -}}
{{- if eq .spec.managedBy "controller" }}
{{- range (include "istio-aws.gateway.services" . | fromJson).services }}
{{- if and (eq .name $one.spec.canary.service) (ne .of $one.lb.alias) }}
- {{ $one.path }}.canary.service: {{ .name | quote }} is a Service of this release ({{ .path }}), and what that serves would be reached here too; name the Service of a second release's gateway
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.unusedServiceProblems: Istio's chart makes no Service behind a load balancer, so what it would say there is lost.
Annotations are in istio-aws.annotations.misplacedProblems.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.unusedServiceProblems" $one }}
*/ -}}
{{- define "istio-aws.gateway.unusedServiceProblems" -}}
{{- $one := . -}}
{{- $typed := dict "ports" "listeners" "loadBalancerSourceRanges" "inboundCIDRs" "ipFamilies" "ipAddressType" "ipFamilyPolicy" "ipAddressType" -}}
{{- if eq .lb.kind "nlb" -}}
{{- $typed = merge (dict "ports" "ports" "loadBalancerSourceRanges" "sourceRanges" "loadBalancerIP" "staticIPs" "externalTrafficPolicy" "externalTrafficPolicy") $typed -}}
{{- end -}}
{{- range $key, $value := omit (index .root.Values .lb.alias).service "type" "annotations" }}
{{- if or $value (kindIs "bool" $value) }}
- {{ $one.lb.alias }}.service.{{ $key }}: has no effect, since this chart makes the Service; {{ if hasKey $typed $key }}set {{ $one.path }}.{{ get $typed $key }}{{ else }}leave it out{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.egressProblems: what leaves the mesh has no load balancer; one would let others in by the egress gateway.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.egressProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.egressProblems" -}}
{{- with .root.Values.egressGateway }}
{{- if .enabled }}
{{- if eq (.service.type | default "LoadBalancer") "LoadBalancer" }}
- egressGateway.service.type: LoadBalancer would make a load balancer, which the way out of the mesh has no use for; set it to ClusterIP
{{- end }}
{{- range $at, $map := dict "annotations" .annotations "service.annotations" .service.annotations }}
{{- range $name, $_ := $map }}
{{- if regexMatch "^alb\\.ingress\\.kubernetes\\.io/|^service\\.(beta\\.)?kubernetes\\.io/(aws-load-balancer|load-balancer-source)" $name }}
- egressGateway.{{ $at }}: {{ $name | quote }} is for load balancers, and the egress gateway stays inside the cluster; remove it
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
