{{- /* SPDX-License-Identifier: Apache-2.0

Rules that the controller reads from annotations: a backend with the port use-annotation stands for actions.<its name>, with the
conditions and transforms of that name. The controller ignores fields that it does not know, so these names must be its own.
*/ -}}

{{- /*
istio-aws.alb.actionAnnotations: one of the actions.
Takes: dict "action" one of the value's actions.
Returns: JSON map, annotation without prefix -> text.
Example: {{ include "istio-aws.alb.actionAnnotations" (dict "action" $action) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.actionAnnotations" -}}
{{- $a := dict (print "actions." .action.name) (include "istio-aws.alb.action" .) -}}
{{- with .action.conditions -}}{{- $_ := set $a (print "conditions." $.action.name) (include "istio-aws.alb.conditions" (dict "conditions" .)) -}}{{- end -}}
{{- with .action.transforms -}}
{{- $transforms := list -}}
{{- with .host -}}{{- $transforms = append $transforms (dict "type" "host-header-rewrite" "hostHeaderRewriteConfig" (dict "rewrites" .)) -}}{{- end -}}
{{- with .url -}}{{- $transforms = append $transforms (dict "type" "url-rewrite" "urlRewriteConfig" (dict "rewrites" .)) -}}{{- end -}}
{{- $_ := set $a (print "transforms." $.action.name) (toRawJson $transforms) -}}
{{- end -}}
{{- toJson $a -}}
{{- end }}

{{- /*
istio-aws.alb.action: what a rule does.
Takes: dict "action" with fixedResponse, redirect or forward.
Returns: JSON, as the controller reads it.
Example: {{ include "istio-aws.alb.action" (dict "action" $action) }}
*/ -}}
{{- define "istio-aws.alb.action" -}}
{{- with .action.fixedResponse -}}
{{- $config := dict "statusCode" (toString (int .statusCode)) "contentType" (.contentType | default "text/plain") -}}
{{- with .body -}}{{- $_ := set $config "messageBody" . -}}{{- end -}}
{{- dict "type" "fixed-response" "fixedResponseConfig" $config | toRawJson -}}
{{- end -}}
{{- with .action.redirect -}}
{{- $config := merge (dict "statusCode" (printf "HTTP_%d" (int .statusCode))) (omit . "statusCode") -}}
{{- dict "type" "redirect" "redirectConfig" $config | toRawJson -}}
{{- end -}}
{{- with .action.forward -}}
{{- $groups := list -}}
{{- range .to -}}
{{- $group := dict "targetGroupARN" .targetGroupARN -}}
{{- if .service -}}{{- $group = dict "serviceName" .service "servicePort" .port -}}{{- end -}}
{{- if hasKey . "weight" -}}{{- $_ := set $group "weight" .weight -}}{{- end -}}
{{- $groups = append $groups $group -}}
{{- end -}}
{{- $config := dict "targetGroups" $groups -}}
{{- with .stickinessSeconds | int -}}{{- $_ := set $config "targetGroupStickinessConfig" (dict "enabled" true "durationSeconds" .) -}}{{- end -}}
{{- dict "type" "forward" "forwardConfig" $config | toRawJson -}}
{{- end -}}
{{- end }}

{{- /*
istio-aws.alb.conditions: what a request must be besides host and path: all of these.
Takes: dict "conditions" of an action.
Returns: JSON list, as the controller reads it.
Example: {{ include "istio-aws.alb.conditions" (dict "conditions" $action.conditions) }}
*/ -}}
{{- define "istio-aws.alb.conditions" -}}
{{- $all := list -}}
{{- range $name, $values := .conditions.headers -}}
{{- $all = append $all (dict "field" "http-header" "httpHeaderConfig" (dict "httpHeaderName" $name "values" $values)) -}}
{{- end -}}
{{- range $name, $values := .conditions.headerRegex -}}
{{- $all = append $all (dict "field" "http-header" "httpHeaderConfig" (dict "httpHeaderName" $name "regexValues" $values)) -}}
{{- end -}}
{{- with .conditions.hostRegex -}}{{- $all = append $all (dict "field" "host-header" "hostHeaderConfig" (dict "regexValues" .)) -}}{{- end -}}
{{- with .conditions.pathRegex -}}{{- $all = append $all (dict "field" "path-pattern" "pathPatternConfig" (dict "regexValues" .)) -}}{{- end -}}
{{- with .conditions.methods -}}{{- $all = append $all (dict "field" "http-request-method" "httpRequestMethodConfig" (dict "values" .)) -}}{{- end -}}
{{- range $key, $values := .conditions.query -}}
{{- $pairs := list -}}
{{- range $values -}}{{- $pairs = append $pairs (dict "key" $key "value" .) -}}{{- end -}}
{{- $all = append $all (dict "field" "query-string" "queryStringConfig" (dict "values" $pairs)) -}}
{{- end -}}
{{- with .conditions.sourceIPs -}}{{- $all = append $all (dict "field" "source-ip" "sourceIPConfig" (dict "values" .)) -}}{{- end -}}
{{- toRawJson $all -}}
{{- end }}

{{- /*
istio-aws.alb.canaryAction: the gateway's backend while a second release's gateway gets a share.
Takes: dict "spec" "service" the gateway's Service, "port" its port's name, "canary" the other Service.
Returns: an action, as istio-aws.alb.action takes it.
Example: {{ include "istio-aws.alb.canaryAction" (dict "spec" $spec "service" "a" "port" "http2" "canary" "b") | fromJson }}
*/ -}}
{{- define "istio-aws.alb.canaryAction" -}}
{{- $weight := int .spec.canary.weight -}}
{{- $to := list
    (dict "service" .service "port" .port "weight" (sub 100 $weight))
    (dict "service" .canary "port" (int .spec.canary.port) "weight" $weight) -}}
{{- /* AWS wants clients to stay with a group when they are to stay with one of its targets. */ -}}
{{- $sticky := .spec.stickiness.enabled | ternary (int .spec.stickiness.durationSeconds) 0 -}}
{{- dict "name" "gateway" "forward" (dict "to" $to "stickinessSeconds" $sticky) | toJson -}}
{{- end }}
