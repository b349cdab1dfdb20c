{{- /* SPDX-License-Identifier: Apache-2.0

The Ingresses of one ALB. Without further ones there is a single one: the actions' rules in their order, then the gateway's. Further ones
come in between, and the controller orders whole Ingresses, so then the actions have an Ingress of their own ahead of all.
*/ -}}

{{- /*
istio-aws.alb.class: the Ingress class, which says who makes the load balancer. That of EKS Auto Mode is this load balancer's own;
classes have no namespace, and neither a name of ours nor a namespace has a dot, so no two releases share one.
Takes: dict "root" $ "lb".
Returns: string.
Example: {{ include "istio-aws.alb.class" (dict "root" $ "lb" $lb) }} -> alb, or alb-public.istio-aws.istio-system
*/ -}}
{{- define "istio-aws.alb.class" -}}
{{- if eq .root.Values.controller "eks-auto-mode" -}}
{{ .lb.name }}.{{ .root.Release.Name }}.{{ .root.Release.Namespace }}
{{- else -}}
alb
{{- end -}}
{{- end }}

{{- /*
istio-aws.alb.rules: rules for hosts and paths with one backend.
Takes: dict "hosts" list, empty for every host, "paths" list, empty for every path, "pathType", "service", "port" its name.
Returns: JSON {rules: [{host, paths: [{path, pathType, service, port}]}]}.
Example: {{ include "istio-aws.alb.rules" (dict "hosts" $hosts "paths" (list "/") "pathType" "Prefix" "service" "a" "port" "http2") | fromJson }}
*/ -}}
{{- define "istio-aws.alb.rules" -}}
{{- $backend := dict "service" .service "port" .port -}}
{{- $paths := list -}}
{{- range .paths -}}{{- $paths = append $paths (merge (dict "path" . "pathType" $.pathType) $backend) -}}{{- end -}}
{{- /* No path at all, for a rule may have five values only, and "/*" is one. */ -}}
{{- if not $paths -}}{{- $paths = list (merge (dict "pathType" "ImplementationSpecific") $backend) -}}{{- end -}}
{{- $rules := list -}}
{{- range .hosts | default (list "") -}}{{- $rules = append $rules (dict "host" . "paths" $paths) -}}{{- end -}}
{{- dict "rules" $rules | toJson -}}
{{- end }}

{{- /*
istio-aws.alb.actionRules: the rules of the actions, in their order. What defaultBackend names is no rule.
Takes: dict "spec".
Returns: JSON {rules, annotations of all of them without prefix}.
Example: {{ $actions := include "istio-aws.alb.actionRules" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.actionRules" -}}
{{- $spec := .spec -}}
{{- $rules := list -}}
{{- $annotations := dict -}}
{{- range $spec.actions -}}
{{- if ne .name $spec.defaultBackend -}}
{{- $hosts := .hosts | default ((.conditions).hostRegex | empty | ternary $spec.hosts list) -}}
{{- $where := dict "hosts" $hosts "paths" .paths "pathType" (.pathType | default "Prefix") "service" .name "port" "use-annotation" -}}
{{- $rules = concat $rules (include "istio-aws.alb.rules" $where | fromJson).rules -}}
{{- $annotations = merge $annotations (include "istio-aws.alb.actionAnnotations" (dict "action" .) | fromJson) -}}
{{- end -}}
{{- end -}}
{{- dict "rules" $rules "annotations" $annotations | toJson -}}
{{- end }}

{{- /*
istio-aws.alb.gatewayBackend: where requests for a Service of the gateway go: there, or shared with a canary's.
Takes: dict "spec" "service" name, "canary" name, empty for none.
Returns: JSON {service, port, annotations}.
Example: {{ include "istio-aws.alb.gatewayBackend" (dict "spec" $spec "service" "a" "canary" "") | fromJson }}
*/ -}}
{{- define "istio-aws.alb.gatewayBackend" -}}
{{- $port := include "istio-aws.alb.portName" . -}}
{{- if .canary -}}
{{- $action := include "istio-aws.alb.canaryAction" (merge (dict "port" $port) .) | fromJson -}}
{{- $annotations := include "istio-aws.alb.actionAnnotations" (dict "action" $action) | fromJson -}}
{{- dict "service" $action.name "port" "use-annotation" "annotations" $annotations | toJson -}}
{{- else -}}
{{- dict "service" .service "port" $port "annotations" dict | toJson -}}
{{- end -}}
{{- end }}

{{- /*
istio-aws.alb.order: place of a further Ingress in the group, ahead of the gateway's when it says nothing.
Takes: dict "spec" "ingress" one of its ingresses.
Returns: number.
Example: {{ include "istio-aws.alb.order" (dict "spec" $spec "ingress" $ingress) }}
*/ -}}
{{- define "istio-aws.alb.order" -}}
{{- if hasKey .ingress "order" }}{{ int .ingress.order }}{{ else }}{{ sub (int .spec.group.order) 1 }}{{ end }}
{{- end }}

