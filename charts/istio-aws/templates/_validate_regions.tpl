{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.validate.regionProblems: a controller works in one region, and takes nothing of another one or of another partition (China, GovCloud).
User pools may be elsewhere. What was seen first is right: the region itself is in no value.
Takes: dict "path" "spec", "known" dict kept between calls.
Returns: lines.
Example: {{ include "istio-aws.validate.regionProblems" $one }}
*/ -}}
{{- define "istio-aws.validate.regionProblems" -}}
{{- $known := .known -}}
{{- $spec := .spec -}}
{{- $arns := list -}}
{{- range $i, $arn := $spec.tls.certificateArns -}}{{- $arns = append $arns (list (printf "tls.certificateArns[%d]" $i) $arn) -}}{{- end -}}
{{- $arns = append $arns (list "waf.webACLArn" ($spec.waf).webACLArn) -}}
{{- $arns = append $arns (list "tls.clientCertificates.trustStore" ($spec.tls.clientCertificates).trustStore) -}}
{{- $arns = append $arns (list "backend.targetGroupARN" ($spec.backend).targetGroupARN) -}}
{{- range $i, $port := $spec.ports -}}{{- $arns = append $arns (list (printf "ports[%d].targetGroupARN" $i) $port.targetGroupARN) -}}{{- end -}}
{{- range $i, $action := $spec.actions -}}
{{- range $j, $target := ($action.forward).to -}}{{- $arns = append $arns (list (printf "actions[%d].forward.to[%d].targetGroupARN" $i $j) $target.targetGroupARN) -}}{{- end -}}
{{- end -}}
{{- range $arns }}
{{- $path := printf "%s.%s" $.path (first .) }}
{{- $arn := last . | default "" }}
{{- if hasPrefix "arn:" $arn }}
{{- $parts := splitList ":" $arn }}
{{- $wrong := "" }}
{{- range $word, $value := dict "partition" (index $parts 1) "region" (index $parts 3) }}
{{- /* Server certificates of IAM have no region. */ -}}
{{- if and $value (not $wrong) }}
{{- $seen := get $known $word | default (dict "value" $value "path" $path) }}
{{- if ne $seen.value $value }}{{- $wrong = printf "%s %s, and %s is in %s" $word $value $seen.path $seen.value }}{{- end }}
{{- $_ := set $known $word $seen }}
{{- end }}
{{- end }}
{{- with $wrong }}
- {{ $path }}: {{ $arn | quote }} is in {{ . }}; the controller works in one of them, so use one from there
{{- end }}
{{- end }}
{{- end }}
{{- end }}
