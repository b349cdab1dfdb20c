{{- /* SPDX-License-Identifier: Apache-2.0

What Istio has no value of its own for, of single listeners of an NLB's gateway. Envoy knows them by the pods' port.
*/ -}}

{{- /*
istio-aws.gateway.listenerPatches: PROXY protocol, where the load balancer says it, and https as the clients' scheme, where it has ended TLS.
The namespace is matched too: in Istio's root namespace an EnvoyFilter is for pods of every namespace that have its labels.
Takes: dict "root" $ "spec" a value of loadBalancers with ports.
Returns: YAML list under the key patches.
Example: {{ with (include "istio-aws.gateway.listenerPatches" (dict "root" $ "spec" $spec) | fromYaml).patches }}
*/ -}}
{{- define "istio-aws.gateway.listenerPatches" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- $seen := list -}}
patches:
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports }}
{{- if not (has .targetPort $seen) }}
{{- $seen = append $seen .targetPort }}
{{- if ne .proxy "none" }}
  - applyTo: LISTENER_FILTER
    match:
      context: GATEWAY
      proxy: {metadata: {NAMESPACE: {{ $namespace | quote }}}}
      listener: {portNumber: {{ .targetPort | int }}}
    patch:
      operation: INSERT_FIRST
      value:
        name: envoy.filters.listener.proxy_protocol
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
          allow_requests_without_proxy_protocol: {{ eq .proxy "permissive" }}
{{- end }}
{{- if and .tls .plain }}
  - applyTo: NETWORK_FILTER
    match:
      context: GATEWAY
      proxy: {metadata: {NAMESPACE: {{ $namespace | quote }}}}
      listener: {portNumber: {{ .targetPort | int }}, filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}
    patch:
      operation: MERGE
      value:
        name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          scheme_header_transformation: {scheme_to_overwrite: https}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
