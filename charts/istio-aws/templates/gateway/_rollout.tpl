{{- /* SPDX-License-Identifier: Apache-2.0

How a gateway's pods come and go. A pod that goes still gets requests until the load balancer has heard of it: it sleeps (preStop) while it
works as before, then Istio lets requests in flight end (terminationDrainDuration), and the grace period ends after both.
*/ -}}

{{- /*
istio-aws.gateway.termination: how a pod of a gateway ends.
Takes: dict "root" $ "alias" string.
Returns: YAML {handlers: of preStop, names, sleep: its seconds, -1 when it is not a sleep, drain: as written, "" when nowhere,
  drainSeconds: number, -1 when it is no duration, whole: whether it waits for the last connection instead, grace: seconds}.
Example: {{ $termination := include "istio-aws.gateway.termination" (dict "root" $ "alias" $lb.alias) | fromYaml }}
*/ -}}
{{- define "istio-aws.gateway.termination" -}}
{{- $gateway := index .root.Values .alias -}}
{{- $mesh := (.root.Values.istiod.meshConfig).defaultConfig | default dict -}}
{{- $config := merge (dict) (include "istio-aws.gateway.config" . | fromYaml) $mesh -}}
{{- $env := include "istio-aws.gateway.env" . | fromYaml -}}
{{- $whole := eq (toString $env.EXIT_ON_ZERO_ACTIVE_CONNECTIONS) "true" -}}
{{- $drain := $config.terminationDrainDuration | default "" | toString -}}
{{- if $whole -}}{{- $drain = $env.MINIMUM_DRAIN_DURATION | default "5s" | toString -}}{{- end -}}
{{- $handlers := dict -}}
{{- range $handler, $spec := ($gateway.lifecycle).preStop -}}{{- if $spec -}}{{- $_ := set $handlers $handler $spec -}}{{- end -}}{{- end -}}
handlers: {{ keys $handlers | sortAlpha | toJson }}
sleep: {{ hasKey $handlers "sleep" | ternary (int ($handlers.sleep).seconds) -1 }}
drain: {{ $drain | quote }}
drainSeconds: {{ include "istio-aws.gateway.seconds" (dict "duration" $drain) }}
whole: {{ $whole }}
grace: {{ $gateway.terminationGracePeriodSeconds | default 30 | int }}
{{- end }}

{{- /*
istio-aws.gateway.seconds: a duration as Istio reads it.
Takes: dict "duration" string.
Returns: number of seconds, -1 when it is no duration.
Example: {{ include "istio-aws.gateway.seconds" (dict "duration" "1m30s") }} -> 90
*/ -}}
{{- define "istio-aws.gateway.seconds" -}}
{{- $seconds := 0.0 -}}
{{- $units := dict "h" 3600 "m" 60 "s" 1 "ms" 0.001 -}}
{{- range regexFindAll "[0-9.]+[a-z]+" .duration -1 -}}
{{- $seconds = addf $seconds (mulf (regexFind "^[0-9.]+" . | float64) (get $units (regexFind "[a-z]+$" .))) -}}
{{- end -}}
{{- regexMatch "^([0-9]+([.][0-9]+)?(h|m|s|ms))+$" .duration | ternary $seconds -1 -}}
{{- end }}

{{- /*
istio-aws.gateway.merged: a map of a gateway's values, with its defaults, which Istio's chart takes from below global.
Takes: dict "root" $ "alias" string "key" strategy or podDisruptionBudget.
Returns: YAML map, empty when there is none.
Example: {{ $strategy := include "istio-aws.gateway.merged" (dict "root" $ "alias" $lb.alias "key" "strategy") | fromYaml }}
*/ -}}
{{- define "istio-aws.gateway.merged" -}}
{{- $gateway := index .root.Values .alias -}}
{{- mergeOverwrite (get ($gateway.global | default dict) .key | default dict | deepCopy) (get $gateway .key | default dict) | toYaml -}}
{{- end }}

{{- /*
istio-aws.gateway.replicas: how many pods a gateway has at least, and which value says so.
Takes: dict "root" $ "alias" string.
Returns: YAML {number, path}.
Example: {{ $replicas := include "istio-aws.gateway.replicas" (dict "root" $ "alias" $lb.alias) | fromYaml }}
*/ -}}
{{- define "istio-aws.gateway.replicas" -}}
{{- $gateway := index .root.Values .alias -}}
{{- $autoscaling := $gateway.autoscaling | default dict -}}
{{- if ne (toString $autoscaling.enabled) "false" -}}
{number: {{ hasKey $autoscaling "minReplicas" | ternary $autoscaling.minReplicas 1 }}, path: {{ .alias }}.autoscaling.minReplicas}
{{- else -}}
{number: {{ hasKey $gateway "replicaCount" | ternary $gateway.replicaCount 1 }}, path: {{ .alias }}.replicaCount}
{{- end -}}
{{- end }}

{{- /*
istio-aws.gateway.share: how many pods a number or a percentage is.
Takes: dict "of" number of pods, "share" number or "25%", "up" whether to round up.
Returns: number.
Example: {{ include "istio-aws.gateway.share" (dict "of" 3 "share" "50%" "up" true) }} -> 2
*/ -}}
{{- define "istio-aws.gateway.share" -}}
{{- $share := toString .share -}}
{{- if hasSuffix "%" $share -}}
{{- $product := mul (trimSuffix "%" $share | int) (int .of) -}}
{{- div (.up | ternary (add $product 99) $product) 100 -}}
{{- else -}}
{{- int $share -}}
{{- end -}}
{{- end }}
