{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.ownServiceProblems: an action that forwards to the gateway, whose Services have two ports and which answers for its hosts only.
Takes: dict "path" of the action, "at" of the load balancer, "spec" "action", "services" map whose keys are the gateway's.
Returns: lines.
Example: {{ include "istio-aws.alb.ownServiceProblems" (merge (dict "action" $action) $call) }}
*/ -}}
{{- define "istio-aws.alb.ownServiceProblems" -}}
{{- $own := "" -}}
{{- range $i, $target := (.action.forward).to }}
{{- if hasKey $.services ($target.service | default "") }}
{{- $own = $target.service }}
{{- if not (has (int $target.port) (list 80 15021)) }}
- {{ $.path }}.forward.to[{{ $i }}].port: {{ int $target.port }} is no port of Service {{ $target.service }}, and the controller then changes nothing; use 80
{{- end }}
{{- end }}
{{- end }}
{{- if and $own (not (.action.transforms).host) }}
{{- range .action.hosts }}
{{- if not (include "istio-aws.routes.covered" (dict "host" . "hosts" $.spec.hosts)) }}
- {{ $.path }}.hosts: {{ . | quote }} is not let in by {{ $.at }}.hosts {{ toJson $.spec.hosts }}, so the gateway would answer 404; add it there, or rewrite it in transforms.host
{{- end }}
{{- end }}
{{- end }}
{{- end }}
