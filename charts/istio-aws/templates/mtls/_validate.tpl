{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.mtls.problems: rules of mtls.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.mtls.problems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.mtls.problems" -}}
{{- $root := .root -}}
{{- $mtls := $root.Values.mtls -}}
{{- $meshNamespace := include "istio-aws.mtls.rootNamespace" . -}}
{{- if and (not (include "istio-aws.mtls.meshWide" .)) (ne $mtls.mode "STRICT") }}
- mtls.mode: {{ $mtls.mode }} has no effect in a release {{ $root.Values.canaryOf | empty | ternary "without istiod" "that is a canary" }}; set it in the release that {{ $root.Values.canaryOf | empty | ternary "has istiod, or set mtls.namespaces here" "canaryOf names" }}
{{- end }}
{{- if hasKey $mtls.namespaces $meshNamespace }}
- mtls.namespaces.{{ $meshNamespace }}: is Istio's root namespace, whose policy is the whole mesh's; set mtls.mode{{ if not (include "istio-aws.mtls.meshWide" .) }} in the release that has istiod{{ end }}
{{- end }}
{{- include "istio-aws.mtls.autoProblems" . }}
{{- range $i, $workload := $mtls.workloads }}
{{- include "istio-aws.mtls.workloadProblems" (dict "root" $root "path" (printf "mtls.workloads[%d]" $i) "workload" $workload "meshNamespace" $meshNamespace) }}
{{- end }}
{{- include "istio-aws.mtls.distinctProblems" . }}
{{- include "istio-aws.mtls.behindALBProblems" . }}
{{- end }}

{{- /*
istio-aws.mtls.autoProblems: without automatic mutual TLS callers speak plaintext, and STRICT refuses it.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.mtls.autoProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.mtls.autoProblems" -}}
{{- $mtls := .root.Values.mtls -}}
{{- $auto := dig "enableAutoMtls" true (.root.Values.istiod.meshConfig | default dict) -}}
{{- if not $auto }}
{{- $strict := list }}
{{- if and (include "istio-aws.mtls.meshWide" .) (eq $mtls.mode "STRICT") }}{{- $strict = append $strict "mtls.mode" }}{{- end }}
{{- range $namespace, $mode := $mtls.namespaces }}{{- if eq $mode "STRICT" }}{{- $strict = append $strict (printf "mtls.namespaces.%s" $namespace) }}{{- end }}{{- end }}
{{- range $i, $workload := $mtls.workloads }}
{{- if or (eq ($workload.mode | default "") "STRICT") (has "STRICT" (values ($workload.ports | default dict))) }}{{- $strict = append $strict (printf "mtls.workloads[%d]" $i) }}{{- end }}
{{- end }}
{{- with $strict }}
- istiod.meshConfig.enableAutoMtls: false lets callers speak plaintext, which {{ join ", " . }} with STRICT refuses; leave it out, or use PERMISSIVE
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.mtls.workloadProblems: a policy that Istio looks at, under a name of its own, and Services of its namespace.
Takes: dict "root" $ "path" string "workload" map "meshNamespace" string.
Returns: lines.
Example: {{ include "istio-aws.mtls.workloadProblems" $one }}
*/ -}}
{{- define "istio-aws.mtls.workloadProblems" -}}
{{- $path := .path -}}
{{- $workload := .workload -}}
{{- if eq $workload.name "default" }}
- {{ $path }}.name: "default" is the name of the namespace's own policy; use another name
{{- end }}
{{- if eq $workload.namespace .meshNamespace }}
- {{ $path }}.namespace: {{ $workload.namespace | quote }} is Istio's root namespace, where Istio does not look at policies for single workloads; move the workload to another namespace, or set mtls.mode
{{- end }}
{{- range $host := $workload.hosts }}
{{- if not (hasPrefix (printf "%s.svc." $workload.namespace) (splitn "." 2 $host)._1) }}
- {{ $path }}.hosts: {{ $host | quote }} is not a Service of namespace {{ $workload.namespace }}; write <service>.{{ $workload.namespace }}.svc.cluster.local
{{- end }}
{{- end }}
{{- $inherited := include "istio-aws.mtls.inherited" (dict "root" .root "namespace" $workload.namespace) -}}
{{- if and (eq $inherited "DISABLE") (not $workload.hosts) }}
{{- if or (eq ($workload.mode | default "") "STRICT") (has "STRICT" (values ($workload.ports | default dict))) }}
- {{ $path }}.hosts: is empty, and callers speak plaintext to a namespace with mode DISABLE, which STRICT refuses; name its Services, so that callers are told
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.mtls.distinctProblems: names, selectors and hosts are used once; of two policies for one pod Istio takes the older.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.mtls.distinctProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.mtls.distinctProblems" -}}
{{- $names := dict -}}
{{- $selectors := dict -}}
{{- $hosts := dict -}}
{{- range $i, $workload := .root.Values.mtls.workloads }}
{{- $path := printf "mtls.workloads[%d]" $i }}
{{- $name := printf "%s/%s" $workload.namespace $workload.name }}
{{- $selector := printf "%s/%s" $workload.namespace (toJson $workload.selector) }}
{{- with get $names $name }}
- {{ $path }}.name: {{ $workload.name | quote }} is also the name of {{ . }} in namespace {{ $workload.namespace }}; names are used once
{{- end }}
{{- with get $selectors $selector }}
- {{ $path }}.selector: is also that of {{ . }}, and Istio looks at the older policy only; make one workload of the two
{{- end }}
{{- range $host := $workload.hosts }}
{{- with get $hosts $host }}
- {{ $path }}.hosts: {{ $host | quote }} is also in {{ . }}; a Service leads to one workload
{{- end }}
{{- $_ := set $hosts $host $path }}
{{- end }}
{{- $_ := set $names $name $path }}
{{- $_ := set $selectors $selector $path }}
{{- end }}
{{- end }}

{{- /*
istio-aws.mtls.behindALBProblems: an ALB that forwards to a Service past the gateway speaks no mutual TLS.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.mtls.behindALBProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.mtls.behindALBProblems" -}}
{{- $root := .root -}}
{{- range $key, $spec := $root.Values.loadBalancers }}
{{- if $spec.enabled }}
{{- range $j, $action := $spec.actions }}
{{- range $k, $to := ($action.forward).to }}
{{- if $to.service }}
{{- range $i, $workload := $root.Values.mtls.workloads }}
{{- range $host := $workload.hosts }}
{{- if hasPrefix (printf "%s.%s.svc." $to.service $root.Release.Namespace) $host }}
{{- $server := include "istio-aws.mtls.serverMode" (dict "root" $root "host" $host) | fromJson }}
{{- if eq ($server.mode | default "") "STRICT" }}
- loadBalancers.{{ $key }}.actions[{{ $j }}].forward.to[{{ $k }}].service: {{ $to.service | quote }} leads to {{ $server.by }}, which is STRICT, and an ALB speaks no mutual TLS; route to it through the gateway, or make that PERMISSIVE
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
