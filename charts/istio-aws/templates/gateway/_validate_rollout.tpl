{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.gateway.terminationProblems: the grace period is long enough for what a pod does before it ends.
Takes: dict "root" $ "alias" string.
Returns: lines.
Example: {{ include "istio-aws.gateway.terminationProblems" (dict "root" $ "alias" "egressGateway") }}
*/ -}}
{{- define "istio-aws.gateway.terminationProblems" -}}
{{- $termination := include "istio-aws.gateway.termination" . | fromYaml -}}
{{- $sleep := max 0 (int $termination.sleep) -}}
{{- if and $termination.drain (lt (float64 $termination.drainSeconds) 0.0) }}
- {{ .alias }}.podAnnotations["proxy.istio.io/config"]: terminationDrainDuration is {{ $termination.drain | quote }}, which is no duration, here or in istiod.meshConfig.defaultConfig; write it as 30s or 1m30s
{{- else }}
{{- $drain := empty $termination.drain | ternary 5.0 (float64 $termination.drainSeconds) }}
{{- $least := addf $sleep $drain 5 }}
{{- if lt (float64 $termination.grace) $least }}
- {{ .alias }}.terminationGracePeriodSeconds: {{ $termination.grace }} ends pods with requests in flight: preStop takes {{ $sleep }} s and terminationDrainDuration {{ $drain }} s; allowed: {{ ceil $least }} or more
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.deregistrationProblems: a pod outlives what its load balancer still sends to it.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.gateway.deregistrationProblems" $one }}
*/ -}}
{{- define "istio-aws.gateway.deregistrationProblems" -}}
{{- $alias := .lb.alias -}}
{{- $termination := include "istio-aws.gateway.termination" (dict "root" .root "alias" $alias) | fromYaml -}}
{{- if gt (len $termination.handlers) 1 }}
- {{ $alias }}.lifecycle.preStop: has {{ join " and " $termination.handlers }}, and Kubernetes takes one of them; set the other to null
{{- end }}
{{- if not $termination.handlers }}
- {{ $alias }}.lifecycle.preStop: is empty, and a pod would stop taking connections while {{ .path }} still sends them; set it to {sleep: {seconds: {{ include "istio-aws.gateway.propagation" . }}}}
{{- end }}
{{- if not $termination.drain }}
- {{ $alias }}.podAnnotations["proxy.istio.io/config"]: terminationDrainDuration is missing, and requests in flight would have Istio's 5 s; set it, as 30s, here or in istiod.meshConfig.defaultConfig
{{- else if and $termination.handlers (ge (int $termination.sleep) 0) (ge (float64 $termination.drainSeconds) 0.0) (not $termination.whole) (eq .spec.managedBy "controller") }}
{{- $most := addf $termination.sleep $termination.drainSeconds }}
{{- if gt (float64 .spec.deregistrationDelaySeconds) $most }}
- {{ .path }}.deregistrationDelaySeconds: {{ int .spec.deregistrationDelaySeconds }} lets requests run on when the pod has ended: preStop and terminationDrainDuration of {{ $alias }} are {{ $termination.sleep }} + {{ $termination.drainSeconds }} s; allowed: up to {{ floor $most }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.scalingProblems: how many pods there are, and how many may be away.
Takes: dict "root" $ "alias" string.
Returns: lines.
Example: {{ include "istio-aws.gateway.scalingProblems" (dict "root" $ "alias" "egressGateway") }}
*/ -}}
{{- define "istio-aws.gateway.scalingProblems" -}}
{{- $alias := .alias -}}
{{- $gateway := index .root.Values $alias -}}
{{- $autoscaling := $gateway.autoscaling | default dict -}}
{{- $scaled := ne (toString $autoscaling.enabled) "false" -}}
{{- if eq ($gateway.kind | default "Deployment") "DaemonSet" }}
{{- with include "istio-aws.gateway.merged" (merge (dict "key" "strategy") .) | fromYaml }}
- {{ $alias }}.{{ $gateway.strategy | empty | ternary "global." "" }}strategy: {{ toJson . }} is for Deployments, and Kubernetes refuses a DaemonSet that has it; set {{ $alias }}.global.strategy to null and no strategy
{{- end }}
{{- if $scaled }}
- {{ $alias }}.autoscaling.enabled: true has no effect on a DaemonSet, which has one pod on each node; set it to false
{{- end }}
{{- if hasKey $gateway "replicaCount" }}
- {{ $alias }}.replicaCount: {{ $gateway.replicaCount }} is for Deployments, and Kubernetes refuses a DaemonSet that has it; leave it out
{{- end }}
{{- else }}
{{- if $scaled }}
{{- $min := (include "istio-aws.gateway.replicas" . | fromYaml).number | int }}
{{- $max := hasKey $autoscaling "maxReplicas" | ternary $autoscaling.maxReplicas 5 | int }}
{{- if lt $min 1 }}
- {{ $alias }}.autoscaling.minReplicas: {{ $min }} would leave no pod; allowed: 1 or more
{{- end }}
{{- if gt $min $max }}
- {{ $alias }}.autoscaling.minReplicas: {{ $min }} is more than maxReplicas, {{ $max }}; lower it, or raise {{ $alias }}.autoscaling.maxReplicas
{{- end }}
{{- if hasKey $gateway "replicaCount" }}
- {{ $alias }}.replicaCount: {{ $gateway.replicaCount }} has no effect beside autoscaling; set {{ $alias }}.autoscaling.minReplicas, or autoscaling.enabled to false
{{- end }}
{{- end }}
{{- include "istio-aws.gateway.awayProblems" . }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.awayProblems: a rollout leaves pods that work, and a node can be drained.
Takes: dict "root" $ "alias" string of a Deployment.
Returns: lines.
Example: {{ include "istio-aws.gateway.awayProblems" (dict "root" $ "alias" "egressGateway") }}
*/ -}}
{{- define "istio-aws.gateway.awayProblems" -}}
{{- $alias := .alias -}}
{{- $gateway := index .root.Values $alias -}}
{{- $replicas := include "istio-aws.gateway.replicas" . | fromYaml -}}
{{- $number := int $replicas.number -}}
{{- $strategy := include "istio-aws.gateway.merged" (merge (dict "key" "strategy") .) | fromYaml -}}
{{- if eq ($strategy.type | default "RollingUpdate") "Recreate" }}
- {{ $alias }}.strategy.type: Recreate takes every pod away before there is a new one; leave it out
{{- end }}
{{- with $strategy.rollingUpdate }}
{{- $away := hasKey . "maxUnavailable" | ternary .maxUnavailable "25%" }}
{{- $away = include "istio-aws.gateway.share" (dict "of" $number "share" $away "up" false) | int }}
{{- $more := hasKey . "maxSurge" | ternary .maxSurge "25%" }}
{{- $more = include "istio-aws.gateway.share" (dict "of" $number "share" $more "up" true) | int }}
{{- if and (gt $number 0) (ge $away $number) }}
- {{ $alias }}.strategy.rollingUpdate.maxUnavailable: {{ .maxUnavailable }} takes all of {{ $number }} pods ({{ $replicas.path }}) away at once; set it to 0
{{- end }}
{{- if and (eq $away 0) (eq $more 0) (gt $number 0) }}
- {{ $alias }}.strategy.rollingUpdate: maxSurge {{ .maxSurge }} and maxUnavailable {{ .maxUnavailable }} let no pod come and none go; set maxSurge to 25%
{{- end }}
{{- end }}
{{- with include "istio-aws.gateway.merged" (merge (dict "key" "podDisruptionBudget") .) | fromYaml }}
{{- if gt $number 1 }}
{{- if and (hasKey . "minAvailable") (hasKey . "maxUnavailable") }}
- {{ $alias }}.podDisruptionBudget: has minAvailable and maxUnavailable, and Kubernetes takes one of them; set {{ $alias }}.global.podDisruptionBudget to null for minAvailable
{{- else if hasKey . "minAvailable" }}
{{- if ge (include "istio-aws.gateway.share" (dict "of" $number "share" .minAvailable "up" true) | int) $number }}
- {{ $alias }}.podDisruptionBudget.minAvailable: {{ .minAvailable }} of {{ $number }} pods ({{ $replicas.path }}) lets none go, and no node could be drained; lower it
{{- end }}
{{- else if hasKey . "maxUnavailable" }}
{{- if lt (include "istio-aws.gateway.share" (dict "of" $number "share" .maxUnavailable "up" true) | int) 1 }}
- {{ $alias }}.podDisruptionBudget.maxUnavailable: {{ .maxUnavailable }} lets no pod go, and no node could be drained; set it to 1 or more
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.gateway.spreadProblems: what spreads a gateway's pods counts these, and not those of others.
Takes: dict "root" $ "alias" string.
Returns: lines.
Example: {{ include "istio-aws.gateway.spreadProblems" (dict "root" $ "alias" "egressGateway") }}
*/ -}}
{{- define "istio-aws.gateway.spreadProblems" -}}
{{- $alias := .alias -}}
{{- $gateway := index .root.Values $alias -}}
{{- $own := include "istio-aws.gateway.selector" . | fromYaml -}}
{{- $name := include "istio-aws.gateway.name" . -}}
{{- $chart := dict "app.kubernetes.io/name" $name "app.kubernetes.io/part-of" "istio" "sidecar.istio.io/inject" "true" "istio.io/dataplane-mode" "none" -}}
{{- $labels := merge (dict) $own (omit ($gateway.labels | default dict) "sidecar.istio.io/inject") $chart -}}
{{- range $i, $constraint := $gateway.topologySpreadConstraints }}
{{- $path := printf "%s.topologySpreadConstraints[%d].labelSelector" $alias $i }}
{{- $wanted := (.labelSelector).matchLabels | default dict }}
{{- $other := dict }}
{{- range $key, $value := $wanted }}
{{- if ne (toString $value) (get $labels $key | toString) }}{{- $_ := set $other $key $value }}{{- end }}
{{- end }}
{{- $keys := concat (keys $wanted) ($constraint.matchLabelKeys | default list) }}
{{- if $other }}
- {{ $path }}: {{ toJson $other }} is not among the labels of this gateway's pods, {{ toJson $own }}, which it would not spread; set it to these
{{- else if not (or (.labelSelector).matchExpressions (has "app" $keys) (has "istio" $keys) (has "app.kubernetes.io/name" $keys)) }}
- {{ $path }}: {{ .labelSelector | default dict | toJson }} does not tell this gateway's pods from others; add matchLabelKeys: [app, istio]
{{- end }}
{{- end }}
{{- end }}
