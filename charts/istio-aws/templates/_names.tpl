{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.names.loadBalancers: what there can be, each with what follows from its kind.
Takes: nothing.
Returns: YAML, value key -> {kind: alb|nlb, scheme, name: of the Ingress and the Gateway, alias: of the gateway chart}.
Example: {{ range $key, $lb := include "istio-aws.names.loadBalancers" . | fromYaml }}
*/ -}}
{{- define "istio-aws.names.loadBalancers" -}}
albPublic: {kind: alb, scheme: internet-facing, name: alb-public, alias: albPublicGateway}
albInternal: {kind: alb, scheme: internal, name: alb-internal, alias: albInternalGateway}
nlbPublic: {kind: nlb, scheme: internet-facing, name: nlb-public, alias: nlbPublicGateway}
nlbInternal: {kind: nlb, scheme: internal, name: nlb-internal, alias: nlbInternalGateway}
{{- end }}

{{- /*
istio-aws.names.labels: labels of every object that this chart itself renders.
Takes: dict "root" $ "component" string.
Returns: YAML map.
Example: {{ include "istio-aws.names.labels" (dict "root" $ "component" "alb-public") | nindent 4 }}
*/ -}}
{{- define "istio-aws.names.labels" -}}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/part-of: istio-aws
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /*
istio-aws.names.stringMap: a map as the AWS Load Balancer Controller reads it from an annotation.
Takes: dict "map" map of strings.
Returns: "a=1,b=2", sorted by key; a comma or backslash in a value is escaped.
Example: {{ include "istio-aws.names.stringMap" (dict "map" .tags) }}
*/ -}}
{{- define "istio-aws.names.stringMap" -}}
{{- $pairs := list }}
{{- range $key, $value := .map }}
{{- $pairs = append $pairs (printf "%s=%s" $key ($value | replace "\\" "\\\\" | replace "," "\\,")) }}
{{- end }}
{{- join "," $pairs }}
{{- end }}

{{- /*
istio-aws.names.annotations: annotations of every object that this chart itself renders.
Takes: dict "root" $, "own" map of the object's own annotations, which win; left out when it has none.
Returns: YAML map, empty when there are none.
Example: {{ with include "istio-aws.names.annotations" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.names.annotations" -}}
{{- with merge (dict) (.own | default dict) .root.Values.commonAnnotations }}{{ toYaml . }}{{ end }}
{{- end }}
