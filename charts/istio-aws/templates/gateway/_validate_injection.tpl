{{- /* SPDX-License-Identifier: Apache-2.0

A gateway's pods get their proxy from istiod's injection webhook; without it they keep the image "auto" and never start.
*/ -}}

{{- /*
istio-aws.gateway.injectionProblems: injection is on.
Takes: dict "root" $ "alias" string.
Returns: lines.
Example: {{ include "istio-aws.gateway.injectionProblems" (dict "root" $ "alias" "egressGateway") }}
*/ -}}
{{- define "istio-aws.gateway.injectionProblems" -}}
{{- $label := "sidecar.istio.io/inject" -}}
{{- $labels := (index .root.Values .alias).labels | default dict -}}
{{- if ne (get $labels $label | default "true" | toString) "true" }}
- {{ .alias }}.labels: {{ $label | quote }} is {{ get $labels $label | toString | quote }}, and without injection a gateway has no proxy and its pods keep the image "auto"; remove it
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.revisionProblems: an istiod with a revision injects pods that name it, or one of its tags; the tag "default" stands for
those that name none. In a release without Istio's base, the istiod of another release may inject these.
Takes: dict "root" $ "alias" string.
Returns: lines.
Example: {{ include "istio-aws.gateway.revisionProblems" (dict "root" $ "alias" "egressGateway") }}
*/ -}}
{{- define "istio-aws.gateway.revisionProblems" -}}
{{- $values := .root.Values -}}
{{- $its := (index $values .alias).revision | default "" | toString -}}
{{- if and $values.base.enabled (include "istio-aws.gateway.uninjected" .) }}
- {{ .alias }}.revision: {{ $its | quote }} is not istiod.revision, {{ $values.istiod.revision | toString | quote }}, and no istiod of this release injects the gateway's pods, which keep the image "auto"; set it to that{{ if not $its }}, or istiod.revisionTags to [default]{{ end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.uninjected: whether this release's istiod has a revision and passes a gateway over.
Takes: dict "root" $ "alias" string.
Returns: "true" or "".
Example: {{ if include "istio-aws.gateway.uninjected" (dict "root" $ "alias" $lb.alias) }}
*/ -}}
{{- define "istio-aws.gateway.uninjected" -}}
{{- $istiod := .root.Values.istiod -}}
{{- $revision := (index .root.Values .alias).revision | default "default" | toString -}}
{{- $known := concat (list (toString $istiod.revision)) ($istiod.revisionTags | default list) -}}
{{- if and $istiod.enabled $istiod.revision (not (has $revision $known)) -}}true{{- end -}}
{{- end }}
