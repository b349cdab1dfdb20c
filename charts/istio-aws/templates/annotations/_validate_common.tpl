{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.annotations.commonProblems: annotations that must not be on every object, as they change what an object is.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.annotations.commonProblems" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.annotations.commonProblems" -}}
{{- $never := dict
  "kubernetes.io/ingress.class" "takes every Ingress away from the AWS Load Balancer Controller, and there would be no load balancer"
  "helm.sh/hook" "makes every object a hook, which Helm neither keeps up to date nor deletes with the release" -}}
{{- range $name, $because := $never }}
{{- if hasKey ($.root.Values.commonAnnotations | default dict) $name }}
- commonAnnotations: {{ $name | quote }} {{ $because }}; remove it
{{- end }}
{{- end }}
{{- end }}
