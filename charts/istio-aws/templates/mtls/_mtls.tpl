{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.mtls.rootNamespace: Istio's root namespace, where a policy without selector is the mesh's.
Takes: dict "root" $.
Returns: string.
Example: {{ include "istio-aws.mtls.rootNamespace" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.mtls.rootNamespace" -}}
{{- $istiod := .root.Values.istiod -}}
{{- $home := $istiod.enabled | ternary .root.Release.Namespace (($istiod.global).istioNamespace | default (.root.Values.global).istioNamespace | default "istio-system") -}}
{{- ($istiod.meshConfig).rootNamespace | default $home -}}
{{- end }}

{{- /*
istio-aws.mtls.meshWide: whether this release sets the mode of the mesh: it has istiod, and is not the canary of a release that does.
Takes: dict "root" $.
Returns: "true" or "".
Example: {{ if include "istio-aws.mtls.meshWide" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.mtls.meshWide" -}}
{{- if and .root.Values.istiod.enabled (not .root.Values.canaryOf) -}}true{{- end -}}
{{- end }}

{{- /*
istio-aws.mtls.inherited: the mode of workloads that have none of their own.
Takes: dict "root" $ "namespace" string.
Returns: a mode, or nothing when another release sets it.
Example: {{ include "istio-aws.mtls.inherited" (dict "root" $ "namespace" "default") }}
*/ -}}
{{- define "istio-aws.mtls.inherited" -}}
{{- with get .root.Values.mtls.namespaces .namespace -}}{{- . -}}
{{- else -}}{{- if include "istio-aws.mtls.meshWide" . -}}{{- .root.Values.mtls.mode -}}{{- end -}}
{{- end -}}
{{- end }}

{{- /*
istio-aws.mtls.clientTLS: what callers must be told about a workload, since istiod does not do it by itself. It tells them about each pod and port,
with two exceptions: in a namespace whose mode is DISABLE they speak plaintext to every pod, and towards a headless Service they do what is
right for its namespace.
Takes: dict "root" $ "workload" an item of mtls.workloads.
Returns: JSON, mode: of Istio's ClientTLSSettings, ports: number -> such a mode; without those that need not be told.
Example: {{ $clientTLS := include "istio-aws.mtls.clientTLS" (dict "root" $ "workload" .) | fromJson }}
*/ -}}
{{- define "istio-aws.mtls.clientTLS" -}}
{{- $inherited := include "istio-aws.mtls.inherited" (dict "root" .root "namespace" .workload.namespace) -}}
{{- $out := dict -}}
{{- $mode := .workload.mode | default $inherited -}}
{{- $differs := ne (eq $mode "DISABLE") (eq $inherited "DISABLE") -}}
{{- $client := eq $mode "DISABLE" | ternary "DISABLE" "ISTIO_MUTUAL" -}}
{{- if $differs -}}{{- $_ := set $out "mode" $client -}}{{- end -}}
{{- $ports := dict -}}
{{- range $port, $portMode := .workload.ports -}}
{{- if ne (eq $portMode "DISABLE") (eq $mode "DISABLE") -}}
{{- $_ := set $ports $port (eq $portMode "DISABLE" | ternary "DISABLE" "ISTIO_MUTUAL") -}}
{{- end -}}
{{- end -}}
{{- with $ports -}}{{- $_ := set $out "ports" . -}}{{- end -}}
{{- toJson $out -}}
{{- end }}

{{- /*
istio-aws.mtls.clientTLSOfHost: the same for a host; nothing for one that no workload names.
Takes: dict "root" $ "host" string.
Returns: JSON, as istio-aws.mtls.clientTLS.
Example: {{ $clientTLS := include "istio-aws.mtls.clientTLSOfHost" (dict "root" $ "host" $host) | fromJson }}
*/ -}}
{{- define "istio-aws.mtls.clientTLSOfHost" -}}
{{- $clientTLS := "{}" -}}
{{- range .root.Values.mtls.workloads -}}
{{- if has $.host .hosts -}}{{- $clientTLS = include "istio-aws.mtls.clientTLS" (dict "root" $.root "workload" .) -}}{{- end -}}
{{- end -}}
{{- $clientTLS -}}
{{- end }}

{{- /*
istio-aws.mtls.serverMode: what the workload behind a host takes, as far as mtls says it of that workload or its namespace. The mode of the mesh
says nothing of a pod that may have no sidecar, except that DISABLE leaves nobody to take mutual TLS.
Takes: dict "root" $ "host" string.
Returns: JSON, mode and by, the value that says it; nothing when that is open or differs by port.
Example: {{ $server := include "istio-aws.mtls.serverMode" (dict "root" $ "host" $host) | fromJson }}
*/ -}}
{{- define "istio-aws.mtls.serverMode" -}}
{{- $root := .root -}}
{{- $host := .host -}}
{{- $namespace := regexFind "^[^.]+\\.[^.]+\\.svc\\." $host | splitList "." | rest | first | default "" -}}
{{- $mtls := $root.Values.mtls -}}
{{- $out := dict -}}
{{- $inherited := include "istio-aws.mtls.inherited" (dict "root" $root "namespace" $namespace) -}}
{{- if get $mtls.namespaces $namespace -}}
{{- $out = dict "mode" $inherited "by" (printf "mtls.namespaces.%s" $namespace) -}}
{{- else if and $namespace (eq $inherited "DISABLE") -}}
{{- $out = dict "mode" $inherited "by" "mtls.mode" -}}
{{- end -}}
{{- range $i, $workload := $mtls.workloads -}}
{{- if has $host $workload.hosts -}}
{{- $mode := $workload.mode | default $inherited -}}
{{- $out = dict "mode" $mode "by" (printf "mtls.workloads[%d]" $i) -}}
{{- range $workload.ports -}}{{- if ne . $mode -}}{{- $out = dict -}}{{- end -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $out -}}
{{- end }}
