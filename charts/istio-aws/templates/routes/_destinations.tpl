{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.destination: a Service and its port.
Takes: dict "to" map.
Returns: JSON, Istio's Destination.
Example: {{ include "istio-aws.routes.destination" (dict "to" $rule.mirror) | fromJson }}
*/ -}}
{{- define "istio-aws.routes.destination" -}}
{{- $out := dict "host" .to.host "port" (dict "number" (int .to.port)) -}}
{{- with .to.subset -}}{{- $_ := set $out "subset" . -}}{{- end -}}
{{- toJson $out -}}
{{- end }}

{{- /*
istio-aws.routes.to: destinations and their shares.
Takes: dict "to" list.
Returns: JSON list, Istio's HTTPRouteDestination or RouteDestination.
Example: {{ include "istio-aws.routes.to" (dict "to" .to) | fromJsonArray | toYaml | nindent 8 }}
*/ -}}
{{- define "istio-aws.routes.to" -}}
{{- $out := list -}}
{{- range .to -}}
{{- $one := dict "destination" (include "istio-aws.routes.destination" (dict "to" .) | fromJson) -}}
{{- if hasKey . "weight" -}}{{- $_ := set $one "weight" (int .weight) -}}{{- end -}}
{{- $out = append $out $one -}}
{{- end -}}
{{- toJson $out -}}
{{- end }}

{{- /*
istio-aws.routes.trafficPolicy: how the gateways talk to one destination. Where it says nothing about TLS, what mtls.workloads has for that
host holds: a DestinationRule of the gateways' namespace hides the one that tells the rest of the mesh.
Takes: dict "root" $ "host" string "spec" a value of destinations.
Returns: YAML, Istio's TrafficPolicy, or nothing.
Example: {{ with include "istio-aws.routes.trafficPolicy" (dict "root" $ "host" $host "spec" $spec) }}
*/ -}}
{{- define "istio-aws.routes.trafficPolicy" -}}
{{- $out := dict -}}
{{- with .spec.connectionPool -}}
{{- $tcp := dict -}}
{{- $http := dict -}}
{{- with .maxConnections -}}{{- $_ := set $tcp "maxConnections" (int .) -}}{{- end -}}
{{- with .connectTimeoutSeconds -}}{{- $_ := set $tcp "connectTimeout" (include "istio-aws.routes.seconds" (dict "seconds" .)) -}}{{- end -}}
{{- with .idleTimeoutSeconds -}}{{- $_ := set $tcp "idleTimeout" (include "istio-aws.routes.seconds" (dict "seconds" .)) -}}{{- end -}}
{{- with .maxPendingRequests -}}{{- $_ := set $http "http1MaxPendingRequests" (int .) -}}{{- end -}}
{{- with .maxRequests -}}{{- $_ := set $http "http2MaxRequests" (int .) -}}{{- end -}}
{{- if hasKey . "maxRequestsPerConnection" -}}{{- $_ := set $http "maxRequestsPerConnection" (int .maxRequestsPerConnection) -}}{{- end -}}
{{- $pool := dict -}}
{{- with $tcp -}}{{- $_ := set $pool "tcp" . -}}{{- end -}}
{{- with $http -}}{{- $_ := set $pool "http" . -}}{{- end -}}
{{- $_ := set $out "connectionPool" $pool -}}
{{- end -}}
{{- with .spec.outlierDetection -}}
{{- $outlier := dict -}}
{{- if hasKey . "consecutive5xx" -}}{{- $_ := set $outlier "consecutive5xxErrors" (int .consecutive5xx) -}}{{- end -}}
{{- with .intervalSeconds -}}{{- $_ := set $outlier "interval" (include "istio-aws.routes.seconds" (dict "seconds" .)) -}}{{- end -}}
{{- with .baseEjectionSeconds -}}{{- $_ := set $outlier "baseEjectionTime" (include "istio-aws.routes.seconds" (dict "seconds" .)) -}}{{- end -}}
{{- if hasKey . "maxEjectionPercent" -}}{{- $_ := set $outlier "maxEjectionPercent" (int .maxEjectionPercent) -}}{{- end -}}
{{- $_ := set $out "outlierDetection" $outlier -}}
{{- end -}}
{{- with .spec.loadBalancing -}}{{- $_ := set $out "loadBalancer" (dict "simple" .) -}}{{- end -}}
{{- if .spec.tls -}}
{{- $tls := dict "mode" .spec.tls.mode -}}
{{- with .spec.tls.sni -}}{{- $_ := set $tls "sni" . -}}{{- end -}}
{{- with .spec.tls.secret -}}{{- $_ := set $tls "credentialName" . -}}{{- end -}}
{{- $_ := set $out "tls" $tls -}}
{{- else -}}
{{- $clientTLS := include "istio-aws.mtls.clientTLSOfHost" . | fromJson -}}
{{- $ports := list -}}
{{- /* Settings of a port stand in place of the destination's, so they repeat them. */ -}}
{{- range $port, $mode := $clientTLS.ports -}}
{{- $ports = append $ports (merge (dict "port" (dict "number" (int $port)) "tls" (dict "mode" $mode)) (deepCopy $out)) -}}
{{- end -}}
{{- with $clientTLS.mode -}}{{- $_ := set $out "tls" (dict "mode" .) -}}{{- end -}}
{{- with $ports -}}{{- $_ := set $out "portLevelSettings" . -}}{{- end -}}
{{- end -}}
{{- with $out -}}{{- toYaml . -}}{{- end -}}
{{- end }}