{{- /*
istio-aws.alb.ingresses: all Ingresses of one ALB.
Takes: dict "root" $ "spec" "lb".
Returns: JSON {ingresses: [{name, annotations of the controller without prefix, own: other annotations, rules, defaultBackend}]}.
Example: {{ range (include "istio-aws.alb.ingresses" (dict "root" $ "spec" $spec "lb" $lb) | fromJson).ingresses }}
*/ -}}
{{- define "istio-aws.alb.ingresses" -}}
{{- $spec := .spec -}}
{{- $lb := .lb -}}
{{- $gateway := include "istio-aws.gateway.name" (dict "root" .root "alias" .lb.alias) -}}
{{- $every := merge (include "istio-aws.alb.listenerAnnotations" . | fromJson) (include "istio-aws.alb.frontendNLBAnnotations" . | fromJson) -}}
{{- if ne .root.Values.controller "eks-auto-mode" -}}
{{- with $spec.group.name -}}{{- $_ := set $every "group.name" . -}}{{- end -}}
{{- with $spec.tags -}}{{- $_ := set $every "tags" (include "istio-aws.names.stringMap" (dict "map" .)) -}}{{- end -}}
{{- end -}}
{{- $authentication := include "istio-aws.alb.authenticationAnnotations" . | fromJson -}}
{{- $actions := include "istio-aws.alb.actionRules" . | fromJson -}}
{{- $lowest := int $spec.group.order -}}
{{- $further := list -}}
{{- range $ingress := $spec.ingresses -}}
{{- $order := include "istio-aws.alb.order" (dict "spec" $spec "ingress" .) | int -}}
{{- $lowest = min $lowest $order -}}
{{- $canary := "" -}}
{{- with $spec.canary.service -}}{{- $canary = printf "%s-%s" . $ingress.name -}}{{- end -}}
{{- $backend := include "istio-aws.alb.gatewayBackend" (dict "spec" $spec "service" (printf "%s-%s" $gateway .name) "canary" $canary) | fromJson -}}
{{- $where := dict "hosts" (.hosts | default $spec.hosts) "paths" (.paths | default (list "/")) "pathType" (.pathType | default "Prefix") -}}
{{- $annotations := merge (dict "group.order" (toString $order)) $every $backend.annotations -}}
{{- if ne (toString .authenticate) "false" -}}{{- $annotations = merge $annotations $authentication -}}{{- end -}}
{{- $rules := (include "istio-aws.alb.rules" (merge $where $backend) | fromJson).rules -}}
{{- $further = append $further (dict "name" (printf "%s-%s" $lb.name .name) "annotations" $annotations "own" (.annotations | default dict) "rules" $rules) -}}
{{- end -}}
{{- $ahead := list -}}
{{- if and $further $actions.rules -}}
{{- $annotations := merge (dict "group.order" (toString (sub $lowest 1))) $every $authentication $actions.annotations -}}
{{- $ahead = list (dict "name" (printf "%s-actions" $lb.name) "annotations" $annotations "own" dict "rules" $actions.rules) -}}
{{- $actions = dict "rules" list "annotations" dict -}}
{{- end -}}
{{- $backend := include "istio-aws.alb.gatewayBackend" (dict "spec" $spec "service" $gateway "canary" $spec.canary.service) | fromJson -}}
{{- $own := (include "istio-aws.alb.rules" (merge (dict "hosts" $spec.hosts "paths" (list "/") "pathType" "Prefix") $backend) | fromJson).rules -}}
{{- $annotations := merge dict $every $authentication $actions.annotations $backend.annotations (include "istio-aws.alb.loadBalancerAnnotations" . | fromJson) -}}
{{- if $spec.group.name -}}{{- $_ := set $annotations "group.order" (toString (int $spec.group.order)) -}}{{- end -}}
{{- $main := dict "name" $lb.name "annotations" $annotations "own" $spec.annotations "rules" (concat $actions.rules $own) -}}
{{- if eq $spec.defaultBackend "gateway" -}}
{{- $_ := set $main "defaultBackend" (pick $backend "service" "port") -}}
{{- else if ne $spec.defaultBackend "none" -}}
{{- $_ := set $main "defaultBackend" (dict "service" $spec.defaultBackend "port" "use-annotation") -}}
{{- range $spec.actions -}}
{{- if eq .name $spec.defaultBackend -}}{{- $_ := set $main "annotations" (merge $annotations (include "istio-aws.alb.actionAnnotations" (dict "action" .) | fromJson)) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "ingresses" (concat (list $main) $ahead $further) | toJson -}}
{{- end }}
