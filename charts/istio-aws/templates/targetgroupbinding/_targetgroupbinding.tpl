{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.targetgroupbinding.bindings: target groups made elsewhere, each with the port of a Service that its targets come from.
Takes: dict "spec" a value of loadBalancers, "lb".
Returns: JSON {bindings: [{name, port: name of the Service's, arn, ports: what the load balancer must reach, [{protocol, port}]}]}; a port 0
is a node port that Kubernetes chooses.
Example: {{ range (include "istio-aws.targetgroupbinding.bindings" (dict "spec" $spec "lb" $lb) | fromJson).bindings }}
*/ -}}
{{- define "istio-aws.targetgroupbinding.bindings" -}}
{{- $spec := .spec -}}
{{- $lb := .lb -}}
{{- $nodes := eq $spec.targetType "instance" -}}
{{- $status := dict "protocol" "TCP" "port" ($nodes | ternary $spec.statusNodePort 15021) -}}
{{- $bindings := list -}}
{{- with ($spec.backend).targetGroupARN -}}
{{- $data := dict "protocol" "TCP" "port" ($nodes | ternary $spec.backend.nodePort $spec.backend.targetPort) -}}
{{- $bindings = append $bindings (dict "name" $lb.name "port" (include "istio-aws.alb.portName" (dict "spec" $spec)) "arn" . "ports" (list $data $status)) -}}
{{- end -}}
{{- range $port := (include "istio-aws.nlb.ports" . | fromJson).ports -}}
{{- with $port.targetGroupARN -}}
{{- $ports := list $status -}}
{{- range eq $port.inside "HTTP" | ternary "TCP" $port.inside | splitList "_" -}}
{{- $ports = append $ports (dict "protocol" . "port" ($nodes | ternary ($port.nodePort | default 0) $port.targetPort)) -}}
{{- end -}}
{{- $bindings = append $bindings (dict "name" (printf "%s-%s" $lb.name $port.name) "port" $port.name "arn" . "ports" $ports) -}}
{{- end -}}
{{- end -}}
{{- dict "bindings" $bindings | toJson -}}
{{- end }}
