{{- /* SPDX-License-Identifier: Apache-2.0

What NOTES.txt says about gateways.
*/ -}}

{{- /*
istio-aws.gateway.propagation: how long a load balancer may still send new connections to a pod that it was told to leave.
Takes: dict "lb" an entry of istio-aws.names.loadBalancers.
Returns: number of seconds.
Example: {{ include "istio-aws.gateway.propagation" (dict "lb" $lb) }} -> 180
*/ -}}
{{- define "istio-aws.gateway.propagation" -}}
{{- eq .lb.kind "alb" | ternary 15 180 -}}
{{- end }}

{{- /*
istio-aws.gateway.warnings: gateways that are right, but not for production.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.warnings" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.warnings" -}}
{{- $root := .root -}}
{{- range $alias := (include "istio-aws.gateway.enabled" . | fromYaml).aliases }}
{{- $one := dict "root" $root "alias" $alias }}
{{- $gateway := index $root.Values $alias }}
{{- $scaled := ne (toString ($gateway.autoscaling).enabled) "false" }}
{{- if ne ($gateway.kind | default "Deployment") "DaemonSet" }}
{{- if and $scaled (not (($gateway.resources).requests).cpu) (not (($gateway.resources).limits).cpu) }}
- {{ $alias }}.resources: has no CPU request, of which autoscaling takes its percentage, so the number of pods stays as it is; set requests.cpu
{{- else if not (or $scaled (hasKey $gateway "replicaCount")) }}
- {{ $alias }}.replicaCount: is unset and autoscaling is off, so there is one pod, and no gateway while it moves; set it to 2 or more
{{- end }}
{{- end }}
{{- if and (not $root.Values.base.enabled) (include "istio-aws.gateway.uninjected" $one) }}
- {{ $alias }}.revision: is not istiod.revision, {{ $root.Values.istiod.revision | quote }}, so its pods wait for the istiod of another release; set it to that if this one is meant
{{- end }}
{{- end }}
{{- range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- if and $spec.enabled (eq $spec.managedBy "controller") }}
{{- $sleep := (include "istio-aws.gateway.termination" (dict "root" $root "alias" $lb.alias) | fromYaml).sleep | int }}
{{- $wanted := include "istio-aws.gateway.propagation" (dict "lb" $lb) | int }}
{{- if and (ge $sleep 0) (lt $sleep $wanted) }}
- {{ $lb.alias }}.lifecycle.preStop.sleep.seconds: is {{ $sleep }}, and {{ $key }} may send new connections to a pod for {{ $wanted }} s after it began to end; set it to {{ $wanted }}, except in a lab
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.sharedHostWarnings: external-dns finds a host at each Gateway that names it.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.gateway.sharedHostWarnings" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.gateway.sharedHostWarnings" -}}
{{- $root := .root -}}
{{- $seen := dict -}}
{{- range $key, $_ := include "istio-aws.names.loadBalancers" . | fromYaml }}
{{- $spec := index $root.Values.loadBalancers $key }}
{{- if and $spec.enabled $spec.externalDNS.enabled (not $root.Values.canaryOf) }}
{{- range $host := $spec.hosts }}
{{- with get $seen $host }}
- loadBalancers.{{ $key }}.hosts: {{ $host | quote }} is also one of loadBalancers.{{ . }}.hosts, and external-dns, if you have it, finds both; set externalDNS.enabled of one to false, unless each zone has an external-dns of its own
{{- end }}
{{- $_ := set $seen $host $key }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
