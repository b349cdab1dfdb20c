{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.notes.misspeltWarnings: keys of istiod and base that differ from one of Istio's own by letter case only. Istio's charts take any
key without a word; their own are known once they have been rendered, together with those that were given.
Takes: dict "root" $.
Returns: lines.
Example: {{ include "istio-aws.notes.misspeltWarnings" (dict "root" $) }}
*/ -}}
{{- define "istio-aws.notes.misspeltWarnings" -}}
{{- $root := .root -}}
{{- range $chart := list "base" "istiod" }}
{{- $given := index $root.Values $chart }}
{{- $all := (get $root.Subcharts $chart | default dict).Values | default dict }}
{{- range $key, $_ := $given }}
{{- range $own, $_ := $all }}
{{- if and (eq (lower $own) (lower $key)) (not (hasKey $given $own)) }}
- {{ $chart }}.{{ $key }}: is not known to Istio's chart and does nothing; it has {{ $own }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
